//! The part `ledger`: the way of a payment's news, from the webhook to the stream, one payment at a time. The part
//! `page` has the rest of the way, from the server's word to "Paid".

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use jiff::Timestamp;

use crate::client::Client;
use crate::figure::Figure;
use crate::load::{self, Order};
use crate::stack::Stack;
use crate::streams::Streams;

const PAYMENTS: usize = 200;

/// The times of one payment, in ms.
struct Way {
    /// From the webhook to its answer 200, which follows the commit.
    answered: f64,
    /// From the webhook to the question that arrives at Banq.
    asked: f64,
    /// From the question to Banq's answer.
    provider: f64,
    /// From Banq's answer to the event in the stream: the change's commit, and the stream.
    told: f64,
    /// From the webhook to the event.
    whole: f64,
}

/// Measures this project's server and the one on Node.js.
pub(crate) async fn measure() -> Vec<Figure> {
    let ours = ways(&Stack::Sqlite).await;
    let node = ways(&Stack::Node).await;
    let of = |ways: &[Way], value: fn(&Way) -> f64| ways.iter().map(value).collect::<Vec<_>>();
    let hop = |what, value| {
        Figure::less("ledger", what, "ms", of(&ours, value)).beside("Node.js", of(&node, value))
    };
    vec![
        hop("webhook to 200", |way| way.answered),
        hop("webhook to the question at Banq", |way| way.asked),
        hop("question to Banq's answer", |way| way.provider),
        hop("Banq's answer to the event in the stream", |way| way.told),
        hop("webhook to the event in the stream", |way| way.whole),
    ]
}

async fn ways(stack: &Stack) -> Vec<Way> {
    let running = stack.start();
    let (orders, _) = load::orders(&running, PAYMENTS).await;
    let address = running.servers[0].address;
    let paths = orders.iter().map(|order| (address, format!("/checkouts/{}/events", order.checkout)));
    let streams = Streams::open(paths.collect(), load::PAID).await;
    let client = Client::new(address, 1);
    let mut sent = Vec::new();
    for (number, order) in orders.iter().enumerate() {
        let (wall, start) = (Timestamp::now(), Instant::now());
        load::webhook(&client, &order.payment).await;
        sent.push((wall, start, start.elapsed()));
        streams.until(number + 1, load::PATIENCE).await;
    }

    let simulator = Client::new(running.simulator.address, 1);
    let list = simulator.send(Method::GET, "/simulator/requests", &[], Bytes::new()).await.json();
    let mut questions = HashMap::new();
    for call in list["data"].as_array().expect("a list of requests") {
        let time = |field: &str| call[field].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        let path = call["path"].as_str().unwrap_or_default();
        if let (Some((_, payment)), Some(arrived), Some(answered)) =
            (path.rsplit_once("/payments/"), time("arrivedAt"), time("answeredAt"))
        {
            questions.insert(payment.to_owned(), (arrived, answered));
        }
    }
    let way = |((Order { payment, .. }, (wall, start, answered)), event): ((&Order, _), Option<Instant>)| {
        let (wall, start, answered): (Timestamp, Instant, Duration) = (wall, start, answered);
        let (arrived, replied) = questions.get(payment)?;
        let whole = millis(event?.checked_duration_since(start)?);
        let until_reply = between(wall, *replied);
        Some(Way {
            answered: millis(answered),
            asked: between(wall, *arrived),
            provider: between(*arrived, *replied),
            told: whole - until_reply,
            whole,
        })
    };
    orders.iter().zip(sent).zip(streams.times()).filter_map(way).collect()
}

fn between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() * 1_000.0
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

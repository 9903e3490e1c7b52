//! One run: makes orders with a link and an open stream each, sends a signed webhook for each, and measures from the
//! moment when the webhook is due to the event in the stream.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use banq_testkit::{WEBHOOK_PATH, WEBHOOK_SECRET};
use futures_util::StreamExt;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Client;
use crate::figure::quantile;
use crate::stack::{KEY, Running, Stack};
use crate::streams::Streams;

/// Connections by which webhooks arrive; as many wait at full load.
const CONNECTIONS: usize = 32;

/// The event in a stream.
pub(crate) const PAID: &str = "\"status\":\"paid\"";

/// How long a run waits for an event after the one before.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How much is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) payments: usize,
    /// Webhooks a second; `None`: the next as soon as one of those under way is answered.
    pub(crate) rate: Option<u32>,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Orders with a link, a second.
    pub(crate) links_per_second: f64,
    /// Events at the streams, a second.
    pub(crate) events_per_second: f64,
    /// The events that came.
    pub(crate) events: usize,
    /// From the webhook's due moment to the event, in ms.
    pub(crate) median: f64,
    /// The time in ms that one event in a hundred exceeds.
    pub(crate) p99: f64,
    /// The median of the last tenth of the payments, in ms: far above [`Outcome::median`] if a queue builds up.
    pub(crate) last_median: f64,
    /// Processor time of the servers for everything, in ms a payment.
    pub(crate) processor_ms: f64,
    /// Memory of an open stream, in KiB.
    pub(crate) kib_per_stream: f64,
}

/// An order whose payment is accepted at Banq while the server does not know it yet.
pub(crate) struct Order {
    pub(crate) checkout: String,
    pub(crate) payment: String,
}

impl Load {
    /// Starts the stack, and measures.
    pub(crate) async fn on(self, stack: &Stack) -> Outcome {
        let running = stack.start();
        let before = running.processor_time_at_rest().await;
        let started = Instant::now();
        let (orders, links) = orders(&running, self.payments).await;
        let links_per_second = self.payments as f64 / links.duration_since(started).as_secs_f64();
        let idle = running.memory();
        // With several servers, the stream of each payment is open at another one than where its webhook arrives.
        let servers = running.servers.iter().map(|server| server.address).cycle().skip(1);
        let paths = orders.iter().map(|order| format!("/checkouts/{}/events", order.checkout));
        let streams = Streams::open(servers.zip(paths).collect(), PAID).await;
        let kib_per_stream = (running.memory() - idle) / self.payments as f64;

        let sent = self.send(&running, &orders).await;
        streams.until(orders.len(), PATIENCE).await;
        let processor = running.processor_time() - before;
        let times = streams.times();
        let end = times.iter().flatten().max().copied().unwrap_or(sent[0]);
        let took = latencies(&times, &sent);
        let last_tenth = sorted(took[took.len() - took.len() / 10..].to_vec());
        let took = sorted(took);
        Outcome {
            links_per_second,
            events_per_second: took.len() as f64 / end.duration_since(sent[0]).as_secs_f64(),
            events: took.len(),
            median: quantile(&took, 0.5),
            p99: quantile(&took, 0.99),
            last_median: quantile(&last_tenth, 0.5),
            processor_ms: processor * 1_000.0 / self.payments as f64,
            kib_per_stream,
        }
    }

    /// Sends the webhooks; returns when each was due.
    async fn send(self, running: &Running, orders: &[Order]) -> Vec<Instant> {
        let clients: Vec<_> =
            running.servers.iter().map(|server| Client::new(server.address, CONNECTIONS)).collect();
        let sends = clients.iter().cycle().zip(orders);
        if let Some(rate) = self.rate {
            let webhooks = sends.map(|(client, order)| {
                let (client, payment) = (Arc::clone(client), order.payment.clone());
                async move { webhook(&client, &payment).await }
            });
            return at_rate(rate, webhooks).await;
        }
        let answers = futures_util::stream::iter(sends).map(async |(client, order)| {
            let now = Instant::now();
            webhook(client, &order.payment).await;
            now
        });
        answers.buffered(CONNECTIONS).collect().await
    }
}

/// Starts so many of these a second, whatever becomes of those before; returns when each was due.
pub(crate) async fn at_rate<F: Future<Output = ()> + Send + 'static>(
    rate: u32,
    sends: impl Iterator<Item = F>,
) -> Vec<Instant> {
    let begin = tokio::time::Instant::now();
    let mut sent = Vec::new();
    let mut answers = tokio::task::JoinSet::new();
    for (number, send) in sends.enumerate() {
        let due = begin + Duration::from_secs_f64(number as f64 / f64::from(rate));
        tokio::time::sleep_until(due).await;
        sent.push(due.into_std());
        answers.spawn(send);
    }
    answers.join_all().await;
    sent
}

/// Returns the times in ms from each sending to its event, in their order, without those whose event did not come.
pub(crate) fn latencies(events: &[Option<Instant>], sent: &[Instant]) -> Vec<f64> {
    let took = |(event, sent): (&Option<Instant>, &Instant)| {
        Some((*event)?.checked_duration_since(*sent)?.as_secs_f64() * 1_000.0)
    };
    events.iter().zip(sent).filter_map(took).collect()
}

/// Sends the webhook that a payment is completed.
pub(crate) async fn webhook(client: &Client, payment: &str) {
    let body = json!({
        "accountSpaceId": 1,
        "action": "Completed",
        "id": Uuid::new_v4(),
        "resourceId": payment,
        "resourceType": "Payment",
        "createdAtUtc": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string(),
    });
    let body = body.to_string();
    let signature = banq_simulator::sign(WEBHOOK_SECRET, body.as_bytes());
    let header = [(banq_simulator::SIGNATURE_HEADER, &*signature)];
    client.send(Method::POST, WEBHOOK_PATH, &header, body.into()).await.expect_success("webhook");
}

/// Makes orders with a link, whose shoppers have accepted without a webhook. Returns also when the links were there.
pub(crate) async fn orders(running: &Running, count: usize) -> (Vec<Order>, Instant) {
    let simulator = Client::new(running.simulator.address, 16);
    let silent = json!({ "webhooks": { "drop": true } }).to_string();
    simulator.send(Method::POST, "/simulator/scenarios", &[], silent.into()).await.expect_success("scenario");
    let clients: Vec<_> = running.servers.iter().map(|server| Client::new(server.address, 16)).collect();
    let checkouts: Vec<String> = futures_util::stream::iter(0..count)
        .map(|number| link(&clients[number % clients.len()], running.is_ours, number))
        .buffered(16)
        .collect()
        .await;
    let linked = Instant::now();

    let list = simulator.send(Method::GET, "/simulator/payments", &[], Bytes::new()).await.json();
    let text = |payment: &Value, field: &str| payment[field].as_str().unwrap_or_default().to_owned();
    let payments: HashMap<String, String> = list["data"]
        .as_array()
        .expect("a list of payments")
        .iter()
        .map(|payment| (text(payment, "externalOrderCode"), text(payment, "id")))
        .collect();
    let orders: Vec<Order> = checkouts
        .into_iter()
        .enumerate()
        .map(|(number, checkout)| Order { checkout, payment: payments[&order_id(number)].clone() })
        .collect();
    futures_util::stream::iter(&orders)
        .map(async |order| {
            let path = format!("/simulator/payments/{}/accept", order.payment);
            simulator.send(Method::POST, &path, &[], Bytes::new()).await.expect_success("accept");
        })
        .buffered(16)
        .collect::<()>()
        .await;
    (orders, linked)
}

fn order_id(number: usize) -> String {
    format!("o{number}")
}

/// Registers an order, where the server has prices of its own, and asks for its link. Returns the checkout's id.
async fn link(client: &Client, is_ours: bool, number: usize) -> String {
    let id = order_id(number);
    if is_ours {
        let price = json!({ "funds": "2.00", "currency": "USD" }).to_string();
        let key = [("authorization", &*format!("Bearer {KEY}"))];
        client.send(Method::PUT, &format!("/orders/{id}"), &key, price.into()).await.expect_success("order");
    }
    let order = json!({ "orderId": id }).to_string();
    let answer = client.send(Method::POST, "/generate-payment-link", &[], order.into()).await;
    let answer = answer.expect_success("link").json();
    answer["data"]["checkoutId"].as_str().expect("a checkout's id").to_owned()
}

pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::Load;
    use crate::stack::Stack;

    #[tokio::test]
    async fn each_webhook_of_a_load_leads_to_its_event() {
        for rate in [Some(200), None] {
            let outcome = Load { payments: 40, rate }.on(&Stack::Sqlite).await;
            assert_eq!(outcome.events, 40, "{outcome:?}");
            let times = [outcome.median, outcome.p99, outcome.last_median, outcome.processor_ms];
            assert!(times.iter().all(|time| *time > 0.0) && outcome.median <= outcome.p99, "{outcome:?}");
            assert!(outcome.links_per_second > 0.0 && outcome.events_per_second > 0.0, "{outcome:?}");
        }
    }
}

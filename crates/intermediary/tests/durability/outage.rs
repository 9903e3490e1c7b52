//! PostgreSQL itself dies.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use banq_intermediary::Server;
use banq_simulator::Control;
use banq_testkit::{PATIENCE, postgres::Cluster};
use tokio::time::timeout;

use crate::app::TestApp;

/// How many payments are under way when it dies.
const PAYMENTS: usize = 12;

/// Waits until a server's `/readyz` answers so.
async fn ready(app: &TestApp, server: &Server, expected: u16) {
    let wait = async {
        loop {
            let answer = app.http.get(format!("{}/readyz", server.url())).send().await.unwrap();
            if answer.status() == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("/readyz never was {expected}"));
}

/// A stream of a checkout that has said that it is pending.
struct Watch {
    stream: reqwest::Response,
    seen: String,
}

impl Watch {
    async fn begin(app: &TestApp, server: &Server, checkout: &str) -> Self {
        let events = format!("{}/checkouts/{checkout}/events", server.url());
        let stream = app.http.get(events).send().await.unwrap();
        let mut watch = Self { stream, seen: String::new() };
        while !watch.seen.contains("\"status\":\"pending\"") {
            assert!(watch.read().await, "it ended: {}", watch.seen);
        }
        watch
    }

    /// False at the end, which comes by itself after the terminal snapshot.
    async fn read(&mut self) -> bool {
        let Some(chunk) = self.stream.chunk().await.unwrap() else { return false };
        self.seen.push_str(std::str::from_utf8(&chunk).unwrap());
        true
    }

    async fn until_paid(mut self) {
        while timeout(PATIENCE, self.read()).await.expect("the stream says nothing") {}
        assert!(self.seen.contains("\"status\":\"paid\""), "{}", self.seen);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_are_paid_once_when_postgresql_dies_meanwhile() {
    let mut cluster = Cluster::start();
    let app = TestApp::over(cluster.database().await).await;
    let (here, there) = (app.server().await, app.server().await);
    let mut checkouts = HashMap::new();
    for number in 0..PAYMENTS {
        let instance = if number % 2 == 0 { &here } else { &there };
        let order = number.to_string();
        let (checkout, payment) = app.open(&instance.url(), &order).await;
        checkouts.insert(order, (checkout, payment));
    }
    // A stream outlives the database, and somebody waits at both of them.
    let watched = &checkouts["0"].0;
    let watches = [Watch::begin(&app, &here, watched).await, Watch::begin(&app, &there, watched).await];
    // It dies between the questions and what comes of them: some answers are known, some are not asked for yet.
    app.banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 100);
    let before = app.banq.requests().len();
    for (_, payment) in checkouts.values() {
        app.banq.accept(*payment).await.unwrap();
    }
    let asked = |banq: &Control| banq.requests().len() > before + PAYMENTS / 2;
    timeout(PATIENCE, app.banq.wait_until(asked)).await.unwrap();
    cluster.kill();
    assert!(app.shop.told().len() < PAYMENTS, "it died too late");

    tokio::join!(ready(&app, &here, 503), ready(&app, &there, 503));
    let refuses = async |server: &Server| {
        let url = server.url();
        let (taken, link, read) = tokio::join!(
            app.send_webhook(&url),
            app.ask(&url, "another"),
            app.http.get(format!("{url}/checkouts/{}", checkouts["0"].0)).send(),
        );
        assert_eq!(taken, (503, "application/problem+json".to_owned()), "what is not on disk is not taken");
        let (status, problem) = link.unwrap();
        assert_eq!((status, &problem["code"]), (503, &"unavailable".into()), "{problem}");
        let read = read.unwrap();
        assert_eq!((read.status().as_u16(), read.headers().contains_key("retry-after")), (503, true));
        let health = app.http.get(format!("{url}/healthz")).send().await.unwrap();
        assert_eq!(health.status(), 200, "it lives, and waits");
    };
    tokio::join!(refuses(&here), refuses(&there));

    cluster.restart();
    app.banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 0);
    tokio::join!(ready(&app, &here, 200), ready(&app, &there, 200));
    for (checkout, _) in checkouts.values() {
        app.becomes(&here.url(), checkout, "paid").await;
    }
    for watch in watches {
        watch.until_paid().await;
    }
    // One of the two writes that the next one is paid; the other one hears of it only if it listens again.
    let (next, payment) = app.open(&there.url(), "next").await;
    let watches = [Watch::begin(&app, &here, &next).await, Watch::begin(&app, &there, &next).await];
    app.banq.accept(payment).await.unwrap();
    for watch in watches {
        watch.until_paid().await;
    }
    let orders: HashSet<String> = checkouts.keys().cloned().chain(["next".to_owned()]).collect();
    app.shop
        .told_until(|told| {
            told.iter().map(|told| &told.order_id).collect::<HashSet<_>>().len() == orders.len()
        })
        .await;
    here.stop().await;
    there.stop().await;

    let mut ids: HashMap<String, HashSet<String>> = HashMap::new();
    for told in app.shop.told() {
        assert_eq!(told.kind, "order.paid", "{told:?}");
        ids.entry(told.order_id).or_default().insert(told.id);
    }
    assert_eq!(ids.keys().cloned().collect::<HashSet<_>>(), orders);
    assert!(ids.values().all(|ids| ids.len() == 1), "one notification each: {ids:?}");
    let operator = app.operator().await;
    for order in &orders {
        let of_order = operator.checkouts(Some(order), 10).await.unwrap();
        let (_, history) = operator.checkout(&of_order[0].checkout_id).await.unwrap();
        let paid = history.iter().filter(|line| line.status == "paid").count();
        assert_eq!((of_order.len(), paid), (1, 1), "{order}: {history:?}");
    }
    assert_eq!(operator.notifications(None, 100).await.unwrap().len(), orders.len());
    assert_eq!(operator.dead_letters(100).await.unwrap(), []);
}

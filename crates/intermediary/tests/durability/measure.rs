//! Measures the figures of `docs/scaling.md`, run by `cargo xtask measure`. The simulator, the shop and the shoppers
//! share the machine with the server that is measured.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use banq_intermediary::Server;
use futures_util::{StreamExt, stream};

use crate::app::{On, TestApp};

/// How many orders are paid at once.
const BURST: u32 = 1_000;

/// How many payments are watched one after the other.
const WATCHED: u32 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "figures for people, not a test: cargo xtask measure"]
async fn how_far_it_carries() {
    for (on, instances) in [(On::Sqlite, 1), (On::Postgres, 1), (On::Postgres, 2), (On::Postgres, 4)] {
        measure(on, instances).await;
    }
}

async fn measure(on: On, instances: usize) {
    let app = Arc::new(TestApp::new(on).await);
    let mut servers = Vec::new();
    for _ in 0..instances {
        // As it is in production, not as the other tests tune it.
        let config = banq_intermediary::Config::from_map(&app.settings()).unwrap();
        servers.push(Server::start(config).await.unwrap());
    }
    let urls: Vec<String> = servers.iter().map(Server::url).collect();
    app.send_webhooks_to(&urls[0]);

    let watched = watch(&app, &urls).await;
    let told_before = app.shop.told().len();
    let started = Instant::now();
    let payments: Vec<_> = stream::iter(0..BURST)
        .map(|number| {
            let (app, url) = (Arc::clone(&app), urls[number as usize % urls.len()].clone());
            async move { app.ask(&url, &format!("burst-{number}")).await.unwrap().1 }
        })
        .buffer_unordered(32)
        .map(|link| link["url"].as_str().unwrap().to_owned())
        .collect()
        .await;
    let asked = started.elapsed();
    let ids: Vec<_> = {
        let known: std::collections::HashMap<_, _> =
            app.banq.payments().into_iter().map(|payment| (payment.url, payment.id)).collect();
        payments.iter().map(|url| known[url]).collect()
    };
    let webhooks_before = app.banq.deliveries().len();
    let started = Instant::now();
    for id in ids {
        app.banq.accept(id).await.unwrap();
    }
    let all = told_before + BURST as usize;
    app.shop.told_until(|told| told.len() >= all).await;
    let paid = started.elapsed();
    let webhooks = app.banq.deliveries().len() - webhooks_before;
    println!(
        "{on:?}, {instances} instance(s): {:.0} links/s; {:.0} payments/s and {:.0} webhooks/s until the shop knows; \
         one at a time, from the shopper's yes to the stream's event: p50 {:.1} ms, p99 {:.1} ms",
        f64::from(BURST) / asked.as_secs_f64(),
        f64::from(BURST) / paid.as_secs_f64(),
        webhooks as f64 / paid.as_secs_f64(),
        millis(watched[watched.len() / 2]),
        millis(watched[watched.len() * 99 / 100]),
    );
    for server in servers {
        server.stop().await;
    }
}

/// How long it takes from the shopper's yes to the event in a stream at the last instance, while the webhook
/// goes to the first one.
async fn watch(app: &TestApp, urls: &[String]) -> Vec<Duration> {
    let last = &urls[urls.len() - 1];
    let mut times = Vec::new();
    for number in 0..WATCHED {
        let (checkout, payment) = app.open(&urls[0], &format!("watched-{number}")).await;
        let mut stream = app.http.get(format!("{last}/checkouts/{checkout}/events")).send().await.unwrap();
        let mut seen = String::new();
        let mut started = None;
        while !seen.contains("\"status\":\"paid\"") {
            seen.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
            if started.is_none() {
                started = Some(Instant::now());
                app.banq.accept(payment).await.unwrap();
            }
        }
        times.push(started.unwrap().elapsed());
    }
    times.sort();
    times
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

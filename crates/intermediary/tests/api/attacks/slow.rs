//! Clients that take their time. The server gives up within its own limits; these are set low here, and the
//! tests wait for the close, however long it takes.

use std::time::Duration;

use banq_intermediary::Config;

use super::HOOK;
use crate::helpers::{Raw, TestApp};

fn impatient(config: &mut Config) {
    config.tuning.header_timeout = Duration::from_millis(300);
    config.tuning.body_timeout = Duration::from_millis(300);
    config.limits.idle_timeout = Duration::from_millis(300);
}

#[tokio::test]
async fn half_a_head_is_given_up() {
    let app = TestApp::with(impatient).await;
    for half in ["G", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: "] {
        let answer = Raw::exchange(&app.url, half).await;
        assert!([0, 400, 408].contains(&super::status(&answer)), "{answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_head_that_trickles_in_is_given_up() {
    let app = TestApp::with(impatient).await;
    let mut raw = Raw::connect(&app.url).await;
    raw.send("GET /healthz HTTP/1.1\r\nHost: a\r\n").await;
    // A header every few milliseconds keeps the connection busy, and the server does not fall for it.
    while raw.is_open_after(Duration::from_millis(20)).await {
        raw.send("X-A: b\r\n").await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let app = TestApp::with(impatient).await;
    let answer = Raw::exchange(&app.url, "").await;
    assert!([0, 408].contains(&super::status(&answer)), "{answer}");
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_connection_that_falls_silent_after_a_request_is_closed() {
    let app = TestApp::with(impatient).await;
    let answer = Raw::exchange(&app.url, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(super::status(&answer), 200);
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_webhooks_body_that_never_comes_is_given_up() {
    let app = TestApp::with(impatient).await;
    let answer =
        Raw::exchange(&app.url, format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"))
            .await;
    assert_eq!(super::status(&answer), 400, "{answer}");
    assert_eq!(app.database().await.webhooks().await, 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn link_request_that_trickles_in_is_given_up() {
    let app = TestApp::with(impatient).await;
    let mut raw = Raw::connect(&app.url).await;
    raw.send("POST /generate-payment-link HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n").await;
    raw.send("Content-Length: 10000\r\n\r\n{").await;
    while raw.is_open_after(Duration::from_millis(20)).await {
        raw.send(" ").await;
    }
    assert_eq!(app.database().await.checkouts().await, 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn chunks_that_trickle_in_are_given_up() {
    let app = TestApp::with(impatient).await;
    let mut raw = Raw::connect(&app.url).await;
    raw.send(format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")).await;
    while raw.is_open_after(Duration::from_millis(20)).await {
        raw.send("1\r\nx\r\n").await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_order_without_a_key_is_refused_before_its_body_comes() {
    let app = TestApp::start().await;
    let mut raw = Raw::connect(&app.url).await;
    raw.send("PUT /orders/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n").await;
    // With the patience of a real server: the answer does not wait for the body.
    let head = raw.until("\r\n\r\n").await;
    assert_eq!(super::status(&head), 401, "{head}");
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_stream_is_not_taken_for_a_slow_client() {
    let app = TestApp::with(|config| {
        impatient(config);
        config.tuning.heartbeat = Duration::from_millis(100);
    })
    .await;
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    for _ in 0..6 {
        assert!(events.next_block().await.unwrap().comment.is_some());
    }
    app.control.accept(link.payment).await.unwrap();
    assert_eq!(events.rest().await, [("paid".into(), 2)]);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_holds_up_no_other() {
    let app = TestApp::with(|config| config.tuning.heartbeat = Duration::from_millis(1)).await;
    let link = app.checkout().await;
    let mut raw = Raw::connect(&app.url).await;
    raw.send(format!("GET /checkouts/{}/events HTTP/1.1\r\nHost: a\r\n\r\n", link.checkout)).await;
    raw.until("\r\n\r\n").await;
    // From here on nobody reads it.
    let mut events = app.events(&link.checkout).await;
    app.control.accept(link.payment).await.unwrap();
    assert_eq!(events.rest().await, [("pending".into(), 1), ("paid".into(), 2)]);
    app.assert_healthy().await;
    drop(raw);
}

#[tokio::test]
async fn two_hundred_slow_clients_keep_nobody_out() {
    let app = TestApp::start().await;
    let mut slow = Vec::new();
    for number in 0..200 {
        let mut raw = Raw::connect(&app.url).await;
        let half = match number % 3 {
            0 => String::new(),
            1 => "GET /healthz HTTP/1.1\r\nHost".to_owned(),
            _ => format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{{"),
        };
        raw.send(half).await;
        slow.push(raw);
    }
    app.assert_healthy().await;
    drop(slow);
    app.assert_healthy().await;
}

//! Connections: who gives way to a newcomer, and how long one may lie idle.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::helpers::{API_KEY, TestApp, get, read_to_end, read_until, within_deadline};

/// A connection that was answered and is kept.
async fn idle(app: &TestApp) -> TcpStream {
    let mut socket = app.connect().await;
    assert_eq!(exchange(&mut socket).await, "ok");
    socket
}

/// Asks once more on a connection that is kept.
async fn exchange(socket: &mut TcpStream) -> &'static str {
    socket.write_all(get("/healthz", &[]).as_bytes()).await.unwrap();
    read_until(socket, "ok\n").await;
    "ok"
}

#[tokio::test]
async fn idle_connections_give_way_to_newcomers() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS", "2")], |_| {}).await;
    let (mut first, mut second) = (idle(&app).await, idle(&app).await);
    let mut third = idle(&app).await;
    assert_eq!(read_to_end(&mut first).await, "");
    assert_eq!((exchange(&mut second).await, exchange(&mut third).await), ("ok", "ok"));
}

#[tokio::test]
async fn silent_connections_give_way_to_newcomers() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS", "3")], |_| {}).await;
    let mut silent = app.connect().await;
    let mut slow = app.connect().await;
    slow.write_all(b"POST /generate-payment-link HTTP/1.1\r\nhost: shop\r\ncontent-length: 9\r\n\r\n{")
        .await
        .unwrap();
    let mut kept = idle(&app).await;
    // The idle one first, then the oldest of those that are still to say what they want.
    let mut newcomers = Vec::new();
    for gone in [&mut kept, &mut silent, &mut slow] {
        newcomers.push(idle(&app).await);
        let mut busy = newcomers.last_mut().unwrap();
        busy.write_all(b"G").await.unwrap();
        assert_eq!(read_to_end(gone).await, "");
        busy = newcomers.last_mut().unwrap();
        busy.write_all(get("/healthz", &[]).strip_prefix('G').unwrap().as_bytes()).await.unwrap();
        read_until(busy, "ok\n").await;
        busy.write_all(b"G").await.unwrap();
    }
}

#[tokio::test]
async fn full_address_ends_a_connection_of_its_own() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS_PER_ADDRESS", "1")], |_| {}).await;
    let mut first = idle(&app).await;
    let mut second = idle(&app).await;
    assert_eq!(read_to_end(&mut first).await, "");
    assert_eq!(exchange(&mut second).await, "ok");
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(!metrics.contains("banq_limited_total{outcome=\"idle_connections\"} 0\n"), "{metrics}");
}

#[tokio::test]
async fn newcomer_is_refused_where_all_are_being_answered() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS", "2")], |_| {}).await;
    for order in ["1", "2"] {
        let terms = json!({ "funds": "2.00" });
        app.send(reqwest::Method::PUT, &format!("/orders/{order}"), Some(API_KEY), &terms).await;
    }
    app.simulator.control().update_scenarios(|scenarios| scenarios.api.delay_ms = 30_000);
    let mut asking = Vec::new();
    for order in ["1", "2"] {
        let body = format!("{{\"orderId\":\"{order}\"}}");
        let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
        let mut socket = app.connect().await;
        let request = format!("POST /generate-payment-link HTTP/1.1\r\nhost: shop\r\n{head}\r\n\r\n{body}");
        socket.write_all(request.as_bytes()).await.unwrap();
        asking.push(socket);
        let wanted = asking.len();
        within_deadline(app.simulator.control().wait_until(|control| {
            control.requests().iter().filter(|request| request.path.ends_with("/get-paid-link")).count()
                >= wanted
        }))
        .await;
    }
    let mut third = app.connect().await;
    let text = read_to_end(&mut third).await;
    assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
}

#[tokio::test]
async fn idle_connection_outlives_the_time_for_heads() {
    let app = TestApp::with(&[], |config| config.tuning.header_timeout = Duration::from_millis(300)).await;
    let mut kept = idle(&app).await;
    // Of two clocks that began later, one has run out: the time for a head is over.
    assert_eq!(read_to_end(&mut app.connect().await).await, "");
    assert_eq!(exchange(&mut kept).await, "ok");
    // The next head has no more time than the first.
    kept.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    assert_eq!(read_to_end(&mut kept).await, "");
}

#[tokio::test]
async fn idle_connection_is_closed_after_the_setting() {
    let app = TestApp::with(&[("BANQ_IDLE_TIMEOUT_SECONDS", "1")], |_| {}).await;
    let mut kept = idle(&app).await;
    assert_eq!(exchange(&mut kept).await, "ok");
    assert_eq!(read_to_end(&mut kept).await, "");
}

#[tokio::test]
async fn keep_alive_is_longer_and_heartbeat_shorter_than_balancers() {
    let app = TestApp::with(&[], |config| {
        assert!(config.limits.idle_timeout >= Duration::from_secs(75), "an ALB keeps connections for 60 s");
        assert!(
            config.tuning.heartbeat < Duration::from_secs(10),
            "some balancers close after 10 s of silence"
        );
    })
    .await;
    assert_eq!(app.get("/healthz").await.status(), StatusCode::OK);
}

//! Connections: slow, idle, too many, too large.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpSocket};

use crate::helpers::{API_KEY, TestApp, get, read_to_end, read_until, within_deadline};

#[tokio::test]
async fn trickling_head_and_idle_connection_are_closed() {
    let app = TestApp::with(&[("BANQ_IDLE_TIMEOUT_SECONDS", "1")], |config| {
        config.tuning.header_timeout = Duration::from_millis(300);
    })
    .await;
    let started = Instant::now();
    let mut silent = app.connect().await;
    let mut slow = app.connect().await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: shop\r\nx-a: ").await.unwrap();
    let mut idle = app.connect().await;
    idle.write_all(get("/healthz", &[]).as_bytes()).await.unwrap();
    let trickle = async {
        while slow.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within_deadline(trickle).await;
    assert_eq!(read_to_end(&mut silent).await, "");
    assert!(read_to_end(&mut idle).await.contains("ok\n"));
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(app.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn heads_that_are_too_long_or_have_too_many_lines_are_refused() {
    let app = TestApp::start().await;
    let long = format!("x-long: {}", "a".repeat(40_000));
    let many: Vec<String> = (0..200).map(|number| format!("x-{number}: a")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for headers in [&[long.as_str()][..], &many] {
        let mut socket = app.connect().await;
        let _ = socket.write_all(get("/healthz", headers).as_bytes()).await;
        let text = read_to_end(&mut socket).await;
        assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
    }
    assert_eq!(app.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_client_that_takes_nothing_does_not_hold_its_answers() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ecommerce.js"), vec![b' '; 8 << 20]).unwrap();
    let widget = folder.path().display().to_string();
    let app = TestApp::with(&[("BANQ_WIDGET_DIR", &widget), ("BANQ_MAX_CONNECTIONS", "1")], |config| {
        config.tuning.write_timeout = Duration::from_millis(200);
    })
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut greedy = within_deadline(socket.connect(app.address())).await.unwrap();
    greedy.write_all(get("/widget/ecommerce.js", &[]).as_bytes()).await.unwrap();
    // It has the only place, until it is given up.
    let served = async {
        loop {
            let answer = app.http.get(app.url("/healthz")).header("connection", "close").send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within_deadline(served).await;
}

#[tokio::test]
async fn a_connection_too_many_is_told_so() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS", "2")], |_| {}).await;
    let mut answered = Vec::new();
    for _ in 0..2 {
        // It answers for more than a second, and has begun to.
        let mut socket = app.connect().await;
        socket.write_all(get("/healthz/stream", &[]).as_bytes()).await.unwrap();
        read_until(&mut socket, "data: 0").await;
        answered.push(socket);
    }
    let mut third = app.connect().await;
    let text = read_to_end(&mut third).await;
    assert!(text.starts_with("HTTP/1.1 503 ") && text.ends_with("}"), "{text}");
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["code"], "unavailable");
}

#[tokio::test]
async fn connections_per_address_are_limited_but_not_of_our_proxies() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS_PER_ADDRESS", "1")], |_| {}).await;
    let mut first = app.connect().await;
    let _second = app.connect().await;
    assert_eq!(read_to_end(&mut first).await, "", "it had said nothing, and gave way");
    let settings = [("BANQ_MAX_CONNECTIONS_PER_ADDRESS", "1"), ("BANQ_TRUSTED_PROXIES", "127.0.0.0/8")];
    let app = TestApp::with(&settings, |_| {}).await;
    let mut first = app.connect().await;
    assert_eq!(app.get("/healthz").await.status(), 200);
    first.write_all(get("/healthz", &[]).as_bytes()).await.unwrap();
    read_until(&mut first, "ok\n").await;
}

#[tokio::test]
async fn link_requests_per_address_are_limited_but_not_the_shops() {
    let app =
        TestApp::with(&[("BANQ_LINKS_PER_MINUTE", "8"), ("BANQ_TRUSTED_PROXIES", "127.0.0.1")], |_| {}).await;
    let terms = json!({ "funds": 2, "comment": "Tea" });
    app.send(Method::PUT, "/orders/1", Some(API_KEY), &terms).await;
    let ask = async |from: &str, key: &str| {
        let request = app.http.post(app.url("/generate-payment-link")).json(&json!({ "orderId": 1 }));
        request.header("x-forwarded-for", from).bearer_auth(key).send().await.unwrap()
    };
    for _ in 0..3 {
        assert!(ask("203.0.113.1", "").await.status().is_success());
    }
    let refused = ask("203.0.113.1", "a guess").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=8).contains(&wait));
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "too_many_requests");
    assert!(ask("203.0.113.2", "").await.status().is_success());
    assert!(ask("203.0.113.1", API_KEY).await.status().is_success());
}

//! Methods, types, hosts and protocols that are not what they seem.

use reqwest::Method;
use serde_json::json;

use super::{HOOK, answers, status};
use crate::helpers::{API_KEY, Answer, Raw, SHOP, TestApp};

#[tokio::test]
async fn odd_methods_are_refused() {
    let app = TestApp::start().await;
    for method in
        ["TRACE", "TRACK", "DEBUG", "PROPFIND", "DELETE", "PATCH", "get", "Post", "A".repeat(5000).as_str()]
    {
        for path in ["/healthz", "/generate-payment-link", HOOK, "/orders/1"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: a\r\nX-Secret: xyzzy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let answer = Raw::exchange(&app.url, request).await;
            // The one place where it is a method: for the shop, with its key.
            let refusals: &[u16] = match (method, path) {
                ("DELETE", "/orders/1") => &[401],
                _ => &[400, 405, 414, 431],
            };
            assert!(refusals.contains(&status(&answer)), "{method} {path}: {answer}");
            assert!(!answer.contains("X-Secret") && !answer.contains("xyzzy"), "nothing is echoed: {answer}");
        }
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn the_server_is_no_proxy() {
    let app = TestApp::start().await;
    let banq = app.banq_address();
    for request in [
        format!("CONNECT {banq} HTTP/1.1\r\nHost: {banq}\r\nConnection: close\r\n\r\n"),
        format!("GET http://{banq}/simulator/payments HTTP/1.1\r\nHost: {banq}\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = Raw::exchange(&app.url, request).await;
        assert!([400, 404, 405].contains(&status(&answer)), "{answer}");
    }
    assert!(app.control.requests().is_empty());
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_method_override_is_not_obeyed() {
    let app = TestApp::start().await;
    let key = format!("Bearer {API_KEY}");
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let headers = [("authorization", &*key), ("content-type", "application/json"), (name, "PUT")];
        let answer =
            Answer::read(app.send(Method::POST, "/orders/1?_method=PUT", &headers, "{\"funds\":1}").await)
                .await;
        answer.assert_problem(405, "method_not_allowed");
    }
    assert_eq!(app.database().await.orders().await, 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_head_request_for_a_stream_keeps_no_reader() {
    let app = TestApp::with(|config| config.limits.streams = 1).await;
    let link = app.checkout().await;
    for _ in 0..5 {
        let path = format!("/checkouts/{}/events", link.checkout);
        let answer = Answer::read(app.send(Method::HEAD, &path, &[], "").await).await;
        assert_eq!((answer.status, &*answer.text), (200, ""));
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn link_request_of_another_content_type_is_refused() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    let body = json!({"orderId": "1"}).to_string();
    // The first three are what a form on any page could send without asking.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "text/json",
        "application/jsonx",
        "application",
        "application/xml",
        "",
        "*/*",
        "text/plain, application/json",
    ] {
        app.ask_with(&[("content-type", kind)], body.clone()).await.assert_problem(400, "invalid_json");
    }
    app.ask_with(&[], body.clone()).await.assert_problem(400, "invalid_json");
    let twice = [("content-type", "text/plain"), ("content-type", "application/json")];
    app.ask_with(&twice, body.clone()).await.assert_problem(400, "invalid_json");
    assert!(app.control.payments().is_empty());
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        assert!(app.ask_with(&[("content-type", kind)], body.clone()).await.status < 300);
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_form_that_looks_like_json_is_refused() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    // <form enctype="text/plain"> with a field named {"orderId":"1","x":" and the value "}
    let headers = [("content-type", "text/plain"), ("origin", SHOP)];
    app.ask_with(&headers, "{\"orderId\":\"1\",\"x\":\"=\"}").await.assert_problem(400, "invalid_json");
    assert!(app.control.payments().is_empty());
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_host_header_changes_no_address() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    for name in
        ["host", "x-forwarded-host", "forwarded", "x-original-url", "x-rewrite-url", "x-forwarded-prefix"]
    {
        let value = if name == "forwarded" { "host=attacker.example" } else { "attacker.example" };
        let headers = [(name, value), ("content-type", "application/json")];
        let answer = app.ask_with(&headers, json!({"orderId": "1"}).to_string()).await;
        assert!(answer.data()["eventsUrl"].as_str().unwrap().starts_with(&app.url), "{name}: {answer:?}");
        assert!(!answer.text.contains("attacker"));
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn other_protocols_are_refused() {
    let app = TestApp::start().await;
    for (hello, what) in [
        (&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"[..], "HTTP/2"),
        (b"GET /healthz\r\n\r\n", "HTTP/0.9"),
        (b"GET /healthz HTTP/9.9\r\n\r\n", "HTTP/9.9"),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", "TLS"),
        (b"SSH-2.0-OpenSSH_9.0\r\n", "SSH"),
        (b"EHLO a\r\nMAIL FROM:<a@b>\r\n", "SMTP"),
        (b"\0\0\0\0\0\0\0\0", "zeros"),
    ] {
        let answer = Raw::exchange(&app.url, hello).await;
        assert!([0, 400, 505].contains(&status(&answer)), "{what}: {answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_upgrade_is_ignored() {
    let app = TestApp::start().await;
    for upgrade in ["h2c", "websocket", "TLS/1.0"] {
        let request = format!(
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: {upgrade}\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        let answer = Raw::exchange(&app.url, request).await;
        assert_eq!((status(&answer), answers(&answer)), (200, 1), "{answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_question_for_parts_or_other_languages_changes_nothing() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    for headers in [
        [("range", "bytes=0-1"), ("accept", "text/html")],
        [("range", "bytes=0-,0-,0-,0-"), ("accept", "*/*;q=0")],
        [("if-match", "*"), ("if-unmodified-since", "x")],
        [("expect", "200-ok"), ("te", "trailers")],
    ] {
        let answer = app.get(&format!("/checkouts/{}", link.checkout), &headers).await;
        assert_eq!(answer.data()["status"], "pending");
    }
    app.assert_healthy().await;
}

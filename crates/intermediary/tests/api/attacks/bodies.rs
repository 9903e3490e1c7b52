//! Bodies that are too large, too deep, or say two things.

use std::time::Duration;

use serde_json::json;

use super::{HOOK, SOMEBODY, ask_raw, assert_nothing_happened};
use crate::helpers::{Answer, Raw, TestApp};

#[tokio::test]
async fn huge_link_request_is_413() {
    let app = TestApp::start().await;
    let body = json!({"orderId": "1", "comment": "x".repeat(2 << 20)}).to_string();
    let answer = Raw::exchange(
        &app.url,
        format!(
            "POST /generate-payment-link HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{}",
            body.len(),
            &body[..20_000]
        ),
    )
    .await;
    assert_eq!(super::status(&answer), 413, "{answer}");
    assert!(answer.contains("payload_too_large"), "{answer}");
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_huge_webhook_is_413_although_it_is_signed() {
    let app = TestApp::start().await;
    let padding = " ".repeat(64 * 1024);
    let body = format!("{}{padding}", crate::helpers::webhook("Payment", "Completed", SOMEBODY));
    app.send_signed(&body).await.assert_problem(413, "payload_too_large");
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_huge_order_is_413() {
    let app = TestApp::start().await;
    let answer = app.put_order("1", &json!({"funds": 2, "comment": "x".repeat(17_000)})).await;
    answer.assert_problem(413, "payload_too_large");
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_body_without_a_length_is_given_up_at_the_limit() {
    let app = TestApp::start().await;
    for (path, limit) in [("/generate-payment-link", 16 * 1024), (HOOK, 64 * 1024)] {
        let mut raw = Raw::connect(&app.url).await;
        raw.send(format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        ))
        .await;
        let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
        for _ in 0..=limit / 1024 {
            raw.send(&chunk).await;
        }
        // There is no end to it, and yet an answer.
        let answer = raw.until_closed().await;
        assert_eq!(super::status(&answer), 413, "{path}: {answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_length_of_exabytes_reserves_nothing() {
    // Nobody waits for bytes that never come longer than for a slow client's.
    let app = TestApp::with(|config| config.tuning.body_timeout = Duration::from_millis(200)).await;
    for length in
        ["9223372036854775807", "18446744073709551614", "18446744073709551615", "99999999999999999999"]
    {
        let mut raw = Raw::connect(&app.url).await;
        raw.send(format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{{")).await;
        let answer = raw.until_closed().await;
        assert!([400, 413, 431].contains(&super::status(&answer)), "{length}: {answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn deeply_nested_json_is_refused_everywhere() {
    let app = TestApp::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(2000), close.repeat(2000));
        let requests = [
            deep.clone(),
            format!("{{\"orderId\": {deep}}}"),
            format!("{{\"orderId\": \"1\", \"funds\": {deep}}}"),
        ];
        for body in requests {
            let answer = ask_raw(&app, body).await;
            assert!([400, 422].contains(&answer.status), "{answer:?}");
        }
        let unknown_field = format!("{{\"orderId\": \"1\", \"more\": {deep}}}");
        ask_raw(&app, unknown_field).await.assert_problem(404, "order_not_found");
        for body in [deep.clone(), format!("{{\"id\": {deep}}}"), format!("{{\"more\": {deep}}}")] {
            app.send_signed(&body).await.assert_problem(400, "not_a_webhook");
        }
        // The first half of a request, as if it had no end.
        ask_raw(&app, open.repeat(3000)).await.assert_problem(400, "invalid_json");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_key_that_is_there_twice_is_refused() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    // A filter in front may read the one, and this server the other.
    for body in [
        r#"{"orderId": "1", "orderId": "2"}"#,
        r#"{"orderId": "1", "funds": 2, "funds": 1}"#,
        r#"{"orderId": "1", "order\u0049d": "2"}"#,
        r#"{"orderId": "1", "comment": "a", "comment": null}"#,
    ] {
        ask_raw(&app, body).await.assert_problem(400, "invalid_json");
    }
    let key = format!("Bearer {}", crate::helpers::API_KEY);
    let headers = [("authorization", &*key), ("content-type", "application/json")];
    let body = r#"{"funds": 200, "funds": 2}"#;
    let answer = Answer::read(app.send(reqwest::Method::PUT, "/orders/2", &headers, body).await).await;
    answer.assert_problem(400, "invalid_json");
    for field in ["id", "action", "resourceType", "resourceId"] {
        let body = crate::helpers::webhook("Payment", "Completed", SOMEBODY);
        let twice = body.replacen('{', &format!("{{\"{field}\":\"x\","), 1);
        app.send_signed(&twice).await.assert_problem(400, "not_a_webhook");
    }
    assert_eq!(app.database().await.webhooks().await, 0);
    assert_eq!(app.control.payments().len(), 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let app = TestApp::start().await;
    for body in [
        "",
        " ",
        "null",
        "1",
        "\"1\"",
        "[]",
        "true",
        "{",
        "{}}",
        "{'orderId': '1'}",
        "{orderId: 1}",
        "{\"orderId\": \"1\",}",
        "\u{feff}{\"orderId\": \"1\"}",
        "{\"orderId\": \"1\"} x",
        "orderId=1",
        "\0",
    ] {
        let answer = ask_raw(&app, body).await;
        assert!([400, 422].contains(&answer.status), "{body:?}: {answer:?}");
        assert!(!answer.text.contains("line 1") && !answer.text.contains("column"), "{answer:?}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let app = TestApp::start().await;
    // The beginning of a gzip stream: what it would unpack to does not matter.
    let bomb = [&[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3][..], &[0; 1000]].concat();
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        app.ask_with(&headers, bomb.clone()).await.assert_problem(400, "invalid_json");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let app = TestApp::start().await;
    for path in [HOOK, "/generate-payment-link"] {
        let mut raw = Raw::connect(&app.url).await;
        raw.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{{\"id\"")).await;
        raw.say_no_more().await;
        let answer = raw.until_closed().await;
        assert!([0, 400].contains(&super::status(&answer)), "{answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

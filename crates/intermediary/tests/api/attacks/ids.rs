//! Ids that want to be something else: a header, a log line, a path, SQL.

use serde_json::json;

use super::{HOOK, SOMEBODY, ask_raw, assert_nothing_happened};
use crate::helpers::{API_KEY, Log, Raw, TestApp, webhook};

/// Asserts that an order id is refused in the page's request and in the shop's address.
async fn assert_refused(app: &TestApp, id: &str) {
    app.ask(&json!({"orderId": id})).await.assert_problem(422, "invalid_field");
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let answer = app.put_order(&encoded, &json!({"funds": 2})).await;
    answer.assert_problem(422, "invalid_field");
}

#[tokio::test]
async fn crlf_in_an_order_id_is_refused() {
    let app = TestApp::start().await;
    for id in ["1\r\nSet-Cookie: a=b", "1\n", "\r", "1\r\n\r\n<script>", "1\u{85}2"] {
        assert_refused(&app, id).await;
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn nul_in_an_order_id_is_refused() {
    let app = TestApp::start().await;
    for id in ["\0", "1\0", "1\x002", "\0\0\0"] {
        assert_refused(&app, id).await;
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn escapes_and_invisible_characters_in_an_order_id_are_refused() {
    let app = TestApp::start().await;
    // A terminal's escape, line separators, and marks that turn or hide what follows: two orders that look
    // the same to a person, or a log line that reads as another.
    for id in ["1\x1b[2J", "1\x08", "1\u{2028}2", "1\u{202e}2", "1\u{200b}", "\u{feff}1", "1\u{2066}", " 1"] {
        assert_refused(&app, id).await;
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_order_id_that_is_not_utf8_is_refused() {
    let app = TestApp::start().await;
    let answer = app.put_order("%ff%fe", &json!({"funds": 2})).await;
    assert!([404, 422].contains(&answer.status), "{answer:?}");
    for body in [&b"{\"orderId\": \"\xff\"}"[..], b"{\"orderId\": \"\\ud800\"}"] {
        let answer = ask_raw(&app, body.to_vec()).await;
        assert!([400, 422].contains(&answer.status), "{answer:?}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_order_id_that_is_too_long_is_refused() {
    let app = TestApp::start().await;
    assert_refused(&app, &"a".repeat(101)).await;
    assert_refused(&app, &"ä".repeat(500)).await;
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn sql_in_an_order_id_is_only_an_id() {
    let app = TestApp::start().await;
    for id in ["1'; DROP TABLE checkouts; --", "' OR '1'='1", "%", "_", "\"", "1/*", "${7*7}", "{{7*7}}"] {
        let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
        app.register(&encoded, "2").await;
        let link = app.link(id).await;
        assert_eq!(link.status, 201, "{id}");
        app.control.accept(link.payment).await.unwrap();
        app.until(&link.checkout, "paid").await;
        assert_eq!(app.snapshot(&link.checkout).await["orderId"], id);
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn crlf_and_nul_in_a_signed_webhooks_ids_are_refused() {
    let app = TestApp::start().await;
    for id in ["a\r\nb", "a\0b", "\0", "../users/me", "a/b", "a?b", "a%2fb", "a b", "ä", ""] {
        let body = webhook("Payment", "Completed", id);
        app.send_signed(&body).await.assert_problem(400, "not_a_webhook");
        let body =
            json!({"id": id, "action": "Completed", "resourceType": "Payment", "resourceId": SOMEBODY});
        app.send_signed(&body.to_string()).await.assert_problem(400, "not_a_webhook");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn webhooks_control_characters_reach_neither_log_nor_store() {
    let log = Log::start();
    let app = TestApp::start().await;
    let body = webhook("Pay\r\nment", "Comp\x1b[31mleted\0", SOMEBODY);
    assert_eq!(app.send_signed(&body).await.status, 200);
    assert!(log.line(&["unknown webhook", "Payment Comp[31mleted"]).is_some(), "{}", log.text());
    assert!(!log.text().contains('\x1b') && !log.text().contains('\0') && !log.text().contains('\r'));
    assert!(!app.database().await.everything().await.contains(['\x1b', '\0', '\r']));
    app.assert_healthy().await;
}

#[tokio::test]
async fn nul_and_bare_cr_in_headers_are_refused() {
    let app = TestApp::start().await;
    for line in
        ["X-Request-Id: a\0b", "X-Request-Id: a\rSet-Cookie: b", "X\0: a", "X-A\r: b", ": a", "X A: b"]
    {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{line}\r\nConnection: close\r\n\r\n");
        let answer = Raw::exchange(&app.url, request).await;
        assert_eq!(super::status(&answer), 400, "{line:?}: {answer}");
        assert!(!answer.to_lowercase().contains("set-cookie"), "{answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_request_id_cannot_forge_a_header_or_a_log_line() {
    let log = Log::start();
    let app = TestApp::start().await;
    for id in ["a status=200 b", "a\" error=\"none", "a;b", "a\tb", "\u{1f600}", "a,b", "-{x}"] {
        let answer = app.get("/nowhere", &[("x-request-id", id)]).await;
        assert_ne!(answer.header("x-request-id"), Some(id));
        assert!(!log.text().contains(id), "{id}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_api_key_with_a_nul_or_a_line_break_is_refused() {
    let app = TestApp::start().await;
    for key in [format!("{API_KEY}\0"), format!("{API_KEY}\r\n x"), format!("\0{API_KEY}")] {
        let request = format!(
            "PUT /orders/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Content-Length: 11\r\nConnection: close\r\n\r\n{{\"funds\":2}}"
        );
        let answer = Raw::exchange(&app.url, request).await;
        assert!([400, 401].contains(&super::status(&answer)), "{answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn crlf_in_the_address_is_refused() {
    let app = TestApp::start().await;
    for target in ["/healthz\rX: y", "/healthz\0", "/healthz\u{1}", HOOK.trim_start_matches('/')] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert_eq!(super::status(&Raw::exchange(&app.url, request).await), 400, "{target:?}");
    }
    let answer = app.get("/nowhere%0d%0aSet-Cookie:%20a=b", &[]).await;
    answer.assert_problem(404, "not_found");
    assert_eq!(answer.header("set-cookie"), None);
    app.assert_healthy().await;
}

//! Webhooks that are not Banq's.

use banq_simulator::{SIGNATURE_HEADER, sign};
use reqwest::Method;

use super::{HOOK, SOMEBODY};
use crate::helpers::{API_KEY, Answer, PASSWORD, Raw, TestApp, WEBHOOK_SECRET, openssl_mac, webhook};

/// Sends a webhook that says "paid" with a signature made by `forge`; it must change nothing.
async fn assert_refused(app: &TestApp, forge: impl Fn(&[u8]) -> String) {
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    app.settled().await;
    let before = app.database().await.everything().await;
    let body = webhook("Payment", "Completed", &link.payment.to_string());
    let signature = forge(body.as_bytes());
    app.send_webhook(body, &signature).await.assert_problem(401, "invalid_signature");
    assert_eq!(app.database().await.everything().await, before);
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_signature_with_an_empty_key_is_refused() {
    assert_refused(&TestApp::start().await, |body| sign("", body)).await;
}

#[tokio::test]
async fn a_signature_with_another_of_the_shops_secrets_is_refused() {
    let app = TestApp::start().await;
    for secret in [API_KEY, PASSWORD] {
        assert_refused(&app, |body| sign(secret, body)).await;
    }
}

#[tokio::test]
async fn a_signature_with_a_key_that_is_nearly_right_is_refused() {
    let app = TestApp::start().await;
    let shorter = &WEBHOOK_SECRET[..WEBHOOK_SECRET.len() - 1];
    let padded = format!("{WEBHOOK_SECRET}\n");
    for secret in [shorter, &padded, &WEBHOOK_SECRET.to_uppercase()] {
        assert_refused(&app, |body| sign(secret, body)).await;
    }
}

#[tokio::test]
async fn a_signature_by_another_hash_with_the_right_key_is_refused() {
    let app = TestApp::start().await;
    for hash in ["-sha1", "-sha512", "-sha224"] {
        assert_refused(&app, |body| openssl_mac(hash, WEBHOOK_SECRET, body)).await;
    }
}

#[tokio::test]
async fn the_right_signature_of_another_webhook_is_refused() {
    let other = webhook("Payment", "Created", SOMEBODY);
    assert_refused(&TestApp::start().await, |_| sign(WEBHOOK_SECRET, other.as_bytes())).await;
}

#[tokio::test]
async fn the_signature_of_the_empty_body_is_refused() {
    assert_refused(&TestApp::start().await, |_| sign(WEBHOOK_SECRET, b"")).await;
}

#[tokio::test]
async fn a_right_signature_hidden_among_wrong_ones_is_refused() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let (right, wrong) = (sign(WEBHOOK_SECRET, body.as_bytes()), sign("wrong", body.as_bytes()));
    for pair in [[&right, &wrong], [&wrong, &right]] {
        let headers = pair.map(|signature| (SIGNATURE_HEADER, signature.as_str()));
        let answer = Answer::read(app.send(Method::POST, HOOK, &headers, body.clone()).await).await;
        answer.assert_problem(401, "invalid_signature");
    }
    assert_eq!(app.database().await.webhooks().await, 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_signature_of_bytes_that_are_no_text_is_refused() {
    let app = TestApp::start().await;
    for junk in [&b"\xff\xfe\xfd"[..], b"\x80", "Ä==".as_bytes()] {
        let mut request = format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\n{SIGNATURE_HEADER}: ").into_bytes();
        request.extend_from_slice(junk);
        request.extend_from_slice(b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        assert_eq!(super::status(&Raw::exchange(&app.url, request).await), 401);
    }
    assert_eq!(app.database().await.webhooks().await, 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn bytes_after_a_signed_body_are_not_a_part_of_it() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let signature = sign(WEBHOOK_SECRET, body.as_bytes());
    let length = body.len();
    let request = format!(
        "POST {HOOK} HTTP/1.1\r\nHost: a\r\n{SIGNATURE_HEADER}: {signature}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    // The bytes after it are a request of their own, which cannot be read.
    let answer = Raw::exchange(&app.url, format!("{request}{{\"action\":\"Completed\"}}\r\n\r\n")).await;
    assert_eq!((super::status(&answer), super::answers(&answer)), (200, 2), "{answer}");
    assert!(answer.contains("HTTP/1.1 400"), "{answer}");
    assert_eq!(app.database().await.webhooks().await, 1);
    app.assert_healthy().await;
}

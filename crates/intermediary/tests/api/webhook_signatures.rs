//! Signatures of webhooks: the right one, and many wrong ones.

use banq_simulator::SIGNATURE_HEADER;
use banq_testkit::WEBHOOK_PATH;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;

use crate::{
    helpers::{Answer, TestApp, WEBHOOK_SECRET, openssl_signature, webhook},
    webhooks::SOMEBODY,
};

#[tokio::test]
async fn the_signature_that_openssl_computes_is_the_expected_one() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let signature = openssl_signature(WEBHOOK_SECRET, body.as_bytes());
    assert_eq!(app.send_webhook(body.clone(), &signature).await.status, 200);
    assert_eq!(signature, banq_simulator::sign(WEBHOOK_SECRET, body.as_bytes()));
    assert_eq!(app.database().await.webhooks().await, 1);
}

#[tokio::test]
async fn the_signature_is_over_the_raw_bytes_whatever_they_are() {
    let app = TestApp::start().await;
    // The same JSON, written in another way, is another body.
    let compact = webhook("Payment", "Completed", SOMEBODY);
    let spaced = compact.replace(',', " ,\r\n\t");
    let signature = openssl_signature(WEBHOOK_SECRET, compact.as_bytes());
    app.send_webhook(spaced.clone(), &signature).await.assert_problem(401, "invalid_signature");
    let signature = openssl_signature(WEBHOOK_SECRET, spaced.as_bytes());
    assert_eq!(app.send_webhook(spaced, &signature).await.status, 200);
}

#[tokio::test]
async fn a_wrong_signature_is_401_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.settled().await;
    let (database, questions) = (app.database().await, app.questions());
    let before = database.everything().await;
    let body = webhook("Payment", "Completed", &link.payment.to_string());
    let right = openssl_signature(WEBHOOK_SECRET, body.as_bytes());
    let forged = openssl_signature("another secret", body.as_bytes());
    let raw = STANDARD.decode(&right).unwrap();
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let other_bits = STANDARD.encode([&raw[..31], &[raw[31] ^ 1]].concat());
    let wrong = [
        ("forged", forged),
        ("empty", String::new()),
        ("truncated text", right[..right.len() - 1].to_owned()),
        ("truncated bytes", STANDARD.encode(&raw[..16])),
        ("no bytes", "=".to_owned()),
        ("one bit off", other_bits),
        ("too long", STANDARD.encode([&raw[..], b"x"].concat())),
        ("twice the right one", format!("{right}{right}")),
        ("a list", format!("{right}, {right}")),
        ("hex", hex),
        ("a prefix", format!("sha256={right}")),
        ("not base64", "not base64 at all!".to_owned()),
        ("url-safe base64", right.replace('+', "-").replace('/', "_").replace('=', "")),
        ("blanks inside", format!("{} {}", &right[..20], &right[20..])),
        ("a hash without a key", STANDARD.encode([0; 32])),
    ];
    for (what, signature) in wrong {
        let answer = app.send_webhook(body.clone(), &signature).await;
        assert_eq!(answer.status, 401, "{what}");
        answer.assert_problem(401, "invalid_signature");
    }
    assert_eq!(database.everything().await, before);
    assert_eq!(app.questions(), questions);
    // The body was a good one all along.
    assert_eq!(app.send_webhook(body, &right).await.status, 200);
}

#[tokio::test]
async fn a_missing_signature_is_401_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let right = openssl_signature(WEBHOOK_SECRET, body.as_bytes());
    let wrong_places: [&[(&str, &str)]; 4] = [
        &[],
        &[("x-banq-webhook-hmac-sha256", &right)],
        &[("authorization", &right)],
        &[("cookie", &format!("{SIGNATURE_HEADER}={right}"))],
    ];
    for headers in wrong_places {
        let answer = Answer::read(app.send(Method::POST, WEBHOOK_PATH, headers, body.clone()).await).await;
        answer.assert_problem(401, "invalid_signature");
    }
    let in_query = format!("{WEBHOOK_PATH}?{SIGNATURE_HEADER}={right}");
    assert_eq!(app.send(Method::POST, &in_query, &[], body).await.status(), 401);
    assert_eq!(app.database().await.webhooks().await, 0);
}

#[tokio::test]
async fn two_signatures_are_401_although_both_are_right() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let right = openssl_signature(WEBHOOK_SECRET, body.as_bytes());
    let headers = [(SIGNATURE_HEADER, &*right), (SIGNATURE_HEADER, &*right)];
    let answer = Answer::read(app.send(Method::POST, WEBHOOK_PATH, &headers, body).await).await;
    answer.assert_problem(401, "invalid_signature");
    assert_eq!(app.database().await.webhooks().await, 0);
}

#[tokio::test]
async fn an_altered_body_is_401_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Declined", SOMEBODY);
    let signature = openssl_signature(WEBHOOK_SECRET, body.as_bytes());
    for altered in [
        body.replace("Declined", "Completed"),
        format!("{body} "),
        format!("\u{feff}{body}"),
        body[..body.len() - 1].to_owned(),
        String::new(),
    ] {
        let answer = app.send_webhook(altered, &signature).await;
        answer.assert_problem(401, "invalid_signature");
    }
    assert_eq!(app.database().await.webhooks().await, 0);
}

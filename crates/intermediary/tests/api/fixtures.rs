//! The golden fixtures on the wire: what the server really sends to Banq, and what it makes of what Banq
//! really answers. The unit tests beside the client hold the types to the same files.

use std::time::Duration;

use serde_json::{Value, json};

use crate::helpers::{TestApp, banq, eventually, provider_link, secret};

const ORDER: &str = "<YOUR-ORDER-ID>";

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_token_request_on_the_wire_is_the_vendors() {
    let (app, wire) = TestApp::on_a_wire_with(|config| {
        banq(config).client_id = "YOUR-CLIENT-ID".into();
        banq(config).username = "YOUR-CLIENT-USERNAME".into();
        banq(config).password = secret("YOUR-CLIENT-PASSWORD");
    })
    .await;
    app.register("1", "2").await;
    // These credentials are not the stand-in's.
    app.ask(&json!({"orderId": "1"})).await.assert_problem(502, "provider_unavailable");
    assert_eq!(wire.bodies("/oauth/token"), [fixture(include_str!("../../fixtures/token-request.json"))]);
}

#[tokio::test]
async fn the_token_of_the_vendors_answer_is_the_one_that_is_sent() {
    let (app, wire) = TestApp::on_a_wire().await;
    wire.forge(|path, answer| {
        if path.ends_with("/oauth/token") {
            answer.body = include_bytes!("../../fixtures/token-answer.json").to_vec();
        }
    });
    app.register("1", "2").await;
    // The simulator does not know that token: it is fetched, sent, refused, fetched once more, and given up.
    app.ask(&json!({"orderId": "1"})).await.assert_problem(502, "provider_unavailable");
    assert_eq!(wire.tokens(), ["Bearer eyJz93a...k4laUWw", "Bearer eyJz93a...k4laUWw"]);
}

#[tokio::test]
async fn the_link_request_on_the_wire_is_the_vendors_without_dates() {
    let (app, wire) = TestApp::on_a_wire_with(|config| config.allow_client_amounts = true).await;
    let answer = app.ask(&json!({"orderId": ORDER, "comment": "string", "funds": 100})).await;
    assert_eq!(answer.status, 201);
    let mut golden = fixture(include_str!("../../fixtures/link-request.json"));
    golden.as_object_mut().unwrap().retain(|field, _| !field.ends_with("Date"));
    // A repeat, should the machine be slow, is the same.
    let sent = wire.bodies("/get-paid-link");
    assert!(!sent.is_empty() && sent.iter().all(|body| *body == golden), "{sent:?}");
}

/// A page that asked for the fixtures' order, and Banq's answers to the letter from now on.
async fn with_answers(payment: &'static str) -> (TestApp, Value) {
    let (app, wire) = TestApp::on_a_wire_with(|config| {
        config.allow_client_amounts = true;
        // Its payment is looked at when the next look is due.
        config.tuning.poll_interval = Duration::from_millis(100);
    })
    .await;
    wire.forge(move |path, answer| {
        if path.ends_with("/get-paid-link") {
            answer.body = include_bytes!("../../fixtures/link-answer.json").to_vec();
        } else if path.ends_with("/payments/9bf48226-79c3-43d2-9be5-264bfef4660d") {
            answer.replace(200, "application/json", payment);
        } else if path.ends_with("/transactions/9bf48226-79c3-43d2-9be5-264bfef4660d") {
            answer.replace(200, "application/json", include_str!("../../fixtures/transaction.json"));
        }
    });
    let answer = app.ask(&json!({"orderId": ORDER, "comment": "string", "funds": 100})).await;
    let data = answer.data().clone();
    (app, data)
}

#[tokio::test]
async fn the_vendors_link_and_payment_are_a_link_and_paid() {
    let (app, link) = with_answers(include_str!("../../fixtures/payment.json")).await;
    assert_eq!(provider_link(&link["url"]), "https://link.banq.com/pay/abc");
    // It says an end in 2021, which a link that was made just now cannot have.
    let end: jiff::Timestamp = link["expiresAt"].as_str().unwrap().parse().unwrap();
    let minutes = end.duration_since(jiff::Timestamp::now()).as_secs() / 60;
    assert!((10..=15).contains(&minutes), "BANQ_LINK_LIFETIME_SECONDS: {link}");
    app.until(link["checkoutId"].as_str().unwrap(), "paid").await;
}

#[tokio::test]
async fn the_vendors_failed_payment_is_failed_with_its_reason() {
    let (app, link) = with_answers(include_str!("../../fixtures/payment-failed.json")).await;
    let checkout = link["checkoutId"].as_str().unwrap();
    app.until(checkout, "failed").await;
    assert_eq!(app.snapshot(checkout).await["failReason"], "insufficient_funds");
}

#[tokio::test]
async fn both_vendor_webhooks_are_accepted_and_find_their_payment() {
    for body in [
        include_str!("../../fixtures/webhook-account-space-id.json"),
        include_str!("../../fixtures/webhook-account-id.json"),
    ] {
        let (app, _) = with_answers(include_str!("../../fixtures/payment.json")).await;
        assert_eq!(app.send_signed(body).await.status, 200);
        let database = app.database().await;
        eventually("the webhook has an outcome", async || {
            let outcomes = database.outcomes().await;
            !outcomes.is_empty() && outcomes.iter().any(Option::is_some)
        })
        .await;
        let stored = database.everything().await;
        assert!(stored.contains("Transaction Created"), "{stored}");
        assert!(stored.contains("banq:c88d829b-c2c1-4c78-9b07-e7667ee399ff"), "{stored}");
    }
}

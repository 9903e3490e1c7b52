//! What goes wrong on purpose.

use std::time::{Duration, Instant};

use banq_simulator::{DeliveryState, Scenarios};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{Merchant, SECRET, login, order};

const SCENARIOS: &str = "/simulator/scenarios";

async fn set(merchant: &Merchant, scenarios: Value) {
    let (status, answer) = merchant.post(SCENARIOS, &scenarios).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn duplicates_have_the_same_id() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    set(&merchant, json!({"webhooks": {"duplicate": 4}})).await;
    merchant.link().await;
    let first = receiver.next().await;
    for _ in 0..4 {
        assert_eq!(receiver.next().await, first);
    }
}

#[tokio::test]
async fn reordered_webhooks_come_last_first() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    set(&merchant, json!({"webhooks": {"reorder": true}})).await;
    let id = merchant.link().await;
    merchant.control.accept(id).await.unwrap();
    let events = receiver.events(4).await;
    assert_eq!(events, ["Payment Created", "Payment Completed", "Transaction Created", "Payment Accepted"]);
}

#[tokio::test]
async fn dropped_webhooks_are_listed_and_can_be_redelivered() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    set(&merchant, json!({"webhooks": {"drop": true}})).await;
    merchant.link().await;
    merchant.wait_until(|control| control.deliveries()[0].state == DeliveryState::Dropped).await;
    assert!(receiver.is_empty());
    merchant.control.redeliver(merchant.control.deliveries()[0].webhook_id).await.unwrap();
    assert_eq!(receiver.next().await.event(), "Payment Created");
}

#[tokio::test]
async fn forged_webhooks_have_a_signature_that_is_not_the_secrets() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    set(&merchant, json!({"webhooks": {"forge": true}})).await;
    merchant.link().await;
    let webhook = receiver.next().await;
    let forged = webhook.signature.clone().unwrap();
    assert_eq!(forged.len(), 44);
    assert_ne!(forged, banq_simulator::sign(SECRET, &webhook.raw));
}

#[tokio::test]
async fn delayed_webhooks_come_late() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    set(&merchant, json!({"webhooks": {"delayMs": 50}})).await;
    let started = Instant::now();
    merchant.link().await;
    receiver.next().await;
    assert!(started.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn webhooks_can_come_before_the_links_own_answer() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    // Far longer than the test's patience: the answer can't win the race.
    set(&merchant, json!({"linkAnswerDelayMs": 60_000})).await;
    tokio::select! {
        id = merchant.link() => panic!("the answer for {id} came first"),
        webhook = receiver.next() => {
            let id = webhook.json["resourceId"].as_str().unwrap().parse().unwrap();
            merchant.control.accept(id).await.unwrap();
        }
    }
    assert_eq!(receiver.events(3).await.last().map(String::as_str), Some("Payment Completed"));
}

#[tokio::test]
async fn the_next_calls_fail_as_told_and_do_nothing() {
    let merchant = Merchant::new().await;
    set(&merchant, json!({"api": {"failNext": 2, "status": 429, "retryAfter": 7}})).await;
    let response = merchant.send(Method::POST, "/api/v1/payments/get-paid-link", &[], &order()).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 429);
    assert!(merchant.control.payments().is_empty());
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 200);
}

#[tokio::test]
async fn a_good_token_can_be_refused_for_a_while() {
    let merchant = Merchant::new().await;
    set(&merchant, json!({"api": {"unauthorizedNext": 1}})).await;
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 401);
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 200);
}

#[tokio::test]
async fn the_api_can_answer_with_a_page_of_html() {
    let merchant = Merchant::new().await;
    set(&merchant, json!({"api": {"html": true}})).await;
    let response = merchant.send(Method::GET, "/api/v1/users/me", &[], &Value::Null).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn the_api_can_be_down_and_slow_apart_from_the_token_endpoint() {
    let merchant = Merchant::new().await;
    set(&merchant, json!({"api": {"down": true, "delayMs": 30}})).await;
    let started = Instant::now();
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 503);
    assert!(started.elapsed() >= Duration::from_millis(30));
    assert_eq!(merchant.post("/oauth/token", &login()).await.0, 200);
    set(&merchant, json!({"auth": {"down": true}, "api": {"down": false}})).await;
    assert_eq!(merchant.post("/oauth/token", &login()).await.0, 503);
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 200);
}

#[tokio::test]
async fn scenarios_are_shown_patched_and_reset() {
    let merchant = Merchant::new().await;
    set(&merchant, json!({"webhooks": {"duplicate": 2}})).await;
    set(&merchant, json!({"api": {"down": true}})).await;
    let (_, shown) = merchant.get(SCENARIOS).await;
    assert_eq!(
        (&shown["data"]["webhooks"]["duplicate"], &shown["data"]["api"]["down"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(merchant.post("/simulator/scenarios?reset=true", &json!({})).await.0, 200);
    assert_eq!(merchant.control.scenarios(), Scenarios::default());
    set(&merchant, json!({"api": {"down": true}})).await;
    merchant.send(Method::DELETE, SCENARIOS, &[], &Value::Null).await;
    assert_eq!(merchant.control.scenarios(), Scenarios::default());
}

#[tokio::test]
async fn an_unknown_scenario_is_named_and_changes_nothing() {
    let merchant = Merchant::new().await;
    let (status, answer) = merchant.post(SCENARIOS, &json!({"webhooks": {"drop": true, "wibble": 1}})).await;
    assert_eq!(status, 422);
    assert!(answer["message"].as_str().unwrap().contains("wibble"));
    assert_eq!(merchant.control.scenarios(), Scenarios::default());
}

//! Asking for payment links.

use std::time::{Duration, Instant};

use banq_simulator::{Config, Status};
use reqwest::Method;
use serde_json::json;

use crate::helpers::{Merchant, Receiver, config, order};

const ID: &str = "0b7ad0c3-9a1c-4fd4-9d5b-0e5c9f0a1b2c";

#[tokio::test]
async fn a_link_is_answered_with_the_address_of_its_payment() {
    let merchant = Merchant::new().await;
    let response = merchant.send(Method::POST, "/api/v1/payments/get-paid-link", &[], &order()).await;
    assert_eq!(response.status(), 201);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let payment = &merchant.control.payments()[0];
    assert_eq!(location, format!("{}v1/payments/{}", merchant.sim.api_url(), payment.id));
    assert_eq!(merchant.get(location.strip_prefix(&merchant.sim.url()).unwrap()).await.0, 200);
    assert!(payment.url.starts_with(&format!("{}/pay/", merchant.sim.url())), "{}", payment.url);
}

#[tokio::test]
async fn links_are_made_of_the_public_address() {
    let public_url = Some("https://banq.test/".to_owned());
    let merchant = Merchant::with(Config { public_url, ..config() }).await;
    merchant.link().await;
    assert!(merchant.control.payments()[0].url.starts_with("https://banq.test/pay/"));
}

#[tokio::test]
async fn funds_are_a_json_number_that_keeps_every_digit() {
    let merchant = Merchant::new().await;
    // More digits than a float keeps; sent as text, since the test's own JSON would go through one.
    let body = order().to_string().replace(r#""funds":2"#, r#""funds":90071992547409.93"#);
    let text = merchant.link_from_text(body).await;
    assert!(text.contains(r#""funds":90071992547409.93,"#), "{text}");
}

#[tokio::test]
async fn an_unacceptable_request_is_422_and_an_unreadable_one_400() {
    let merchant = Merchant::new().await;
    let mut foreign = order();
    foreign["destination"]["banqGuid"] = json!("00000000-0000-4000-8000-000000000000");
    let (status, answer) = merchant.post("/api/v1/payments/get-paid-link", &foreign).await;
    assert_eq!(status, 422);
    assert_eq!(answer["message"], "destination.banqGuid is not a banq of this user.");
    assert_eq!(merchant.post("/api/v1/payments/get-paid-link", &json!("{")).await.0, 400);
    assert!(merchant.control.payments().is_empty());
}

#[tokio::test]
async fn a_repeated_idempotent_id_gets_the_first_answer() {
    let merchant = Merchant::new().await;
    let first = merchant.link_again(ID, &order()).await;
    let mut other = order();
    other["funds"] = json!(999);
    assert_eq!(merchant.link_again(ID, &other).await, first);
    assert_eq!(merchant.control.payments().len(), 1);
    merchant.link_again("7d444840-9dc0-11d1-b245-5ffdce74fad2", &order()).await;
    assert_eq!(merchant.control.payments().len(), 2);
}

#[tokio::test]
async fn a_first_answer_that_refuses_is_repeated_too() {
    let merchant = Merchant::new().await;
    let mut bad = order();
    bad["funds"] = json!(0);
    let first = merchant.link_again(ID, &bad).await;
    assert_eq!(first.0, 422);
    assert_eq!(merchant.link_again(ID, &order()).await, first);
}

#[tokio::test]
async fn ten_at_once_with_one_idempotent_id_make_one_payment() {
    let merchant = Merchant::new().await;
    merchant.control.update_scenarios(|scenarios| scenarios.link_answer_delay_ms = 100);
    let order = order();
    let started = Instant::now();
    let ask = || merchant.link_again(ID, &order);
    let answers = tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
    let (first, second) = (&answers.0, &answers.9);
    assert_eq!((first.0, first), (201, second));
    assert!(started.elapsed() >= Duration::from_millis(100), "a repeat waits for the first answer");
    assert_eq!(merchant.control.payments().len(), 1);
}

#[tokio::test]
async fn an_idempotent_id_that_is_no_guid_is_malformed() {
    let merchant = Merchant::new().await;
    assert_eq!(merchant.link_again("twice", &order()).await.0, 400);
}

#[tokio::test]
async fn nobody_answering_lets_a_link_expire() {
    let mut receiver = Receiver::new().await;
    let webhook = Some(banq_simulator::WebhookConfig::new(&receiver.url, "s"));
    let link_lifetime = Duration::from_millis(50);
    let merchant = Merchant::with(Config { link_lifetime, webhook, ..config() }).await;
    let id = merchant.link().await;
    assert_eq!(receiver.events(2).await, ["Payment Created", "Payment Expired"]);
    assert_eq!(merchant.control.payment(id).unwrap().status, Status::Expired);
    assert_eq!(merchant.act(id, "accept").await.0, 409);
}

#[tokio::test]
async fn what_does_not_exist_is_404_with_a_sentence() {
    let merchant = Merchant::new().await;
    for path in ["payments/00000000-0000-4000-8000-000000000000", "payments/1", "transactions/1", "nothing"] {
        let (status, answer) = merchant.get(&format!("/api/v1/{path}")).await;
        assert_eq!(status, 404, "{path}");
        assert!(answer["message"].as_str().unwrap().starts_with("There is no"));
    }
}

//! What the receiver of webhooks sees.

use banq_simulator::{DeliveryState, Outcome, WebhookConfig};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::helpers::{Merchant, Received, SECRET};

fn is_genuine(webhook: &Received) -> bool {
    let signature = STANDARD.decode(webhook.signature.as_deref().unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&webhook.raw);
    mac.verify_slice(&signature).is_ok()
}

#[tokio::test]
async fn a_good_run_is_told_in_the_documented_order_and_signed() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    let id = merchant.link().await;
    merchant.control.accept(id).await.unwrap();
    let transaction_id = merchant.control.payment(id).unwrap().transaction_id.unwrap();
    for (event, resource) in [
        ("Payment Created", id),
        ("Payment Accepted", id),
        ("Transaction Created", transaction_id),
        ("Payment Completed", id),
    ] {
        let webhook = receiver.next().await;
        assert_eq!(
            (&*webhook.event(), &webhook.json["resourceId"]),
            (event, &Value::from(resource.to_string()))
        );
        assert!(is_genuine(&webhook), "{event}");
    }
}

#[tokio::test]
async fn every_other_end_is_told_too() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    for (actions, events) in [
        (&["decline"][..], &["Payment Declined"][..]),
        (&["cancel"], &["Payment Canceled"]),
        (&["expire"], &["Payment Expired"]),
        (&["hold", "resume"], &["Payment OnHold", "Payment Resumed"]),
        (&["fail"], &["Payment Accepted", "Transaction Failed"]),
    ] {
        let id = merchant.link().await;
        for action in actions {
            assert_eq!(merchant.act(id, action).await.0, 200);
        }
        assert_eq!(receiver.next().await.event(), "Payment Created");
        assert_eq!(receiver.events(events.len()).await, events);
    }
}

#[tokio::test]
async fn refused_webhook_is_retried_before_later_ones() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    receiver.answer(&[500, 404]);
    let id = merchant.link().await;
    merchant.control.decline(id).await.unwrap();
    let events = receiver.events(4).await;
    assert_eq!(events, ["Payment Created", "Payment Created", "Payment Created", "Payment Declined"]);
    let delivered = |delivery: &banq_simulator::Delivery| delivery.state == DeliveryState::Delivered;
    merchant.wait_until(|control| control.deliveries().iter().all(delivered)).await;
    let created = &merchant.control.deliveries()[0];
    let outcomes: Vec<_> = created.attempts.iter().map(|attempt| attempt.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Status(500), Outcome::Status(404), Outcome::Status(200)]);
}

#[tokio::test]
async fn after_all_retries_it_gives_up_and_goes_on_with_the_next() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    let config = WebhookConfig { retry_count: 1, ..WebhookConfig::new(&receiver.url, SECRET) };
    merchant.control.set_webhook(config);
    receiver.answer(&[500, 500]);
    let id = merchant.link().await;
    merchant.control.cancel(id).await.unwrap();
    let events = receiver.events(3).await;
    assert_eq!(events, ["Payment Created", "Payment Created", "Payment Canceled"]);
    assert_eq!(merchant.control.deliveries()[0].state, DeliveryState::GaveUp);
}

#[tokio::test]
async fn a_receiver_that_moved_is_found_again() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    // Nothing listens on port 1.
    merchant.control.set_webhook(WebhookConfig::new("http://127.0.0.1:1/hook", SECRET));
    merchant.link().await;
    merchant.wait_until(|control| !control.deliveries()[0].attempts.is_empty()).await;
    assert!(matches!(merchant.control.deliveries()[0].attempts[0].outcome, Outcome::Error(_)));
    merchant.control.set_webhook(WebhookConfig::new(&receiver.url, SECRET));
    assert_eq!(receiver.next().await.event(), "Payment Created");
}

#[tokio::test]
async fn a_webhook_can_be_redelivered_with_the_same_body() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    merchant.link().await;
    let first = receiver.next().await;
    let webhook_id = first.json["id"].as_str().unwrap();
    let (status, _) =
        merchant.post(&format!("/simulator/webhooks/{webhook_id}/redeliver"), &Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(receiver.next().await, first);
    let unknown = "/simulator/webhooks/00000000-0000-4000-8000-000000000000/redeliver";
    assert_eq!(merchant.post(unknown, &Value::Null).await.0, 404);
}

#[tokio::test]
async fn the_list_shows_each_attempt() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    receiver.answer(&[503]);
    merchant.link().await;
    receiver.events(2).await;
    merchant.wait_until(|control| control.deliveries()[0].attempts.len() == 2).await;
    let (_, list) = merchant.get("/simulator/webhooks").await;
    let delivery = &list["data"][0];
    assert_eq!(delivery["url"], *receiver.url);
    assert_eq!(delivery["attempts"][0]["status"], 503);
    assert_eq!(delivery["attempts"][1]["status"], 200);
    assert!(delivery["attempts"][0]["at"].is_string());
    let body = delivery["body"].as_str().unwrap();
    assert_eq!(delivery["signature"], banq_simulator::sign(SECRET, body.as_bytes()));
}

//! Webhooks that Banq did send, sent again by somebody else.

use banq_simulator::sign;
use serde_json::{Value, json};

use super::SOMEBODY;
use crate::helpers::{Stack, WEBHOOK_SECRET, webhook};

#[tokio::test]
async fn a_webhook_replayed_fifty_times_is_one_success() {
    let stack = Stack::start().await;
    let link = stack.checkout().await;
    stack.control.accept(link.payment).await.unwrap();
    stack.until(&link.checkout, "paid").await;
    stack.settled().await;
    let questions = stack.questions();
    for delivery in stack.control.deliveries() {
        for _ in 0..50 {
            let signature = sign(WEBHOOK_SECRET, delivery.body.as_bytes());
            assert_eq!(stack.send_webhook(delivery.body.clone(), &signature).await.status, 200);
        }
    }
    assert_eq!(stack.database().await.webhooks().await, 4);
    assert_eq!(stack.questions(), questions, "nobody can make this server hammer Banq");
    assert_eq!(stack.snapshot(&link.checkout).await["version"], 2);
    stack.assert_healthy().await;
}

#[tokio::test]
async fn a_replayed_webhook_under_a_new_id_is_refused() {
    let stack = Stack::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let signature = sign(WEBHOOK_SECRET, body.as_bytes());
    assert_eq!(stack.send_webhook(body.clone(), &signature).await.status, 200);
    let mut json: Value = serde_json::from_str(&body).unwrap();
    json["id"] = json!("00000000-0000-4000-8000-000000000000");
    stack.send_webhook(json.to_string(), &signature).await.assert_problem(401, "invalid_signature");
    assert_eq!(stack.database().await.webhooks().await, 1);
    stack.assert_healthy().await;
}

#[tokio::test]
async fn the_success_of_one_order_pays_no_other() {
    let stack = Stack::start().await;
    let (cheap, dear) = (stack.checkout().await, stack.checkout().await);
    stack.control.accept(cheap.payment).await.unwrap();
    stack.until(&cheap.checkout, "paid").await;
    for delivery in stack.control.deliveries() {
        stack.send_signed(&delivery.body).await;
    }
    stack.settled().await;
    assert_eq!(stack.snapshot(&dear.checkout).await["status"], "pending");
    stack.assert_healthy().await;
}

#[tokio::test]
async fn a_webhook_about_a_strangers_payment_asks_nothing_of_banq() {
    let stack = Stack::start().await;
    for _ in 0..20 {
        assert_eq!(stack.send_signed(&webhook("Payment", "Completed", SOMEBODY)).await.status, 200);
    }
    // The worker has looked at them as soon as a later one of ours has come through.
    stack.assert_healthy().await;
    let asked = stack.control.requests().into_iter().filter(|request| request.path.contains(SOMEBODY));
    assert_eq!(asked.count(), 0);
}

#[tokio::test]
async fn old_webhooks_of_a_declined_attempt_do_not_open_it_again() {
    let stack = Stack::start().await;
    let link = stack.checkout().await;
    stack.control.decline(link.payment).await.unwrap();
    stack.until(&link.checkout, "declined").await;
    for action in ["Created", "Accepted", "Completed", "Resumed"] {
        let body = webhook("Payment", action, &link.payment.to_string());
        assert_eq!(stack.send_signed(&body).await.status, 200);
    }
    stack.settled().await;
    let snapshot = stack.snapshot(&link.checkout).await;
    assert_eq!((&snapshot["status"], &snapshot["version"]), (&json!("declined"), &json!(2)));
    stack.assert_healthy().await;
}

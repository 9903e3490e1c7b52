//! Webhooks that Banq did send, sent again by somebody else.

use banq_simulator::sign;
use serde_json::{Value, json};

use super::SOMEBODY;
use crate::helpers::{TestApp, WEBHOOK_SECRET, webhook};

#[tokio::test]
async fn a_webhook_replayed_fifty_times_is_one_success() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    app.settled().await;
    let questions = app.questions();
    for delivery in app.control.deliveries() {
        for _ in 0..50 {
            let signature = sign(WEBHOOK_SECRET, delivery.body.as_bytes());
            assert_eq!(app.send_webhook(delivery.body.clone(), &signature).await.status, 200);
        }
    }
    assert_eq!(app.database().await.webhooks().await, 4);
    assert_eq!(app.questions(), questions, "a stranger cannot make this server hammer Banq");
    assert_eq!(app.snapshot(&link.checkout).await["version"], 2);
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_replayed_webhook_under_a_new_id_is_refused() {
    let app = TestApp::start().await;
    let body = webhook("Payment", "Completed", SOMEBODY);
    let signature = sign(WEBHOOK_SECRET, body.as_bytes());
    assert_eq!(app.send_webhook(body.clone(), &signature).await.status, 200);
    let mut json: Value = serde_json::from_str(&body).unwrap();
    json["id"] = json!("00000000-0000-4000-8000-000000000000");
    app.send_webhook(json.to_string(), &signature).await.assert_problem(401, "invalid_signature");
    assert_eq!(app.database().await.webhooks().await, 1);
    app.assert_healthy().await;
}

#[tokio::test]
async fn the_success_of_one_order_pays_no_other() {
    let app = TestApp::start().await;
    let (cheap, dear) = (app.checkout().await, app.checkout().await);
    app.control.accept(cheap.payment).await.unwrap();
    app.until(&cheap.checkout, "paid").await;
    for delivery in app.control.deliveries() {
        app.send_signed(&delivery.body).await;
    }
    app.settled().await;
    assert_eq!(app.snapshot(&dear.checkout).await["status"], "pending");
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_webhook_about_a_strangers_payment_asks_nothing_of_banq() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        assert_eq!(app.send_signed(&webhook("Payment", "Completed", SOMEBODY)).await.status, 200);
    }
    // The worker has looked at them as soon as a later one of ours has come through.
    app.assert_healthy().await;
    let asked = app.control.requests().into_iter().filter(|request| request.path.contains(SOMEBODY));
    assert_eq!(asked.count(), 0);
}

#[tokio::test]
async fn old_webhooks_of_a_declined_attempt_do_not_open_it_again() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.control.decline(link.payment).await.unwrap();
    app.until(&link.checkout, "declined").await;
    for action in ["Created", "Accepted", "Completed", "Resumed"] {
        let body = webhook("Payment", action, &link.payment.to_string());
        assert_eq!(app.send_signed(&body).await.status, 200);
    }
    app.settled().await;
    let snapshot = app.snapshot(&link.checkout).await;
    assert_eq!((&snapshot["status"], &snapshot["version"]), (&json!("declined"), &json!(2)));
    app.assert_healthy().await;
}

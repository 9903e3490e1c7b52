//! The history of a checkout, as the operator reads it.

use std::time::Duration;

use banq_simulator::{SIGNATURE_HEADER, sign};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Harness, filters, run};
use banq_testkit::{WEBHOOK_SECRET, within_deadline};

/// Sends one webhook. The simulator sends several for one change, and a change is recorded with the sweep as its cause
/// if the webhooks were answered together before.
async fn webhook(shop: &Harness, payment: Uuid, action: &str) {
    let body = json!({
        "id": Uuid::new_v4(), "action": action, "resourceType": "Payment", "resourceId": payment,
    });
    let body = body.to_string();
    let request = shop.request(Method::POST, "/your-web-hooks/payment-status");
    let request = request.header("content-type", "application/json");
    let request = request.header(SIGNATURE_HEADER, sign(WEBHOOK_SECRET, body.as_bytes()));
    assert_eq!(within_deadline(request.body(body).send()).await.unwrap().status(), 200);
}

#[tokio::test]
async fn paid_checkout_shows_each_change_with_its_cause() {
    let shop = Harness::with(&[], |config| config.tuning.poll_interval = Duration::from_secs(3_600)).await;
    let banq = shop.app.simulator.control();
    banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let (checkout, payment) = shop.checkout("1").await;
    banq.accept_only(payment).await.unwrap();
    webhook(&shop, payment, "Accepted").await;
    shop.until(&checkout, "status", "processing").await;
    banq.complete(payment).await.unwrap();
    webhook(&shop, payment, "Completed").await;
    shop.until(&checkout, "status", "paid").await;
    let shown = run(&shop.settings, &["checkouts", "show", &checkout]).await;
    let _filters = filters();
    insta::assert_snapshot!("audit", shown);
}

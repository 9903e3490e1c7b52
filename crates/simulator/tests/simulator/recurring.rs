//! Recurring payments, and lists in pages.

use serde_json::{Value, json};

use crate::helpers::{Merchant, order};

const PAYMENTS: &str = "/api/v1/payments";

fn monthly() -> Value {
    let mut monthly = order();
    monthly["frequency"] = json!("monthly");
    monthly["startDate"] = json!("2021-01-31");
    monthly["endDate"] = json!("2021-03-31");
    monthly
}

#[tokio::test]
async fn recurring_payment_completes_with_its_last_days_transaction() {
    let (merchant, mut receiver) = Merchant::with_webhooks().await;
    let (status, payment) = merchant.post("/api/v1/payments/get-paid-link", &monthly()).await;
    assert_eq!((status, payment["data"]["occurrences"].as_array().unwrap().len()), (201, 3));
    let act = format!("/simulator/payments/{}", payment["data"]["id"].as_str().unwrap());
    for (action, status) in
        [("accept", "Accepted"), ("cancel-occurrence", "Accepted"), ("occur", "Completed")]
    {
        let (_, payment) = merchant.post(&format!("{act}/{action}"), &Value::Null).await;
        assert_eq!(payment["data"]["status"], status, "{action}: {payment}");
    }
    assert_eq!(merchant.post(&format!("{act}/occur"), &Value::Null).await.0, 409);
    let mut events = Vec::new();
    for _ in 0..6 {
        events.push(receiver.next().await.event());
    }
    assert_eq!(
        events,
        [
            "Payment Created",
            "Payment Accepted",
            "Transaction Created",
            "Payment OccurrenceCanceled",
            "Transaction Created",
            "Payment Completed",
        ]
    );
    let (_, transactions) = merchant.get("/api/v1/transactions").await;
    assert_eq!(transactions["meta"], json!({ "resourceCount": 2, "pageCount": 1 }));
    for transaction in transactions["data"].as_array().unwrap() {
        let id = transaction["id"].as_str().unwrap();
        let (status, found) = merchant.get(&format!("/api/v1/transactions/{id}")).await;
        assert_eq!((status, &found["data"]["status"]), (200, &json!("Created")));
    }
}

#[tokio::test]
async fn a_payment_that_is_made_once_has_no_days() {
    let merchant = Merchant::new().await;
    let id = merchant.link().await;
    merchant.control.accept_only(id).await.unwrap();
    assert_eq!(merchant.post(&format!("/simulator/payments/{id}/occur"), &Value::Null).await.0, 409);
}

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let merchant = Merchant::new().await;
    for _ in 0..5 {
        merchant.link().await;
    }
    let newest_first: Vec<Value> =
        merchant.control.payments().iter().rev().map(|payment| json!(payment.id)).collect();
    let mut listed = Vec::new();
    for page in 1..=4 {
        let (status, answer) = merchant.get(&format!("{PAYMENTS}?page={page}&pageSize=2")).await;
        assert_eq!((status, &answer["meta"]), (200, &json!({ "resourceCount": 5, "pageCount": 3 })));
        listed.extend(answer["data"].as_array().unwrap().iter().map(|payment| payment["id"].clone()));
    }
    assert_eq!(listed, newest_first);
    for query in ["page=0", "pageSize=0", "pageSize=101", "page=x", "page=-1"] {
        assert_eq!(merchant.get(&format!("{PAYMENTS}?{query}")).await.0, 422, "{query}");
    }
    let far = format!("{PAYMENTS}?page={}&pageSize=100", usize::MAX);
    assert_eq!(merchant.get(&far).await.1["data"], json!([]));
}

#[tokio::test]
async fn a_request_can_go_straight_into_somebodys_app() {
    let merchant = Merchant::new().await;
    let mut direct = order();
    assert_eq!(merchant.post(&format!("{PAYMENTS}/get-paid-direct"), &direct).await.0, 422);
    direct["source"] = json!({ "banqGuid": "9bf48226-79c3-43d2-9be5-264bfef4660d" });
    let (status, payment) = merchant.post(&format!("{PAYMENTS}/get-paid-direct"), &direct).await;
    assert_eq!((status, &payment["data"]["status"]), (201, &json!("Created")));
    assert_eq!(merchant.control.payments().len(), 1);
}

#[tokio::test]
async fn the_scenario_panel_has_a_field_for_every_scenario() {
    let merchant = Merchant::new().await;
    let response = merchant.send(reqwest::Method::GET, "/", &[], &Value::Null).await;
    let page = response.text().await.unwrap();
    let (_, scenarios) = merchant.get("/simulator/scenarios").await;
    let groups = scenarios["data"].as_object().unwrap();
    for (group, value) in groups {
        let names: Vec<String> = match value.as_object() {
            // Tokens have the two that matter.
            Some(_) if group == "auth" => vec!["auth.down".into(), "auth.delayMs".into()],
            Some(fields) => fields.keys().map(|field| format!("{group}.{field}")).collect(),
            None => vec![group.clone()],
        };
        for name in names {
            assert!(page.contains(&format!("name=\"{name}\"")), "{name}");
        }
    }
    assert_eq!(merchant.get("/assets/scenarios.js").await.0, 200);
}

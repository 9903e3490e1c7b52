//! Registering for webhooks.

use serde_json::json;

use crate::helpers::{Merchant, Receiver};

const PATH: &str = "/api/v1/account-spaces/1/webhook-config";

#[tokio::test]
async fn a_registered_receiver_gets_webhooks_in_the_references_shape() {
    let merchant = Merchant::new().await;
    let mut receiver = Receiver::new().await;
    let request = json!({"url": receiver.url, "SharedSecret": "s"});
    assert_eq!(merchant.post(PATH, &request).await.0, 201);
    merchant.link().await;
    let webhook = receiver.next().await;
    assert_eq!(webhook.json["accountSpaceId"], 1);
    assert_eq!(webhook.signature, Some(banq_simulator::sign("s", &webhook.raw)));
}

#[tokio::test]
async fn the_quickstarts_older_path_gives_the_quickstarts_older_shape() {
    let merchant = Merchant::new().await;
    let mut receiver = Receiver::new().await;
    let request = json!({"url": receiver.url, "SharedSecret": "s"});
    assert_eq!(merchant.post("/api/v1/accounts/1/webhook-config", &request).await.0, 201);
    merchant.link().await;
    let webhook = receiver.next().await;
    assert_eq!(webhook.json["accountId"], 1);
    assert!(webhook.json.get("accountSpaceId").is_none());
}

#[tokio::test]
async fn an_update_without_a_secret_keeps_the_one_that_was_set() {
    let merchant = Merchant::new().await;
    let mut receiver = Receiver::new().await;
    merchant.post(PATH, &json!({"url": "http://127.0.0.1:1", "SharedSecret": "s"})).await;
    assert_eq!(merchant.put(PATH, &json!({"url": receiver.url, "retryCount": 0})).await.0, 200);
    merchant.link().await;
    let webhook = receiver.next().await;
    assert_eq!(webhook.signature, Some(banq_simulator::sign("s", &webhook.raw)));
}

#[tokio::test]
async fn only_the_kinds_asked_for_are_sent() {
    let merchant = Merchant::new().await;
    let mut receiver = Receiver::new().await;
    merchant.post(PATH, &json!({"url": receiver.url, "webHookTypes": ["transaction"]})).await;
    let id = merchant.link().await;
    merchant.control.accept(id).await.unwrap();
    let webhook = receiver.next().await;
    assert_eq!(webhook.event(), "Transaction Created");
    assert_eq!(webhook.signature, None, "without a secret nothing is signed");
    assert_eq!(merchant.control.deliveries().len(), 1);
}

#[tokio::test]
async fn a_disabled_receiver_gets_nothing() {
    let merchant = Merchant::new().await;
    merchant.post(PATH, &json!({"url": "http://127.0.0.1:1", "enabled": false})).await;
    merchant.link().await;
    assert!(merchant.control.deliveries().is_empty());
}

#[tokio::test]
async fn mistakes_are_422_and_another_account_space_404() {
    let merchant = Merchant::new().await;
    for request in [
        json!({}),
        json!({"url": "ftp://shop.test"}),
        json!({"url": "http://shop.test", "retryCount": 21}),
        json!({"url": "http://shop.test", "webHookTypes": ["wibble"]}),
    ] {
        assert_eq!(merchant.post(PATH, &request).await.0, 422, "{request}");
    }
    assert_eq!(merchant.post("/api/v1/account-spaces/2/webhook-config", &json!({})).await.0, 404);
    assert_eq!(merchant.get(PATH).await.0, 404, "nothing was registered");
}

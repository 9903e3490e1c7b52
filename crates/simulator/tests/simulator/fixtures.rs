//! The golden fixtures: requests are taken as the vendor writes them, answers have the vendor's shape.

use banq_simulator::{Config, FailReason};
use serde_json::Value;

use crate::helpers::{Merchant, config};

fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The same fields everywhere, and the same kind of value in each.
fn assert_same_shape(actual: &Value, golden: &Value, place: &str) {
    match (actual, golden) {
        (Value::Object(actual), Value::Object(golden)) => {
            let names = |object: &serde_json::Map<String, Value>| {
                let mut names: Vec<String> = object.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(actual), names(golden), "{place}");
            for (name, value) in golden {
                assert_same_shape(&actual[name], value, &format!("{place}.{name}"));
            }
        }
        (Value::Array(actual), Value::Array(golden)) => {
            assert_eq!(actual.len(), golden.len(), "{place}");
            for (index, value) in golden.iter().enumerate() {
                assert_same_shape(&actual[index], value, &format!("{place}[{index}]"));
            }
        }
        _ => {
            let same = std::mem::discriminant(actual) == std::mem::discriminant(golden);
            assert!(same, "{place}: {actual} is not like {golden}");
        }
    }
}

/// A merchant with the placeholders of the documents as credentials, logged in by `request`.
async fn merchant(request: &str) -> Merchant {
    let mut merchant = Merchant::with(Config {
        client_id: "YOUR-CLIENT-ID".to_owned(),
        username: "YOUR-CLIENT-USERNAME".to_owned(),
        password: "YOUR-CLIENT-PASSWORD".to_owned(),
        ..config()
    })
    .await;
    let (status, answer) = merchant.post("/oauth/token", &fixture(request)).await;
    assert_eq!(status, 200, "{request}: {answer}");
    assert_same_shape(&answer, &fixture("token-answer"), request);
    merchant.set_token(answer["access_token"].as_str().unwrap());
    merchant
}

#[tokio::test]
async fn the_token_request_works_in_each_documented_spelling() {
    for request in ["token-request", "token-request-prefixed", "token-request-merchant"] {
        let merchant = merchant(request).await;
        assert_eq!(merchant.get("/api/v1/users/me").await.0, 200, "{request}");
    }
}

#[tokio::test]
async fn a_link_and_its_payment_look_as_in_the_fixtures() {
    let merchant = merchant("token-request").await;
    let (status, link) = merchant.post("/api/v1/payments/get-paid-link", &fixture("link-request")).await;
    assert_eq!(status, 201);
    assert_same_shape(&link, &fixture("link-answer"), "link");
    for field in ["funds", "comment", "externalOrderCode", "frequency", "startDate", "endDate"] {
        assert_eq!(link["data"][field], fixture("link-request")[field], "{field}");
    }
    let id = merchant.control.payments()[0].id;
    merchant.control.accept(id).await.unwrap();
    let (_, payment) = merchant.get(&format!("/api/v1/payments/{id}")).await;
    assert_same_shape(&payment, &fixture("payment"), "payment");
    assert_eq!(payment["data"]["status"], fixture("payment")["data"]["status"]);
}

#[tokio::test]
async fn a_failed_payment_and_its_transaction_look_as_in_the_fixtures() {
    let merchant = merchant("token-request").await;
    merchant.post("/api/v1/payments/get-paid-link", &fixture("link-request")).await;
    let id = merchant.control.payments()[0].id;
    let failed = merchant.control.fail(id, FailReason::InsufficientBalance).await.unwrap();
    let (_, payment) = merchant.get(&format!("/api/v1/payments/{id}")).await;
    assert_same_shape(&payment, &fixture("payment-failed"), "payment");
    let transaction_id = failed.transaction_id.unwrap();
    let (_, transaction) = merchant.get(&format!("/api/v1/transactions/{transaction_id}")).await;
    assert_same_shape(&transaction, &fixture("transaction"), "transaction");
    for field in ["status", "failReason"] {
        assert_eq!(payment["data"][field], fixture("payment-failed")["data"][field]);
        assert_eq!(transaction["data"][field], fixture("transaction")["data"][field]);
    }
}

#[tokio::test]
async fn users_me_shows_where_the_ids_are_found() {
    let merchant = merchant("token-request-merchant").await;
    let (_, user) = merchant.get("/api/v1/users/me?include=accountSpaces,banqAccounts").await;
    assert_eq!(user, fixture("users-me"));
    let (_, bare) = merchant.get("/api/v1/users/me").await;
    assert!(bare["data"].get("banqAccounts").is_none());
}

#[tokio::test]
async fn vendors_webhook_config_is_read_back_without_its_secret() {
    let merchant = merchant("token-request").await;
    let request = fixture("webhook-config-request");
    let (status, _) = merchant.post("/api/v1/account-spaces/1/webhook-config", &request).await;
    assert_eq!(status, 201);
    let (_, mut answer) = merchant.get("/api/v1/account-spaces/1/webhook-config").await;
    answer["data"]["SharedSecret"] = request["SharedSecret"].clone();
    assert_eq!(answer["data"], request);
}

//! The token endpoint and what it guards.

use std::time::Duration;

use banq_simulator::Config;
use serde_json::{Value, json};

use crate::helpers::{Merchant, config, login, order};

#[tokio::test]
async fn wrong_credentials_are_refused_as_auth0_does() {
    let merchant = Merchant::new().await;
    for (field, value, status, error) in [
        ("client_id", "other", 401, "access_denied"),
        ("username", "other", 403, "invalid_grant"),
        ("password", "other", 403, "invalid_grant"),
        ("audience", "https://other.test/", 403, "access_denied"),
        ("grant_type", "client_credentials", 403, "unauthorized_client"),
    ] {
        let mut request = login();
        request[field] = json!(value);
        let (answered, answer) = merchant.post("/oauth/token", &request).await;
        assert_eq!((answered, answer["error"].as_str()), (status, Some(error)), "{field}");
        assert!(answer["error_description"].is_string());
    }
    assert_eq!(merchant.post("/oauth/token", &json!([1])).await.0, 400);
    assert_eq!(merchant.control.tokens_issued(), 1);
}

#[tokio::test]
async fn without_a_live_token_every_address_of_the_api_answers_401() {
    let mut merchant = Merchant::new().await;
    for token in ["", "made-up"] {
        merchant.set_token(token);
        for path in ["/api/v1/users/me", "/api/v1/payments/1", "/api/v1/nothing"] {
            let (status, answer) = merchant.get(path).await;
            assert_eq!(status, 401, "{path}");
            assert!(answer["message"].is_string());
        }
        assert_eq!(merchant.post("/api/v1/payments/get-paid-link", &order()).await.0, 401);
    }
    assert!(merchant.control.payments().is_empty());
}

#[tokio::test]
async fn a_token_ends_with_its_lifetime() {
    let merchant = Merchant::with(Config { token_lifetime: Duration::ZERO, ..config() }).await;
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 401);
}

#[tokio::test]
async fn a_token_lasts_until_it_is_ended() {
    let merchant = Merchant::new().await;
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 200);
    merchant.control.end_tokens();
    assert_eq!(merchant.get("/api/v1/users/me").await.0, 401);
}

#[tokio::test]
async fn the_log_counts_what_was_asked() {
    let merchant = Merchant::new().await;
    merchant.link_again("0b7ad0c3-9a1c-4fd4-9d5b-0e5c9f0a1b2c", &order()).await;
    merchant.get("/api/v1/payments/unknown").await;
    let log = merchant.control.requests();
    let calls: Vec<_> = log.iter().map(|call| (&*call.method, &*call.path, call.status)).collect();
    assert_eq!(
        calls,
        [
            ("POST", "/oauth/token", Some(200)),
            ("POST", "/api/v1/payments/get-paid-link", Some(201)),
            ("GET", "/api/v1/payments/unknown", Some(404)),
        ]
    );
    assert_eq!(log[1].idempotent_id.as_deref(), Some("0b7ad0c3-9a1c-4fd4-9d5b-0e5c9f0a1b2c"));
    let times: Vec<_> = log.iter().flat_map(|call| [Some(call.arrived_at), call.answered_at]).collect();
    assert!(times.iter().all(Option::is_some) && times.is_sorted(), "one after the other: {times:?}");
    let (_, shown) = merchant.get("/simulator/requests").await;
    assert_eq!(shown["data"].as_array().map(Vec::len), Some(3));
    assert!(shown["data"][0]["arrivedAt"].as_str() < shown["data"][2]["answeredAt"].as_str(), "{shown}");
    assert_eq!(shown["data"][0]["idempotentId"], Value::Null);
}

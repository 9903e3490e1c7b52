//! Prices that the shopper would like better.

use banq_intermediary::{Config, Environment, Server, StartError};
use serde_json::{Value, json};

use super::{ask_raw, assert_nothing_happened};
use crate::helpers::{API_KEY, Answer, TestApp, settings};

/// Not a price, neither from the shop nor from a page that is believed.
async fn assert_no_price(texts: &[&str]) {
    let app = TestApp::with(|config| config.allow_client_amounts = true).await;
    let key = format!("Bearer {API_KEY}");
    for funds in texts {
        let answer = ask_raw(&app, format!("{{\"orderId\": \"1\", \"funds\": {funds}}}")).await;
        assert!([400, 422].contains(&answer.status), "{funds}: {answer:?}");
        let headers = [("authorization", &*key), ("content-type", "application/json")];
        let body = format!("{{\"funds\": {funds}}}");
        let answer = Answer::read(app.send(reqwest::Method::PUT, "/orders/1", &headers, body).await).await;
        assert!([400, 422].contains(&answer.status), "{funds}: {answer:?}");
    }
    assert_eq!(app.database().await.orders().await, 0);
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_price_from_the_page_is_refused() {
    let app = TestApp::start().await;
    for funds in [json!("0.01"), json!(2), json!(999_999)] {
        let answer = app.ask(&json!({"orderId": "1", "funds": funds})).await;
        answer.assert_problem(403, "client_amount_not_allowed");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_price_from_the_page_does_not_replace_the_shops() {
    for allowed in [false, true] {
        let app = TestApp::with(|config| config.allow_client_amounts = allowed).await;
        app.register("1", "200").await;
        let request =
            json!({"orderId": "1", "funds": "0.01", "comment": "a gift", "currency": "IDR", "price": 1});
        let answer = app.ask(&request).await;
        assert_eq!(answer.status, 201);
        let payment = &app.control.payments()[0];
        assert_eq!((payment.funds.to_string().as_str(), &*payment.comment), ("200", "Tea"));
        assert_eq!((&answer.data()["funds"], &answer.data()["currency"]), (&json!("200.00"), &json!("USD")));
        app.assert_healthy().await;
    }
}

#[tokio::test]
async fn outside_local_a_server_that_believes_pages_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    for environment in [Environment::Sandbox, Environment::Production] {
        let mut config = Config::from_map(&settings("http://127.0.0.1:1", &folder)).unwrap();
        (config.environment, config.allow_client_amounts) = (environment, true);
        let Err(StartError::Config(error)) = Server::start(config).await else { panic!("it started") };
        assert!(error.to_string().contains("BANQ_ALLOW_CLIENT_AMOUNTS"), "{error}");
    }
}

#[tokio::test]
async fn a_negative_or_free_price_is_refused() {
    assert_no_price(&[
        "-1", "\"-1\"", "-0.01", "0", "\"0\"", "\"0.00\"", "0.0", "-0", "\"-0\"", "0e0", "-1e2",
    ])
    .await;
}

#[tokio::test]
async fn nan_and_infinity_are_refused() {
    assert_no_price(&[
        "NaN",
        "\"NaN\"",
        "Infinity",
        "-Infinity",
        "\"inf\"",
        "\"Infinity\"",
        "1e999",
        "-1e999",
    ])
    .await;
}

#[tokio::test]
async fn a_price_with_an_exponent_is_no_way_around_the_limits() {
    assert_no_price(&[
        "1e6",
        "1E+6",
        "1e-3",
        "\"1e2\"",
        "1e99999999999",
        "1e-99999999999",
        "10e5",
        "0.1e-2",
        "5e-324",
    ])
    .await;
}

#[tokio::test]
async fn a_price_with_many_decimals_is_refused() {
    let long = format!("2.{}1", "0".repeat(400));
    assert_no_price(&[
        "0.001",
        "2.005",
        "\"1.999\"",
        "0.1234567890123456789",
        "1.0000000000000000000000001",
        &long,
    ])
    .await;
}

#[tokio::test]
async fn a_huge_price_is_refused() {
    let long = "9".repeat(5000);
    assert_no_price(&[
        "1000000",
        "99999999999999999999999999999",
        "\"1000000.00\"",
        &long,
        &format!("\"{long}\""),
    ])
    .await;
}

#[tokio::test]
async fn a_price_in_other_words_is_refused() {
    assert_no_price(&[
        "\"2,00\"",
        "\"$2\"",
        "\"2 USD\"",
        "\" 2\"",
        "\"2 \"",
        "\"+2\"",
        "\"0x2\"",
        "\"2_0\"",
        "\"٢\"",
        "\"２\"",
        "\"\"",
        "\".5\"",
        "\"2..0\"",
        "\"1e0\"",
        "\"2\\u0000\"",
        "true",
        "[2]",
        "{\"amount\": 2}",
        "2n",
        "02",
        "0x2",
    ])
    .await;
}

#[tokio::test]
async fn a_price_in_another_currency_is_refused() {
    let app = TestApp::start().await;
    for currency in [json!("IDR"), json!("usd"), json!("USDT"), json!(""), json!(1), json!(["USD"])] {
        let answer = app.put_order("1", &json!({"funds": 2, "currency": currency})).await;
        answer.assert_problem(422, "invalid_field");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_price_that_is_absent_is_no_price() {
    let app = TestApp::with(|config| config.allow_client_amounts = true).await;
    app.put_order("1", &json!({})).await.assert_problem(422, "invalid_field");
    app.put_order("1", &json!({"funds": Value::Null})).await.assert_problem(422, "invalid_field");
    for request in [json!({"orderId": "1"}), json!({"orderId": "1", "funds": Value::Null})] {
        app.ask(&request).await.assert_problem(404, "order_not_found");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

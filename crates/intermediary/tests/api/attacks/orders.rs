//! Orders that are used again, or by somebody who may not.

use reqwest::Method;
use serde_json::json;

use super::assert_nothing_happened;
use crate::helpers::{API_KEY, Answer, Log, PASSWORD, TestApp, WEBHOOK_SECRET};

async fn put_with(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    Answer::read(app.send(Method::PUT, "/orders/1", &headers, r#"{"funds":"0.01"}"#).await).await
}

#[tokio::test]
async fn a_price_without_a_key_is_refused() {
    let app = TestApp::start().await;
    let answer = put_with(&app, &[]).await;
    answer.assert_problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_price_with_a_wrong_key_is_refused() {
    let log = Log::start();
    let app = TestApp::start().await;
    for key in [
        "a-guessed-key",
        "",
        " ",
        &API_KEY[..API_KEY.len() - 1],
        &format!("{API_KEY}x"),
        &API_KEY.to_uppercase(),
        &format!("\"{API_KEY}\""),
        &format!("{API_KEY},{API_KEY}"),
        WEBHOOK_SECRET,
        PASSWORD,
        "***",
        "null",
    ] {
        put_with(&app, &[("authorization", &format!("Bearer {key}"))])
            .await
            .assert_problem(401, "unauthorized");
    }
    assert_nothing_happened(&app).await;
    assert!(!log.text().contains("a-guessed-key"), "half of a right key may be in a wrong one");
    app.assert_healthy().await;
}

#[tokio::test]
async fn the_right_key_in_a_wrong_place_is_refused() {
    let app = TestApp::start().await;
    let places: [&[(&str, &str)]; 7] = [
        &[("authorization", API_KEY)],
        &[("authorization", &format!("Basic {API_KEY}"))],
        &[("authorization", &format!("Bearer{API_KEY}"))],
        &[("authorization", &format!("Token {API_KEY}"))],
        &[("x-api-key", API_KEY)],
        &[("proxy-authorization", &format!("Bearer {API_KEY}"))],
        &[("cookie", &format!("authorization=Bearer {API_KEY}"))],
    ];
    for headers in places {
        put_with(&app, headers).await.assert_problem(401, "unauthorized");
    }
    let path = format!("/orders/1?authorization=Bearer%20{API_KEY}&access_token={API_KEY}");
    let answer = app.send(Method::PUT, &path, &[("content-type", "application/json")], "{\"funds\":1}").await;
    assert_eq!(answer.status(), 401);
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn server_without_api_key_accepts_no_price() {
    let app = TestApp::with(|config| config.api_key = None).await;
    for key in ["Bearer ", "Bearer", "Bearer None", "", &format!("Bearer {API_KEY}")] {
        put_with(&app, &[("authorization", key)]).await.assert_problem(401, "unauthorized");
    }
    assert_nothing_happened(&app).await;
    assert_eq!(app.get("/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn a_paid_orders_id_pays_for_nothing_more() {
    let app = TestApp::with(|config| config.allow_client_amounts = true).await;
    app.register("1", "2").await;
    let link = app.link("1").await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    for request in [json!({"orderId": "1"}), json!({"orderId": "1", "funds": "0.01"}), json!({"orderId": 1})]
    {
        app.ask(&request).await.assert_problem(409, "order_already_paid");
    }
    app.put_order("1", &json!({"funds": "500"})).await.assert_problem(409, "order_already_paid");
    assert_eq!(app.snapshot(&link.checkout).await["funds"], "2.00");
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_id_that_is_nearly_an_orders_is_another_order() {
    let app = TestApp::start().await;
    app.register("Order-1", "2").await;
    for id in ["order-1", "ORDER-1", "Order-01", "Order-1.", "Order\u{2010}1"] {
        app.ask(&json!({"orderId": id})).await.assert_problem(404, "order_not_found");
    }
    for id in ["Order-1 ", " Order-1", "Order-1\n"] {
        app.ask(&json!({"orderId": id})).await.assert_problem(422, "invalid_field");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn two_shoppers_with_one_order_cannot_both_be_charged() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    let links = futures_util::future::join_all((0..5).map(|_| app.link("1"))).await;
    assert!(links.iter().all(|link| link.payment == links[0].payment));
    app.control.accept(links[0].payment).await.unwrap();
    app.until(&links[0].checkout, "paid").await;
    assert_eq!(app.control.payments().len(), 1);
    app.assert_healthy().await;
}

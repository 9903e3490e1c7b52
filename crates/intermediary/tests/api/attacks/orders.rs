//! Orders that are used again, or by somebody who may not.

use reqwest::Method;
use serde_json::json;

use super::assert_nothing_happened;
use crate::helpers::{API_KEY, Answer, Log, PASSWORD, Stack, WEBHOOK_SECRET};

async fn put_with(stack: &Stack, headers: &[(&str, &str)]) -> Answer {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    Answer::read(stack.send(Method::PUT, "/orders/1", &headers, r#"{"funds":"0.01"}"#).await).await
}

#[tokio::test]
async fn a_price_without_a_key_is_refused() {
    let stack = Stack::start().await;
    let answer = put_with(&stack, &[]).await;
    answer.assert_problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_nothing_happened(&stack).await;
    stack.assert_healthy().await;
}

#[tokio::test]
async fn a_price_with_a_wrong_key_is_refused() {
    let log = Log::start();
    let stack = Stack::start().await;
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
        put_with(&stack, &[("authorization", &format!("Bearer {key}"))])
            .await
            .assert_problem(401, "unauthorized");
    }
    assert_nothing_happened(&stack).await;
    assert!(!log.text().contains("a-guessed-key"), "half of a right key may be in a wrong one");
    stack.assert_healthy().await;
}

#[tokio::test]
async fn the_right_key_in_a_wrong_place_is_refused() {
    let stack = Stack::start().await;
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
        put_with(&stack, headers).await.assert_problem(401, "unauthorized");
    }
    let path = format!("/orders/1?authorization=Bearer%20{API_KEY}&access_token={API_KEY}");
    let answer =
        stack.send(Method::PUT, &path, &[("content-type", "application/json")], "{\"funds\":1}").await;
    assert_eq!(answer.status(), 401);
    assert_nothing_happened(&stack).await;
    stack.assert_healthy().await;
}

#[tokio::test]
async fn server_without_api_key_takes_a_price_from_nobody() {
    let stack = Stack::with(|config| config.api_key = None).await;
    for key in ["Bearer ", "Bearer", "Bearer None", "", &format!("Bearer {API_KEY}")] {
        put_with(&stack, &[("authorization", key)]).await.assert_problem(401, "unauthorized");
    }
    assert_nothing_happened(&stack).await;
    assert_eq!(stack.get("/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn a_paid_orders_id_pays_for_nothing_more() {
    let stack = Stack::with(|config| config.allow_client_amounts = true).await;
    stack.register("1", "2").await;
    let link = stack.link("1").await;
    stack.control.accept(link.payment).await.unwrap();
    stack.until(&link.checkout, "paid").await;
    for request in [json!({"orderId": "1"}), json!({"orderId": "1", "funds": "0.01"}), json!({"orderId": 1})]
    {
        stack.ask(&request).await.assert_problem(409, "order_already_paid");
    }
    stack.put_order("1", &json!({"funds": "500"})).await.assert_problem(409, "order_already_paid");
    assert_eq!(stack.snapshot(&link.checkout).await["funds"], "2.00");
    stack.assert_healthy().await;
}

#[tokio::test]
async fn an_id_that_is_nearly_an_orders_is_another_order() {
    let stack = Stack::start().await;
    stack.register("Order-1", "2").await;
    for id in ["order-1", "ORDER-1", "Order-01", "Order-1.", "Order\u{2010}1"] {
        stack.ask(&json!({"orderId": id})).await.assert_problem(404, "order_not_found");
    }
    for id in ["Order-1 ", " Order-1", "Order-1\n"] {
        stack.ask(&json!({"orderId": id})).await.assert_problem(422, "invalid_field");
    }
    stack.assert_healthy().await;
}

#[tokio::test]
async fn two_shoppers_with_one_order_cannot_both_be_charged() {
    let stack = Stack::start().await;
    stack.register("1", "2").await;
    let links = futures_util::future::join_all((0..5).map(|_| stack.link("1"))).await;
    assert!(links.iter().all(|link| link.payment == links[0].payment));
    stack.control.accept(links[0].payment).await.unwrap();
    stack.until(&links[0].checkout, "paid").await;
    assert_eq!(stack.control.payments().len(), 1);
    stack.assert_healthy().await;
}

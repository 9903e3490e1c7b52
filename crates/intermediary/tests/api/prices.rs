//! The price of an order, and its links when the price changes.

use serde_json::json;

use crate::helpers::{TestApp, within_deadline};

#[tokio::test]
async fn a_paid_order_is_409_and_keeps_its_price() {
    let app = TestApp::start().await;
    let order = app.order();
    app.register(&order, "2").await;
    let link = app.link(&order).await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    let refused = app.ask(&json!({"orderId": order})).await;
    refused.assert_problem(409, "order_already_paid");
    assert_eq!(
        refused.json["orderId"], *order,
        "a page that waited for a payment knows whether it is about that one"
    );
    app.put_order(&order, &json!({"funds": 1})).await.assert_problem(409, "order_already_paid");
    assert_eq!(app.control.payments().len(), 1);
}

#[tokio::test]
async fn a_new_price_replaces_a_link_without_action() {
    let app = TestApp::start().await;
    let order = app.order();
    app.register(&order, "2").await;
    let first = app.link(&order).await;
    assert_eq!(app.put_order(&order, &json!({"funds": "3"})).await.status, 200);
    let second = app.link(&order).await;
    assert_eq!(second.status, 201);
    assert_ne!(first.checkout, second.checkout);
    assert_eq!(app.snapshot(&first.checkout).await["status"], "canceled");
    assert_eq!(app.snapshot(&second.checkout).await["funds"], "3.00");
    assert_ne!(app.attempts()[0], app.attempts()[1]);
}

#[tokio::test]
async fn replaced_link_paid_late_removes_the_code_of_the_new_link() {
    let app = TestApp::start().await;
    let order = app.order();
    app.register(&order, "2").await;
    let first = app.link(&order).await;
    app.register(&order, "3").await;
    let second = app.link(&order).await;
    let mut page = app.events(&second.checkout).await;
    assert_eq!(page.next_status().await, ("pending".into(), 1));
    app.control.accept(first.payment).await.unwrap();
    assert_eq!(within_deadline(page.next_status()).await, ("canceled".into(), 2));
    assert_eq!(app.snapshot(&first.checkout).await["status"], "paid", "its own amount came");
}

#[tokio::test]
async fn new_price_does_not_replace_an_accepted_link() {
    let app = TestApp::start().await;
    let order = app.order();
    app.register(&order, "2").await;
    let first = app.link(&order).await;
    app.lose_webhooks();
    app.control.accept_only(first.payment).await.unwrap();
    app.register(&order, "3").await;
    // The server has heard nothing yet; it asks before it makes a second payment possible.
    let second = app.link(&order).await;
    assert_eq!((second.status, &second.checkout), (200, &first.checkout));
    assert_eq!(app.control.payments().len(), 1);
}

#[tokio::test]
async fn page_may_name_the_price_where_configured() {
    let app = TestApp::with(|config| config.allow_client_amounts = true).await;
    let answer = app.ask(&json!({"orderId": "009221", "comment": "Demo Widget Banq", "funds": 2})).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.data()["funds"], "2.00");
    assert_eq!(app.control.payments()[0].external_order_code.as_deref(), Some("009221"));
    // The shop's own price is stronger.
    app.register("1", "5").await;
    let answer = app.ask(&json!({"orderId": "1", "funds": 2})).await;
    assert_eq!(answer.data()["funds"], "5.00");
}

//! Every ending has its own words and its own single callback.

use banq_checkout_e2e::{Browser, Page, TestApp};
use banq_simulator::{Action, FailReason};
use serde_json::{Value, json};

/// Brings a payment to its end and answers with what the page was told, after checking the words.
async fn end(name: &str, actions: &[(Action, &str)], callback: &str) -> Value {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    for (action, words) in actions {
        app.act(*action).await;
        page.shows(words).await;
    }
    let detail = page.ended_by(callback).await;
    page.screenshot(name).await;
    page.assert_page_healthy().await;
    browser.quit().await;
    detail
}

#[tokio::test]
async fn declined() {
    let detail = end("declined", &[(Action::Decline, "Payment declined")], "onPaymentFailed").await;
    assert_eq!(detail["status"], json!("declined"));
}

#[tokio::test]
async fn canceled() {
    let detail = end("canceled", &[(Action::Cancel, "Payment canceled")], "onPaymentFailed").await;
    assert_eq!(detail["status"], json!("canceled"));
}

#[tokio::test]
async fn expired() {
    let detail = end("expired", &[(Action::Expire, "This code has run out")], "onExpired").await;
    assert_eq!(detail["status"], json!("expired"));
}

#[tokio::test]
async fn failed_with_a_reason() {
    let actions = [
        (Action::AcceptOnly, "Payment accepted"),
        (Action::Fail(FailReason::InsufficientBalance), "There is not enough money in the account"),
    ];
    let detail = end("failed", &actions, "onPaymentFailed").await;
    assert_eq!((&detail["status"], &detail["failReason"]), (&json!("failed"), &json!("insufficient_funds")));
}

#[tokio::test]
async fn held_then_resumed_then_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    page.screenshot("processing").await;
    assert!(
        page.run(&Page::in_widget("!root.querySelector('canvas.qr, a')")).await.as_bool().unwrap(),
        "nothing to pay twice"
    );
    app.act(Action::Hold).await;
    page.shows("Payment on hold").await;
    page.screenshot("on-hold").await;
    app.act(Action::Resume).await;
    page.shows("Payment accepted").await;
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    let seen: Vec<Value> =
        page.called_times("onStatusChange", 5).await.iter().map(|call| call["status"].clone()).collect();
    assert_eq!(seen, ["pending", "processing", "on_hold", "processing", "paid"].map(|word| json!(word)));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn after_an_expired_code_a_new_one_can_be_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.pay().await;
    let first = page.link().await;
    app.act(Action::Expire).await;
    page.press_labelled("Get a new code").await;
    page.until(&format!(
        "root.querySelector('canvas.qr')?.dataset.link && root.querySelector('canvas.qr').dataset.link !== {}",
        json!(first)
    ))
    .await;
    app.accept().await;
    page.shows("Paid").await;
    page.called_times("onPaymentSuccess", 1).await;
    page.called_times("onExpired", 1).await;
    assert_eq!(page.calls("onPopUpClose").await.len(), 0, "the dialog stayed open");
    page.assert_page_healthy().await;
    browser.quit().await;
}

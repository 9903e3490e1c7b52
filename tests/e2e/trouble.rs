//! Banq down, slow or talking nonsense; a killed server; impatient thumbs; unsafe links.

use std::time::Duration;

use banq_checkout_e2e::{Browser, Intermediary, Page, Setup, TestApp};
use serde_json::json;

/// Presses, reads the sentence, ends the trouble, presses "Try again", and gets a link.
async fn recovers(name: &str, sentence: &str, trouble: impl Fn(&mut banq_simulator::Scenarios)) {
    // A shop gives a slow Banq more time.
    let setup = Setup { provider_deadline: Some(Duration::from_secs(3)), ..Setup::default() };
    let app = TestApp::set_up(setup).await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    app.simulator.control().update_scenarios(trouble);
    page.pay().await;
    page.shows(sentence).await;
    page.screenshot(name).await;
    app.simulator.control().update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
    page.press_labelled("Try again").await;
    page.link().await;
    assert_eq!(app.simulator.control().payments().len(), 1, "nothing was made twice");
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.called_times("onError", 1).await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn banq_down() {
    recovers("banq-down", "payment service cannot be reached right now", |scenarios| {
        scenarios.api.down = true;
    })
    .await;
}

#[tokio::test]
async fn banq_slow() {
    recovers("banq-slow", "This took too long", |scenarios| scenarios.api.delay_ms = 60_000).await;
}

#[tokio::test]
async fn html_instead_of_json() {
    recovers("banq-html", "payment service cannot be reached right now", |scenarios| {
        scenarios.api.html = true;
    })
    .await;
}

#[tokio::test]
async fn one_401_is_mended_without_the_shopper() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    app.simulator.control().update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1);
    page.pay().await;
    page.link().await;
    assert_eq!(page.calls("onError").await.len(), 0);
    browser.quit().await;
}

#[tokio::test]
async fn a_refused_order_says_so_and_offers_no_retry() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    app.simulator.control().update_scenarios(|scenarios| {
        scenarios.api.status = 422;
        scenarios.api.fail_next = 9;
    });
    page.pay().await;
    page.shows("This order cannot be paid here").await;
    page.screenshot("order-rejected").await;
    assert_eq!(page.called("onError").await["code"], json!("order_rejected"));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn seven_fast_clicks_make_one_request_upstream() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.until("!!root.querySelector('.pay')").await;
    page.run(&Page::in_widget("Array.from({ length: 7 }, () => root.querySelector('.pay').click()).length"))
        .await;
    page.link().await;
    assert_eq!(app.link_requests(), 1);
    browser.quit().await;
}

#[tokio::test]
async fn an_unsafe_link_is_an_error_without_link_or_code() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for link in ["javascript:alert(1)", "http://link.banq.example/abc"] {
        let page =
            Page::open(&browser.driver, &app.page(&format!("getPaymentInfo: async () => '{link}',"))).await;
        page.pay().await;
        page.shows("This order cannot be paid here").await;
        assert_eq!(page.run(&Page::in_widget("root.querySelectorAll('a, canvas').length")).await, json!(0));
        assert_eq!(page.called("onError").await["code"], json!("link_invalid"));
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn open_page_turns_paid_after_server_killed_at_webhooks_200() {
    let app = TestApp::start_with(Intermediary::Process).await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    // Banq stops answering questions, so that the webhook can be stored and not yet be confirmed.
    app.simulator.control().update_scenarios(|scenarios| scenarios.api.down = true);
    app.accept().await;
    app.completed_webhook_was_taken().await;
    app.kill();
    app.simulator.control().update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
    page.shows("Connection lost").await;
    page.screenshot("connection-lost").await;
    assert_eq!(page.calls("onPaymentSuccess").await.len(), 0);
    app.restart().await;
    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

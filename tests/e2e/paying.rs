//! The good run, by phone and by window.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

#[tokio::test]
async fn paid_by_phone_the_page_knows() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.until("!!root.querySelector('.pay')").await;
    page.screenshot("button").await;

    page.pay().await;
    page.shows("Waiting for your payment").await;
    page.shows("$2.00").await;
    page.shows("Demo Widget Banq").await;
    let link = page.link().await;
    becomes!(page.codes("pending").await, [&*link], "the code is the link, to the byte");
    assert_eq!(link, app.payment().await.url);

    // The phone: another tab, the simulator's app.
    let shop = browser.driver.window().await.unwrap();
    let phone = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(phone).await.unwrap();
    let phone = Page::open(&browser.driver, &format!("{}/app", app.simulator.url())).await;
    phone.press_in_document("[data-action=accept]").await;
    browser.driver.switch_to_window(shop).await.unwrap();

    let paid = page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.screenshot("paid").await;
    assert_eq!(paid["orderId"], json!(app.order()));
    assert_eq!(paid["funds"], json!("2.00"));
    assert_eq!(paid["late"], json!(false));
    assert!(paid["checkoutId"].as_str().is_some_and(|id| id.len() == 32));

    page.press_labelled("Done").await;
    let closed = page.called("onPopUpClose").await;
    assert_eq!(closed, json!({ "reason": "user", "status": "paid" }));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn paid_in_the_window_the_page_knows() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // The link moves the button: a press at that very moment meets something else.
    let page = Page::paying(&browser.driver, &app.shop()).await;
    page.press_labelled("Continue on this device").await;
    page.shows("Finish the payment in the window").await;
    page.screenshot("window-open").await;

    let shop = browser.driver.window().await.unwrap();
    let window = browser.other_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    app.pay_in_window(&browser.driver).await;
    browser.driver.switch_to_window(shop).await.unwrap();

    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    browser.until_one_window().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn money_that_comes_after_the_dialog_was_closed_is_still_told() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    page.press(".close").await;
    page.called("onPopUpClose").await;
    app.accept().await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["late"], json!(true));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_widget_itself_asks_the_endpoint_for_an_order() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let order = json!({ "orderId": app.order(), "comment": "From the widget", "funds": "12.50" });
    let options = format!("endpoint: '{}/generate-payment-link', order: {order},", app.base());
    let page = Page::open(&browser.driver, &app.page(&options)).await;
    page.pay().await;
    page.shows("$12.50").await;
    page.shows("From the widget").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

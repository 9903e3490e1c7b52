//! The good run, by phone and by window.

use banq_checkout_e2e::{Browser, Page, Stack, becomes};
use serde_json::json;

#[tokio::test]
async fn paid_by_phone_the_page_knows() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &stack.shop()).await;
    page.until("!!root.querySelector('.pay')").await;
    page.screenshot("button").await;

    page.pay().await;
    page.shows("Waiting for your payment").await;
    page.shows("$2.00").await;
    page.shows("Demo Widget Banq").await;
    let link = page.link().await;
    becomes!(page.codes("pending").await, [&*link], "the code is the link, to the byte");
    assert_eq!(link, stack.payment().await.url);

    // The phone: another tab, the simulator's app.
    let shop = browser.driver.window().await.unwrap();
    let phone = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(phone).await.unwrap();
    let app = Page::open(&browser.driver, &format!("{}/app", stack.simulator.url())).await;
    app.press_in_document("[data-action=accept]").await;
    browser.driver.switch_to_window(shop).await.unwrap();

    let paid = page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.screenshot("paid").await;
    assert_eq!(paid["orderId"], json!(stack.order()));
    assert_eq!(paid["funds"], json!("2.00"));
    assert_eq!(paid["late"], json!(false));
    assert!(paid["checkoutId"].as_str().is_some_and(|id| id.len() == 32));

    page.press_labelled("Done").await;
    let closed = page.called("onPopUpClose").await;
    assert_eq!(closed, json!({ "reason": "user", "status": "paid" }));
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn paid_in_the_window_the_page_knows() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    // The link moves the button: a press at that very moment meets something else.
    let page = Page::paying(&browser.driver, &stack.shop()).await;
    page.press_labelled("Pay in the browser").await;
    page.shows("Finish the payment in the window").await;
    page.screenshot("window-open").await;

    let shop = browser.driver.window().await.unwrap();
    let window = browser.other_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    stack.pay_in_window(&browser.driver).await;
    browser.driver.switch_to_window(shop).await.unwrap();

    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    browser.until_one_window().await;
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn money_that_comes_after_the_dialog_was_closed_is_still_told() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &stack.shop()).await;
    page.press(".close").await;
    page.called("onPopUpClose").await;
    stack.accept().await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["late"], json!(true));
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_widget_itself_asks_the_endpoint_for_an_order() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let order = json!({ "orderId": stack.order(), "comment": "From the widget", "funds": "12.50" });
    let options = format!("endpoint: '{}/generate-payment-link', order: {order},", stack.base());
    let page = Page::open(&browser.driver, &stack.page(&options)).await;
    page.pay().await;
    page.shows("$12.50").await;
    page.shows("From the widget").await;
    stack.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.unharmed().await;
    browser.quit().await;
}

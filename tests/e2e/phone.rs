//! On the phone itself the app comes first.

use banq_checkout_e2e::{Browser, Page, Stack};
use serde_json::json;

#[tokio::test]
async fn on_a_touch_device_the_app_link_comes_before_the_code() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    browser.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    browser.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    let page = Page::open(&browser.driver, &stack.shop()).await;
    page.pay().await;
    let link = page.link().await;
    page.shows("Open the banq app, or scan the code with another phone.").await;
    page.screenshot("phone").await;
    let app = page.until("root.querySelector('a.action')?.href").await;
    assert_eq!(app, link);
    let order = "root.querySelector('a.action').compareDocumentPosition(root.querySelector('svg.qr'))";
    assert_eq!(page.run(&Page::in_widget(order)).await, json!(4), "the code follows the app's link");
    assert_eq!(
        page.run("return document.documentElement.scrollWidth <= innerWidth").await,
        json!(true),
        "nothing is cut off"
    );
    stack.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.unharmed().await;
    browser.quit().await;
}

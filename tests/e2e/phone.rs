//! On the phone itself the app comes first.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

async fn be_a_phone(browser: &Browser) {
    let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    browser.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    browser.cdp("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
}

#[tokio::test]
async fn touch_device_keeps_hosted_page_without_stream_or_if_asked() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    be_a_phone(&browser).await;
    let link = "getPaymentInfo: async () => 'https://link.banq.com/abc',";
    let with_stream = format!(
        "presentation: 'iframe', endpoint: '{}/generate-payment-link', order: {{ orderId: 'phone', funds: 2 }},",
        app.base()
    );
    for options in [link, &with_stream] {
        let page = Page::paying(&browser.driver, &app.page(options)).await;
        page.until(
            "[...root.querySelectorAll('button')].some((b) => b.innerText === 'Continue in this browser')",
        )
        .await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn on_a_touch_device_the_app_link_comes_before_the_code() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    be_a_phone(&browser).await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.pay().await;
    let link = page.link().await;
    page.shows("Use another phone").await;
    page.screenshot("phone").await;
    let app_link = page.until("root.querySelector('a.action')?.href").await;
    assert_eq!(app_link, link);
    let order = "root.querySelector('a.action').compareDocumentPosition(root.querySelector('canvas.qr'))";
    becomes!(page.run(&Page::in_widget(order)).await, json!(4), "the code follows the app's link");
    becomes!(
        page.run("return document.documentElement.scrollWidth <= innerWidth").await,
        json!(true),
        "nothing is cut off"
    );
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

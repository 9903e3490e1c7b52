//! The demo shop, which is also the README's picture.

use banq_checkout_e2e::{Browser, Page, Setup, TestApp};

#[tokio::test]
async fn demo_shop_sells_its_cart_and_logs_its_callbacks() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &format!("{}/widget/", app.base())).await;
    page.press_in_document("[data-index='1'][data-step='1']").await;
    page.pay().await;
    page.shows("$30.50").await;
    page.shows("1 × Morning blend, 1 × Stoneware mug").await;
    page.until("!!root.querySelector('canvas.qr')").await;
    page.screenshot("demo-shop").await;
    browser.driver.refresh().await.unwrap();
    page.shows("1 × Morning blend, 1 × Stoneware mug").await;
    assert_eq!(app.link_requests(), 1, "the same order after a reload");
    app.accept().await;
    page.shows("Paid").await;
    page.until("/onPaymentSuccess .*\"status\":\"paid\"/.test(page.querySelector('#log').innerText)").await;
    page.screenshot("demo-shop-paid").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_demo_shop_of_trunk_alone_is_paid() {
    let app = TestApp::set_up(Setup { plain_widget: true, ..Setup::default() }).await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &format!("{}/widget/", app.base())).await;
    let size =
        Page::in_widget("[root.querySelector('.pay').offsetWidth, root.querySelector('.pay').offsetHeight]");
    assert_eq!(page.run(&size).await, serde_json::json!([286, 50]), "with its rules");
    page.pay().await;
    page.shows("$12.50").await;
    app.accept().await;
    page.shows("Paid").await;
    page.until("/onPaymentSuccess .*\"status\":\"paid\"/.test(page.querySelector('#log').innerText)").await;
    // The headless client is in the same bundle.
    let page = Page::open(&browser.driver, &format!("{}/widget/headless.html", app.base())).await;
    page.press_in_document("#pay").await;
    page.until("page.querySelector('#status').innerText === 'Waiting for your payment'").await;
    browser.quit().await;
}

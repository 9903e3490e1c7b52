//! The demo shop, which is also the README's picture.

use banq_checkout_e2e::{Browser, Page, Stack};

#[tokio::test]
async fn the_demo_shop_sells_what_is_in_its_cart_and_logs_what_it_is_told() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &format!("{}/widget/", stack.base())).await;
    page.press_in_document("[data-index='1'][data-step='1']").await;
    page.pay().await;
    page.shows("$30.50").await;
    page.shows("1 × Morning blend, 1 × Stoneware mug").await;
    page.until("!!root.querySelector('canvas.qr')").await;
    page.screenshot("demo-shop").await;
    browser.driver.refresh().await.unwrap();
    page.shows("1 × Morning blend, 1 × Stoneware mug").await;
    assert_eq!(stack.link_requests(), 1, "the same order after a reload");
    stack.accept().await;
    page.shows("Paid").await;
    page.until("/onPaymentSuccess .*\"status\":\"paid\"/.test(page.querySelector('#log').innerText)").await;
    page.screenshot("demo-shop-paid").await;
    browser.quit().await;
}

//! A page written for the original widget works as it is.

use banq_checkout_e2e::{Browser, Page, TestApp};

#[tokio::test]
async fn the_vendors_snippet_works_with_only_its_addresses_changed() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = include_str!("../pages/snippet.html").replace("{{base}}", app.base());
    let page = Page::open(&browser.driver, &app.pages.add("snippet", html)).await;
    page.run("window.said = []; const log = console.log; console.log = (...a) => { said.push(a.join(' ')); log(...a); document.body.dataset.said = said.length; }")
        .await;
    page.pay().await;
    assert_eq!(page.link().await, app.payment().await.url);
    page.first_status_is_drawn().await;
    page.screenshot("snippet").await;

    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    let window = browser.other_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    app.pay_in_window(&browser.driver).await;
    browser.driver.switch_to_window(shop).await.unwrap();
    page.until("page.defaultView.said.includes('this triggers after payment completed successfully')").await;
    page.press(".close").await;
    page.until("page.defaultView.said.includes('pop up is closed')").await;
    browser.quit().await;
}

//! The pages in `examples/`, most of them built by Vite with the npm package: each pays an order.

use banq_checkout_e2e::{Browser, NextShop, Page, Setup, TestApp, becomes};
use serde_json::json;

/// Finds the widget's shadow tree, which can be within that of an element.
pub(crate) const SEEK: &str = "window.seek = (tree = document) => {
    for (const one of tree.querySelectorAll('*')) {
      if (!one.shadowRoot) continue;
      if (one.shadowRoot.querySelector('.widget')) return one.shadowRoot;
      const within = seek(one.shadowRoot);
      if (within) return within;
    }
  };";

/// Opens an example, and waits until the widget is there.
async fn open<'a>(app: &TestApp, browser: &'a Browser, name: &str) -> Page<'a> {
    let page = Page::open(&browser.driver, &app.example(name)).await;
    page.run(SEEK).await;
    page.until("!!page.defaultView.seek()").await;
    page
}

/// Waits for the code, pays, and waits for the page's own word.
pub(crate) async fn pay(app: &TestApp, page: &Page<'_>) {
    page.until("page.defaultView.seek().querySelector('canvas.qr')?.dataset.link").await;
    app.accept().await;
    page.until("page.defaultView.seek().querySelector('.outcome[data-status=paid]')").await;
    page.until("page.querySelector('[role=status]').textContent.startsWith('Paid')").await;
}

/// A page that shows the widget's own button.
async fn sells(name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = open(&app, &browser, name).await;
    page.run("seek().querySelector('.pay').click()").await;
    pay(&app, &page).await;
    assert_eq!(app.link_requests(), 1);
    browser.quit().await;
}

#[tokio::test]
async fn a_module_of_the_package_sells() {
    sells("vite-module").await;
}

#[tokio::test]
async fn a_vue_page_sells() {
    sells("vue").await;
}

#[tokio::test]
async fn a_svelte_page_sells() {
    sells("svelte").await;
}

#[tokio::test]
#[ignore = "`cargo xtask test frameworks` builds the page"]
async fn an_angular_page_sells() {
    sells("angular/browser").await;
}

#[tokio::test]
#[ignore = "`cargo xtask test frameworks` builds the page"]
async fn a_page_that_next_renders_on_the_server_sells() {
    let origin = NextShop::free_origin();
    let app = TestApp::set_up(Setup { origin: Some(origin.clone()), ..Setup::default() }).await;
    let _shop = NextShop::start(&app, &origin);
    let html = app.http.get(&origin).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("<h1>Desk lamp, $2.00</h1><div id=\"pay\""), "rendered on the server: {html}");
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &origin).await;
    page.run(SEEK).await;
    page.until("!!page.defaultView.seek()").await;
    page.run("seek().querySelector('.pay').click()").await;
    pay(&app, &page).await;
    assert_eq!(app.link_requests(), 1);
    browser.quit().await;
}

#[tokio::test]
async fn a_page_with_the_script_tag_sells() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let address = app.pages.add("script", include_str!("../../examples/script/index.html"));
    let page = Page::open(&browser.driver, &format!("{address}?server={}", app.base())).await;
    page.run(SEEK).await;
    page.until("!!page.defaultView.seek()").await;
    page.run("seek().querySelector('.pay').click()").await;
    pay(&app, &page).await;
    browser.quit().await;
}

#[tokio::test]
async fn a_page_that_draws_its_own_code_sells() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.example("headless")).await;
    page.press_in_document("button").await;
    page.until("page.querySelector('[role=status]').textContent === 'Scan the code to pay'").await;
    let payment = app.payment().await;
    assert_eq!(page.codes("example-headless").await, [payment.url]);
    app.accept().await;
    page.until("page.querySelector('[role=status]').textContent.startsWith('Paid')").await;
    browser.quit().await;
}

#[tokio::test]
async fn a_react_page_that_renders_again_and_again_keeps_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = open(&app, &browser, "react").await;
    let renders = "Number.parseInt(page.querySelector('p').textContent)";
    page.until(&format!("{renders} >= 1")).await;
    page.run("seek().querySelector('.pay').click()").await;
    pay(&app, &page).await;
    let paid = page.run("return Number.parseInt(document.querySelector('p').textContent)").await;
    page.until(&format!("{renders} >= {}", paid.as_u64().unwrap() + 2)).await;
    let shown = page.run(
        "return seek().querySelector('dialog').open && !!seek().querySelector('.outcome[data-status=paid]')",
    );
    assert_eq!(shown.await, json!(true));
    assert_eq!(app.link_requests(), 1, "no render asks again");
    browser.quit().await;
}

#[tokio::test]
async fn a_yew_application_that_renders_again_keeps_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &format!("{}?server={}", app.example("yew"), app.base())).await;
    page.run(SEEK).await;
    page.until("!!page.defaultView.seek()").await;
    page.run("document.querySelector('button').click()").await;
    page.until("page.querySelector('h1').textContent === 'Desk lamps, $4.00'").await;
    page.until("page.defaultView.seek().querySelector('.pay').textContent.startsWith('Buy')").await;
    page.run("seek().querySelector('.pay').click()").await;
    pay(&app, &page).await;
    page.until("page.querySelector('[role=status]').textContent === 'Paid for 2 lamps. Thank you!'").await;
    let shown = page.run(
        "return seek().querySelector('dialog').open && !!seek().querySelector('.outcome[data-status=paid]')",
    );
    assert_eq!(shown.await, json!(true), "the rendering with the words has new callbacks");
    assert_eq!(app.link_requests(), 1, "no render asks again");
    // Another order is another payment.
    page.run("seek().querySelector('.close').click(); document.querySelector('button').click()").await;
    page.until("page.querySelector('h1').textContent === 'Desk lamps, $6.00'").await;
    page.run("seek().querySelector('.pay').click()").await;
    page.until("page.defaultView.seek().querySelector('canvas.qr')?.dataset.link").await;
    assert_eq!(app.link_requests(), 2);
    browser.quit().await;
}

#[tokio::test]
async fn the_originals_page_sells_with_one_import_changed() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = open(&app, &browser, "original-element").await;
    let pressed = page.run(
        "window.heard = [];
         for (const name of ['close', 'successPayment', 'paymentSuccess']) {
           document.addEventListener(name, ({ detail }) => heard.push([name, detail.type]));
         }
         const button = document.querySelector('pay-with-banq-button');
         button.shadowRoot.querySelector('[part=button]').click();
         return button.loading;",
    );
    assert_eq!(pressed.await, json!(true), "until the link is there");
    pay(&app, &page).await;
    page.run("seek().querySelector('.close').click()").await;
    becomes!(page.run("return document.querySelector('checkout-widget-dialog').open").await, json!(false));
    page.settled().await;
    let heard = json!([
        ["successPayment", "successPayment"],
        ["paymentSuccess", "paymentSuccess"],
        ["close", "close"]
    ]);
    assert_eq!(page.run("return heard").await, heard);
    browser.quit().await;
}

//! What the hosted payment page can reach: nothing of the shop's page, where the shop's server tells how it ends.

use banq_checkout_e2e::{Browser, Engine, Page, Pages, TestApp, becomes};
use serde_json::{Value, json};

use crate::engines::in_each_engine;

in_each_engine! {
    a_hosted_page_cannot_move_the_shops_page
    a_window_that_waits_for_its_link_moves_nothing_either
    a_framed_page_cannot_move_the_shops_page
    a_container_that_is_taken_away_closes_its_window
    without_a_stream_a_window_that_waited_still_says_paid
}

fn snapshot(status: &str, version: u32) -> Value {
    json!({
        "checkoutId": "c", "orderId": "1", "status": status, "funds": "2.00", "currency": "USD", "comment": "",
        "expiresAt": "2036-01-11T12:27:12Z", "version": version, "serverTime": "2026-01-11T12:27:13Z"
    })
}

/// What the shop's server says from now on, by its stream and to a single question.
fn says(app: &TestApp, snapshot: &Value) {
    let stream = format!("retry: 100\nevent: status\nid: 1\ndata: {snapshot}\n\n");
    app.pages.add_file("c.json/events", stream.into_bytes());
    app.pages.add_file("c.json", json!({ "data": snapshot }).to_string().into_bytes());
}

/// A shop whose payment link leads to a page that means harm, on an origin of its own.
async fn shop(app: &TestApp, more: &str) -> (Pages, String, String) {
    let elsewhere = Pages::start().await;
    let evil = elsewhere.add("evil", "<h1>Not the shop</h1>");
    let html = format!(
        "<button onclick=\"go()\">Go</button><script>
           window.tried = [];
           function go() {{
             for (const target of [() => opener, () => opener.parent, () => opener.top, () => parent, () => top]) {{
               try {{
                 if (target() === window) continue;
                 target().location = '{evil}';
                 tried.push('done');
               }} catch (error) {{ tried.push(error.name); }}
             }}
             document.body.dataset.tried = 1;
           }}
           if (top === window) go();
         </script>"
    );
    let hosted = elsewhere.add("hosted", html);
    says(app, &snapshot("pending", 1));
    let options = format!(
        "{more} getPaymentInfo: async () => {{
           await window.gate;
           return {{ url: '{hosted}', checkoutId: 'c', eventsUrl: '{}/c.json/events' }};
         }},",
        app.pages.origin()
    );
    let address = app.page(&options);
    (elsewhere, address, hosted)
}

/// Presses the button of a shop and waits for the first status too.
async fn pay<'a>(browser: &'a Browser, address: &str) -> Page<'a> {
    let page = Page::paying(&browser.driver, address).await;
    page.first_status_is_drawn().await;
    page
}

/// The window that opened cannot do anything to the shop's page, and is closed by it when the money has come.
async fn is_harmless(app: &TestApp, browser: &Browser, page: &Page<'_>, address: &str, hosted: &str) {
    let shop = browser.driver.window().await.unwrap();
    // WebKit forgets to close a window that is told so before it shows its first page.
    let window = browser.loaded_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    let opened = Page::current(&browser.driver);
    opened.until_address(hosted).await;
    opened.until("page.body.dataset.tried === '1'").await;
    let tried = opened.run("return tried").await;
    let refused = |word: &Value| *word == json!("TypeError") || *word == json!("SecurityError");
    assert!(tried.as_array().unwrap().iter().all(refused), "{tried}");
    browser.driver.switch_to_window(shop).await.unwrap();
    assert_eq!(page.run("return location.href").await, json!(address));
    page.shows("Finish the payment in the window that opened").await;
    // Our own handle stays.
    says(app, &snapshot("paid", 2));
    page.ended_by("onPaymentSuccess").await;
    browser.until_one_window().await;
    page.assert_page_healthy().await;
}

async fn a_hosted_page_cannot_move_the_shops_page(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let (_elsewhere, address, hosted) = shop(&app, "").await;
    let page = pay(&browser, &address).await;
    page.press_labelled("Continue on this device").await;
    is_harmless(&app, &browser, &page, &address, &hosted).await;
    browser.quit().await;
}

async fn a_window_that_waits_for_its_link_moves_nothing_either(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let (_elsewhere, address, hosted) = shop(&app, "").await;
    let page = Page::open(&browser.driver, &address).await;
    page.called("onReady").await;
    page.run("window.gate = new Promise((open) => (window.let_go = open))").await;
    page.pay().await;
    page.press_labelled("Continue on this device").await;
    page.run("let_go()").await;
    is_harmless(&app, &browser, &page, &address, &hosted).await;
    browser.quit().await;
}

async fn a_framed_page_cannot_move_the_shops_page(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let (_elsewhere, address, _) = shop(&app, "presentation: 'iframe',").await;
    let page = pay(&browser, &address).await;
    page.press_labelled("Continue on this device").await;
    page.until("!!root.querySelector('iframe')").await;
    let frame =
        browser.driver.execute(Page::in_widget("root.querySelector('iframe')"), vec![]).await.unwrap();
    frame.element().unwrap().enter_frame().await.unwrap();
    // With a press: that alone would let a frame without a sandbox replace the page around it.
    page.press_in_document("button").await;
    page.until("page.body.dataset.tried === '1'").await;
    let referrer = page.run("return document.referrer").await;
    assert_eq!(referrer, json!(format!("{}/", app.pages.origin())), "the shop's origin, and no more");
    browser.driver.enter_default_frame().await.unwrap();
    assert_eq!(page.run("return location.href").await, json!(address));
    page.until("!!root.querySelector('iframe')").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn without_a_stream_a_window_that_waited_still_says_paid(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let elsewhere = Pages::start().await;
    let say = format!("opener.postMessage({{ type: 'successPayment' }}, '{}')", app.pages.origin());
    // When it is shown: WebKit forgets to close a window that is told so before.
    let say = format!("addEventListener('load', () => setTimeout(() => {say}))");
    let hosted = elsewhere.add("hosted", format!("<h1>Paid</h1><script>{say}</script>"));
    let options = format!("getPaymentInfo: async () => {{ await window.gate; return '{hosted}'; }},");
    let page = Page::open(&browser.driver, &app.page(&options)).await;
    page.called("onReady").await;
    page.run("window.gate = new Promise((open) => (window.let_go = open))").await;
    page.pay().await;
    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    browser.other_window(&shop).await;
    page.run("let_go()").await;
    page.ended_by("onPaymentSuccess").await;
    browser.until_one_window().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn a_container_that_is_taken_away_closes_its_window(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let (_elsewhere, address, hosted) = shop(&app, "").await;
    let page = Page::open(&browser.driver, &address).await;
    page.called("onReady").await;
    let elements = page.run("return document.querySelectorAll('*').length").await;
    page.pay().await;
    page.first_status_is_drawn().await;
    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    // WebKit forgets to close a window that is told so before it shows its first page.
    let window = browser.loaded_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    Page::current(&browser.driver).until_address(&hosted).await;
    browser.driver.switch_to_window(shop).await.unwrap();
    page.run("document.querySelector('#pay-with-banq').remove()").await;
    browser.until_one_window().await;
    // On a slow machine Yew ends the widget in a timer of its own.
    becomes!(
        page.run("return document.querySelectorAll('*').length").await,
        json!(elements.as_u64().unwrap() - 2),
        "with the container and what is in it the frame is gone"
    );
    page.assert_page_healthy().await;
    browser.quit().await;
}

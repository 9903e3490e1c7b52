//! The essential journeys in each engine: what a shopper with Chrome, Firefox or Safari does.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp, becomes};
use banq_simulator::Action;
use serde_json::json;

/// A test of each journey in each engine.
macro_rules! in_each_engine {
    ($($journey:ident)*) => {
        mod chromium {
            $(#[tokio::test] async fn $journey() { super::$journey(banq_checkout_e2e::Engine::Chromium, "chromium").await; })*
        }
        mod firefox {
            $(#[tokio::test] async fn $journey() { super::$journey(banq_checkout_e2e::Engine::Firefox, "firefox").await; })*
        }
        mod webkit {
            $(#[tokio::test] async fn $journey() { super::$journey(banq_checkout_e2e::Engine::WebKit, "webkit").await; })*
        }
    };
}
pub(crate) use in_each_engine;

in_each_engine! {
    the_vendors_snippet_is_paid_in_the_window
    paid_by_phone_the_page_knows
    canceled_then_expired_then_paid
    destroyed_while_a_window_is_open_it_leaves_nothing_behind
    without_the_wasm_the_link_opens
    under_a_strict_policy_everything_works
}

/// A page that notes every harm from before its first script.
const HARM: &str = "<script>
    window.harm = [];
    addEventListener('error', (event) => harm.push(event.message));
    addEventListener('unhandledrejection', (event) => harm.push(`rejection: ${event.reason}`));
    window.said = [];
    const log = console.log;
    console.log = (...words) => { said.push(words.join(' ')); log(...words); document.body.dataset.said = said.length; };
  </script>";

async fn the_vendors_snippet_is_paid_in_the_window(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = crate::snippet::vendors_page(&app);
    let html = html.replacen("<script src", &format!("{HARM}<script src"), 1);
    let page = Page::open(&browser.driver, &app.pages.add("snippet", html)).await;
    page.until("!!root.querySelector('.pay')").await;
    page.screenshot(&format!("{name}-button")).await;
    page.pay().await;
    assert_eq!(page.link().await, app.payment().await.url);
    page.first_status_is_drawn().await;

    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    let window = browser.other_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    app.pay_in_window(&browser.driver).await;
    browser.driver.switch_to_window(shop).await.unwrap();
    page.until("page.defaultView.said.includes('this triggers after payment completed successfully')").await;
    page.screenshot(&format!("{name}-snippet-paid")).await;
    page.press(".close").await;
    page.until("page.defaultView.said.includes('pop up is closed')").await;
    browser.until_one_window().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn paid_by_phone_the_page_knows(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    // Of the three, WebKit's browser alone takes its language from the machine.
    let shop = app.page(&format!("locale: 'en-US', {}", app.asks()));
    let page = Page::open(&browser.driver, &shop).await;
    page.pay().await;
    page.shows("Waiting for your payment").await;
    page.shows("$2.00").await;
    let link = page.link().await;
    page.until("/^1[45]:\\d\\d$/.test(root.querySelector('[role=timer]').innerText)").await;
    becomes!(page.codes(&format!("{name}-pending")).await, [&*link], "the code is the link, to the byte");
    page.stream_is_open().await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    let told = page.calls("onStatusChange").await.pop().unwrap();
    assert_eq!((&told["status"], &told["transport"]), (&json!("paid"), &json!("sse")));
    page.shows("Paid").await;
    page.screenshot(&format!("{name}-paid")).await;
    page.press_labelled("Done").await;
    assert_eq!(page.called("onPopUpClose").await, json!({ "reason": "user", "status": "paid" }));
    becomes!(page.until("root.activeElement?.className").await, "pay", "the focus returns");
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn canceled_then_expired_then_paid(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.pay().await;
    for (action, words, again, callback) in [
        (Action::Cancel, "Payment canceled", "Try again", "onPaymentFailed"),
        (Action::Expire, "This code has run out", "Get a new code", "onExpired"),
    ] {
        page.link().await;
        app.act(action).await;
        page.shows(words).await;
        page.called(callback).await;
        page.screenshot(&format!("{name}-{callback}")).await;
        page.press_labelled(again).await;
    }
    page.link().await;
    // A reload in the middle: the page goes on where it was.
    browser.driver.refresh().await.unwrap();
    page.link().await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn destroyed_while_a_window_is_open_it_leaves_nothing_behind(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    let before = page.run("return listeners").await;
    page.pay().await;
    page.link().await;
    let shop = browser.driver.window().await.unwrap();
    page.press_labelled("Continue on this device").await;
    page.shows("Finish the payment in the window").await;
    // WebKit forgets to close a window that is told so before it shows its first page.
    browser.loaded_window(&shop).await;
    page.run("app.destroyWidget(); app.destroyWidget();").await;
    browser.until_one_window().await;
    assert_eq!(page.called("onPopUpClose").await["reason"], json!("destroyed"));
    let left = "return [listeners, streams.filter((stream) => stream.readyState !== 2).length, \
                document.querySelector('#pay-with-banq').childElementCount]";
    becomes!(page.run(left).await, json!([before, 0, 0]));
    // And again, from the start.
    page.run("app.bootstrapApp()").await;
    page.pay().await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn without_the_wasm_the_link_opens(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.own(&app.asks());
    app.pages.remove("banq-checkout_bg.wasm");
    let page = Page::open(&browser.driver, &app.pages.add("no-wasm", html)).await;
    assert_eq!(page.called("onError").await["code"], json!("load_failed"));
    page.screenshot(&format!("{name}-plain")).await;
    let shop = browser.driver.window().await.unwrap();
    page.pay().await;
    let window = browser.other_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    let address = Page::current(&browser.driver).until_address("/pay/").await;
    assert_eq!(address, app.payment().await.url);
    assert_eq!(page.run("return opener").await, json!(null));
    browser.driver.close_window().await.unwrap();
    browser.driver.switch_to_window(shop).await.unwrap();
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn under_a_strict_policy_everything_works(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-r4nd0m' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; \
         connect-src 'self' {}",
        app.base()
    );
    app.pages.header("strict", "content-security-policy", policy);
    let html = app.own(&app.asks()).replace("<script", "<script nonce=\"r4nd0m\"");
    let page = Page::open(&browser.driver, &app.pages.add("strict", html)).await;
    page.called("onReady").await;
    page.pay().await;
    page.link().await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

//! The hosted payment page: in a window, in a frame, instead of the shop's page.

use banq_checkout_e2e::{Browser, Page, Pages, TestApp};
use banq_simulator::Action;
use serde_json::json;

/// A shop with one more option.
fn shop_with(app: &TestApp, option: &str) -> String {
    let order = json!({ "orderId": app.order(), "comment": "Tea", "funds": 2 });
    app.page(&format!("endpoint: '{}/generate-payment-link', order: {order}, {option}", app.base()))
}

#[tokio::test]
async fn window_opens_in_the_click_and_then_goes_to_the_link() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    // The answer waits until the window is there.
    page.hold_requests().await;
    page.pay().await;
    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    let window = browser.other_window(&shop).await;
    assert_eq!(app.simulator.control().payments().len(), 0, "the link is not there yet");
    page.let_requests_go().await;
    page.shows("Waiting for your payment").await;
    browser.driver.switch_to_window(window).await.unwrap();
    app.pay_in_window(&browser.driver).await;
    browser.driver.switch_to_window(shop).await.unwrap();
    page.ended_by("onPaymentSuccess").await;
    browser.until_one_window().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_blocked_window_leaves_the_link_and_the_code() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.run("window.open = () => null").await;
    page.pay().await;
    page.link().await;
    page.press_labelled("Continue on this device").await;
    page.shows("Your browser blocked the payment window").await;
    page.screenshot("window-blocked").await;
    page.until("!!root.querySelector('canvas.qr') && !!root.querySelector('a[href]')").await;
    assert_eq!(page.called("onError").await["code"], json!("window_blocked"));
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    page.until("!root.querySelector('.problem')").await; // it tells to open a link that is gone
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_second_click_goes_to_the_open_window() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.run("window.opened = 0; const open = window.open; window.open = (...a) => { opened += 1; return open.apply(window, a); }").await;
    page.pay().await;
    page.link().await;
    let shop = browser.driver.window().await.unwrap();
    page.press_labelled("Continue on this device").await;
    browser.other_window(&shop).await;
    page.press_labelled("Go to the payment window").await;
    page.press_labelled("Go to the payment window").await;
    assert_eq!(page.run("return opened").await, json!(1));
    browser.quit().await;
}

#[tokio::test]
async fn closed_window_leaves_one_close_and_a_usable_button() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for pause in ["0", "50", "500", "load"] {
        let page = Page::open(&browser.driver, &app.shop()).await;
        page.run(&format!(
            "const open = window.open; window.open = function (...a) {{
               const opened = open.apply(this, a);
               if ('{pause}' === 'load') {{
                 // As soon as the hosted page's document takes the place of the empty one.
                 const look = setInterval(() => {{
                   try {{ opened.location.href; }} catch {{ clearInterval(look); opened.close(); }}
                 }}, 1);
               }} else setTimeout(() => opened.close(), {});
               (window.opened ??= []).push(opened);
               return opened; }}",
            if pause == "load" { "0" } else { pause }
        ))
        .await;
        page.pay().await;
        page.link().await;
        page.press_labelled("Continue on this device").await;
        // It notices, and offers the window again.
        page.until("page.defaultView.opened?.[0]?.closed").await;
        page.until("!root.querySelector('.widget').innerText.includes('Go to the payment window')").await;
        page.press_labelled("Continue on this device").await;
        page.press(".close").await;
        let closed = page.called("onPopUpClose").await;
        assert_eq!(closed, json!({ "reason": "user", "status": "pending" }), "{pause}");
        page.pay().await;
        page.link().await;
        assert_eq!(page.calls("onPopUpClose").await.len(), 1, "{pause}");
        page.assert_page_healthy().await;
        browser.until_one_window().await;
        app.next_order();
    }
    browser.quit().await;
}

#[tokio::test]
async fn in_a_frame_the_shopper_pays_without_leaving_the_page() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &shop_with(&app, "presentation: 'iframe',")).await;
    page.press_labelled("Continue on this device").await;
    page.until("!!root.querySelector('iframe')").await;
    page.screenshot("frame").await;
    let frame =
        browser.driver.execute(Page::in_widget("root.querySelector('iframe')"), vec![]).await.unwrap();
    frame.element().unwrap().enter_frame().await.unwrap();
    app.pay_in_window(&browser.driver).await;
    browser.driver.enter_default_frame().await.unwrap();
    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn by_redirect_the_shopper_comes_back_to_a_page_that_knows() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &shop_with(&app, "presentation: 'redirect',")).await;
    page.press_labelled("Continue on this device").await;
    app.pay_in_window(&browser.driver).await;
    app.completed_webhook_was_taken().await;
    browser.driver.back().await.unwrap();
    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn message_from_a_foreign_origin_window_or_frame_is_ignored() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // A page of the shop's own origin plays the hosted page first: nobody else may speak for it.
    let forged = app.pages.add(
        "forged",
        "<script>(opener ?? parent).postMessage({ type: 'successPayment' }, '*'); (opener ?? parent).postMessage('heard', '*')</script>",
    );
    let hosted = app.pages.add("hosted", "<h1>hosted</h1>");
    let options = format!("environment: 'local', getPaymentInfo: async () => '{hosted}',");
    let page = Page::open(&browser.driver, &app.page(&options)).await;
    page.run("const open = window.open; window.open = (...a) => { window.opened ??= open.apply(window, a); return opened; }")
        .await;
    page.run("window.heard = 0; window.addEventListener('message', (e) => { if (e.data === 'heard') { heard += 1; document.body.dataset.heard = heard; } })").await;
    page.pay().await;
    page.link().await;
    page.press_labelled("Continue on this device").await;
    page.shows("Finish the payment in the window").await;
    // Another window of the very same origin, and a frame: both are someone else.
    page.run(&format!("const link = document.createElement('a'); link.href = '{forged}'; link.target = 'other'; link.rel = 'opener'; document.body.append(link); link.click()")).await;
    page.until("page.defaultView.heard === 1").await;
    page.run(&format!(
        "const f = document.createElement('iframe'); f.src = '{forged}'; document.body.append(f)"
    ))
    .await;
    page.until("page.defaultView.heard === 2").await;
    page.run("window.postMessage({ type: 'successPayment' }, '*'); window.postMessage('heard', '*')").await;
    page.until("page.defaultView.heard === 3").await;
    // The payment window itself, while it shows a page of another origin.
    let elsewhere = Pages::start().await;
    let html = "<script>opener.postMessage({ type: 'successPayment' }, '*'); opener.postMessage('heard', '*')</script>";
    let foreign = elsewhere.add("forged", html);
    page.run(&format!("opened.location = '{foreign}'")).await;
    page.until("page.defaultView.heard === 4").await;
    assert_eq!(page.calls("onPaymentSuccess").await.len(), 0);
    page.shows("Waiting for your payment").await;
    // The same window, back on the link's own origin: so the others were refused, and not merely missed.
    page.run(&format!("opened.location = '{forged}'")).await;
    page.ended_by("onPaymentSuccess").await;
    browser.quit().await;
}

#[tokio::test]
async fn a_framed_page_that_floods_messages_asks_once_a_second() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &shop_with(&app, "presentation: 'iframe',")).await;
    page.press_labelled("Continue on this device").await;
    page.until("!!root.querySelector('iframe')").await;
    let asked = "return [streams.length, performance.now()]";
    let before = page.run(asked).await;
    page.run("let heard = 0; addEventListener('message', () => (document.body.dataset.heard = ++heard))")
        .await;
    let frame =
        browser.driver.execute(Page::in_widget("root.querySelector('iframe')"), vec![]).await.unwrap();
    frame.element().unwrap().enter_frame().await.unwrap();
    // What runs in the empty document that comes first ends with it.
    let framed = Page::current(&browser.driver);
    framed.until("page.readyState === 'complete' && page.querySelector('[data-action=login]')").await;
    let flood = "const say = () => parent.postMessage({ type: 'login' }, '*'); setInterval(say, 5)";
    page.run(flood).await;
    browser.driver.enter_default_frame().await.unwrap();
    page.until("Number(page.body.dataset.heard) > 300").await;
    let after = page.run(asked).await;
    let grown = after[0].as_f64().unwrap() - before[0].as_f64().unwrap();
    let seconds = (after[1].as_f64().unwrap() - before[1].as_f64().unwrap()) / 1000.0;
    assert!(grown >= 1.0 && grown <= seconds + 1.0, "{grown} questions in {seconds} s");
    // And what it asks is still answered.
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

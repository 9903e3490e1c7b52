//! Loader and lifecycle: early calls, failed downloads, callbacks that throw, closing, destruction.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

use crate::start::SLOW;

#[tokio::test]
async fn closing_tells_the_page_why() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    for (count, (close, reason)) in
        [("button", "user"), ("escape", "user"), ("api", "api")].into_iter().enumerate()
    {
        page.pay().await;
        page.link().await;
        match close {
            "button" => page.press(".close").await,
            "escape" => page.escape().await,
            _ => drop(page.run("app.close()").await),
        }
        page.until("!root.querySelector('dialog').open").await;
        let closes = page.called_times("onPopUpClose", count + 1).await;
        assert_eq!(closes.last().unwrap(), &json!({ "reason": reason, "status": "pending" }), "{close}");
    }
    becomes!(
        page.run("return document.activeElement.shadowRoot?.activeElement?.className").await,
        json!("pay"),
        "focus returns"
    );
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn destroyed_at_any_moment_twice_it_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // Each moment is where the page is brought before it destroys the widget.
    for moment in ["loading", "idle", "requesting", "pending", "window", "paid", "closed"] {
        let page = Page::open(&browser.driver, &app.shop()).await;
        let before = page.run("return window.listeners").await;
        match moment {
            "loading" => drop(
                page.run("app.destroyWidget(); app.bootstrapApp(); app.destroyWidget(); app.bootstrapApp()")
                    .await,
            ),
            "idle" => drop(page.until("!!root.querySelector('.pay')").await),
            "requesting" => {
                page.hold_requests().await;
                page.pay().await;
                page.shows("Preparing your payment").await;
            }
            _ => {
                page.pay().await;
                page.link().await;
            }
        }
        match moment {
            "window" => {
                page.press_labelled("Continue on this device").await;
                page.shows("Finish the payment").await;
            }
            "paid" => {
                app.accept().await;
                page.ended_by("onPaymentSuccess").await;
            }
            "closed" => page.press(".close").await,
            _ => {}
        }
        page.run("app.destroyWidget(); app.destroyWidget();").await;
        page.until("page.querySelector('#pay-with-banq').childElementCount === 0").await;
        // An answer that comes after the end changes nothing.
        if moment == "requesting" {
            page.let_requests_go().await;
        }
        page.settled().await;
        becomes!(page.run("return window.listeners").await, before, "{moment}: listeners");
        becomes!(
            page.run("return streams.filter((s) => s.readyState !== 2).length").await,
            json!(0),
            "{moment}"
        );
        assert_eq!(
            page.run("return document.querySelector('#pay-with-banq').childElementCount").await,
            json!(0)
        );
        browser.until_one_window().await;
        page.run("app.open(); app.close(); app.update({ theme: 'dark' }); app.destroyWidget();").await;
        page.assert_page_healthy().await;
        app.next_order();
    }
    browser.quit().await;
}

#[tokio::test]
async fn the_snippets_next_line_works_before_the_module_is_there() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.page("getPaymentInfo: async () => 'https://link.banq.com/abc', onReady: () => { tell('onReady')(); app.close(); app.open(); },")).await;
    page.run("app.open();").await;
    page.shows("Waiting for your payment").await;
    assert_eq!(page.run("return window.added").await, json!(["ecommerceBanqWidget"]));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_loader_twice_warns_and_keeps_the_first() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    let script = format!(
        "window.first = window.ecommerceBanqWidget; window.warned = []; console.warn = (text) => warned.push(text);
         const script = document.createElement('script'); script.src = '{}/widget/ecommerce.js';
         script.onload = () => document.body.dataset.twice = 1; document.body.append(script);",
        app.base()
    );
    page.run(&script).await;
    page.until("page.body.dataset.twice === '1'").await;
    assert_eq!(page.run("return window.first === window.ecommerceBanqWidget").await, json!(true));
    assert!(page.run("return window.warned[0]").await.as_str().unwrap().contains("twice"));
    browser.quit().await;
}

#[tokio::test]
async fn a_failed_download_is_told_and_can_be_tried_again() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // A copy of the loader on the shop's own server, where the module is missing at first.
    let loader = std::fs::read_to_string(app.dist().join("ecommerce.js")).unwrap();
    app.pages.add("ecommerce.js", loader);
    let html = app
        .html("getPaymentInfo: async () => 'https://link.banq.com/abc',")
        .replace(&format!("{}/widget/ecommerce.js", app.base()), "ecommerce.js");
    let page = Page::open(&browser.driver, &app.pages.add("broken", html)).await;
    let error = page.called("onError").await;
    assert_eq!((&error["code"], &error["recoverable"]), (&json!("load_failed"), &json!(true)));
    for file in ["banq-checkout.js", "banq-checkout_bg.wasm"] {
        app.pages.add_file(file, std::fs::read(app.dist().join(file)).unwrap());
    }
    page.run("app.bootstrapApp()").await;
    page.until("!!root.querySelector('.pay')").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn wrong_options_are_named_and_break_nothing() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.page("getPaymentInfo: 'no function',")).await;
    let error = page.called("onError").await;
    assert_eq!(error["code"], json!("invalid_option"));
    assert!(error["message"].as_str().unwrap().contains("getPaymentInfo"));
    let rejected =
        page.run("return app.bootstrapApp().then(() => 'resolved', (error) => error.message)").await;
    assert!(
        rejected.as_str().unwrap().contains("getPaymentInfo: expected a function, got string"),
        "{rejected}"
    );
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn closed_and_opened_in_one_task_it_stays_open() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // On a machine that becomes slow in between, the browser says that the dialog closed before it is shown again.
    let slow = SLOW.trim_start_matches("<script>").trim_end_matches("</script>");
    for between in ["", slow] {
        let page = Page::paying(&browser.driver, &app.shop()).await;
        page.run(&format!(
            "const frames = () => new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)));
             app.close();
             return (async () => {{ await null; {between} app.open(); await frames(); await frames(); }})()"
        ))
        .await;
        page.link().await;
        page.until("root.querySelector('dialog').open").await;
        let closes = page.called_times("onPopUpClose", 1).await;
        assert_eq!(closes, [json!({ "reason": "api", "status": "pending" })]);
        page.assert_page_healthy().await;
        app.next_order();
    }
    browser.quit().await;
}

#[tokio::test]
async fn when_the_focused_control_goes_the_focus_stays_in_the_dialog() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    page.run(&Page::in_widget("(root.querySelector('button.action').focus(), 1)")).await;
    app.accept().await;
    page.shows("Paid").await;
    page.until("/^(action|close)/.test(root.activeElement?.className)").await;
    browser.quit().await;
}

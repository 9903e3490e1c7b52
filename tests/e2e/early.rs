//! A click before the widget is there: the link is asked for at once, and only once.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

const WASM: &str = "banq-checkout_bg.wasm";

/// A page whose widget waits for the test. `asked` notes the requests of the page.
async fn page<'a>(app: &TestApp, browser: &'a Browser, options: &str) -> Page<'a> {
    let html = app.own(options).replace("</head>", "<script>window.asked = [];</script></head>");
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("early-page", html)).await;
    app.pages.until_asked(WASM, 1).await;
    page
}

#[tokio::test]
async fn the_link_is_made_while_the_widget_is_on_its_way() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let endpoint = format!(
        "endpoint: '{}/generate-payment-link', order: async () => ({{ orderId: '{}', funds: 2, comment: '' }}),",
        app.base(),
        app.order()
    );
    app.next_order();
    for (count, options) in [endpoint, app.asks()].into_iter().enumerate() {
        let page = page(&app, &browser, &options).await;
        page.run("sessionStorage.clear()").await;
        page.pay().await;
        becomes!(app.link_requests(), count + 1, "before the widget is there");
        assert!(page.calls("onReady").await.is_empty());
        let url = app.payment().await.url;
        app.pages.let_go(WASM);
        assert_eq!(page.link().await, url);
        page.called("onReady").await;
        assert_eq!(app.link_requests(), count + 1);
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_failed_early_request_is_the_answer() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    app.pages.add("problem.json", json!({ "status": 409, "code": "order_already_paid" }).to_string());
    for (options, code, asked) in [
        (
            "getPaymentInfo: async (context) => { asked.push(context); throw new Error('no'); },",
            "link_request_failed",
            1,
        ),
        (
            "getPaymentInfo: (context) => { asked.push(context); throw new Error('no'); },",
            "link_request_failed",
            1,
        ),
        (
            "getPaymentInfo: async (context) => { asked.push(context); return { status: 409, code: 'order_already_paid' }; },",
            "order_already_paid",
            1,
        ),
        (
            "endpoint: '/nowhere', order: () => { asked.push({ requestId: 'x' }); return {}; },",
            "order_rejected",
            1,
        ),
    ] {
        let page = page(&app, &browser, options).await;
        page.pay().await;
        page.until(&format!("page.defaultView.asked.length === {asked}")).await;
        assert!(page.run("return asked[0].requestId").await.is_string());
        app.pages.let_go(WASM);
        let error = page.called("onError").await;
        assert_eq!(error["code"], json!(code), "{options}: {error}");
        page.called_times("onError", 1).await;
        assert_eq!(page.run("return asked.length").await, json!(asked), "{options}");
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_changed_order_drops_the_early_request() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let first = "getPaymentInfo: async () => { asked.push(1); return 'https://link.banq.com/first'; },";
    let page = page(&app, &browser, first).await;
    page.pay().await;
    page.until("page.defaultView.asked.length === 1").await;
    // The same source keeps it.
    page.run("app.update({ theme: 'dark' })").await;
    page.run(
        "app.update({ getPaymentInfo: async () => { asked.push(2); return 'https://link.banq.com/second'; } })",
    )
    .await;
    page.until("page.defaultView.asked.length === 2").await;
    app.pages.let_go(WASM);
    assert_eq!(page.link().await, "https://link.banq.com/second");
    assert_eq!(page.run("return asked").await, json!([1, 2]));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn an_early_click_that_is_taken_back_opens_nothing() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let options =
        "getPaymentInfo: async () => { asked.push(1); return 'https://link.banq.com/' + asked.length; },";
    for back in ["app.close()", "app.destroyWidget(); app.bootstrapApp()"] {
        let page = page(&app, &browser, options).await;
        page.pay().await;
        page.until("page.defaultView.asked.length === 1").await;
        page.run(back).await;
        app.pages.let_go(WASM);
        page.called("onReady").await;
        assert!(page.calls("onPopUpOpen").await.is_empty(), "{back}");
        page.pay().await;
        assert_eq!(page.link().await, "https://link.banq.com/2", "{back}");
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn an_early_click_is_answered_once_where_the_widget_cannot_come() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let options = "getPaymentInfo: async () => { asked.push(1); return window.answer; },";
    for answer in ["'https://link.banq.com/a#banq-checkout=abc'", "Promise.reject('no')"] {
        let page = page(&app, &browser, options).await;
        page.run(&format!(
            "window.answer = {answer}; Promise.resolve(answer).catch(() => {{}});
             window.sent = [];
             window.open = () => ({{ closed: false, close() {{ sent.push('closed'); document.body.dataset.sent = 1; }},
               location: {{ set href(link) {{ sent.push(link); document.body.dataset.sent = 1; }} }} }});"
        ))
        .await;
        app.pages.remove(WASM);
        page.pay().await;
        app.pages.let_go(WASM);
        page.until("page.body.dataset.sent === '1'").await;
        let expected = if answer.contains("reject") { "closed" } else { "https://link.banq.com/a" };
        assert_eq!(page.run("return [sent, asked.length]").await, json!([[expected], 1]));
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_container_replaced_at_an_early_click_keeps_the_click() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let options = "getPaymentInfo: async () => { asked.push(1); return 'https://link.banq.com/kept'; },";
    let page = page(&app, &browser, options).await;
    page.pay().await;
    page.run(
        "document.querySelector('#pay-with-banq').outerHTML = '<div id=\"pay-with-banq\"></div>'; app.bootstrapApp();",
    )
    .await;
    app.pages.let_go(WASM);
    assert_eq!(page.link().await, "https://link.banq.com/kept");
    assert_eq!(page.run("return asked.length").await, json!(1));
    page.assert_page_healthy().await;
    browser.quit().await;
}

//! The button before the widget: painted at once, clicked early, and working where the widget never comes.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;
use thirtyfour::prelude::*;

const MODULE: &str = "banq-checkout.js";
const WASM: &str = "banq-checkout_bg.wasm";

/// Watches the page's layout from the first moment; with something below the button that would move.
const LAYOUT: &str = "<script>
    window.shifts = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => ({ value: entry.value, sources: entry.sources.map(({ node, previousRect, currentRect }) => [node?.outerHTML?.slice(0, 60) ?? String(node), JSON.stringify(previousRect), JSON.stringify(currentRect)].join(' ')) }))))
      .observe({ type: 'layout-shift', buffered: true });
    window.frames_drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  </script>";

/// A machine so slow that Yew lets the browser draw frames in the middle of its first drawing.
pub(crate) const SLOW: &str = "<script>{
    let now = 0;
    Date.now = () => (now += 20);
    const later = window.setTimeout;
    window.setTimeout = (act, delay, ...rest) =>
      delay === 0 ? requestAnimationFrame(() => requestAnimationFrame(() => act(...rest))) : later(act, delay, ...rest);
  }</script>";

/// A page whose widget's files are on its own server, watching its layout.
fn own(app: &TestApp, options: &str) -> String {
    app.own(options)
        .replace("</head>", &format!("{LAYOUT}</head>"))
        .replace("</h1>", "</h1><p>Above the button.</p>")
        .replace(
            "<div id=\"pay-with-banq\"></div>",
            "<div id=\"pay-with-banq\" style=\"min-height: 50px\"></div><p>Below the button.</p>",
        )
}

/// Waits until two frames were drawn, and proves that nothing has moved since the page began.
async fn nothing_moved(page: &Page<'_>) {
    assert_eq!(page.run("return frames_drawn().then(() => shifts)").await, json!([]));
}

/// The window beside the shop's: its address, once it left `about:blank`.
async fn opened_window(browser: &Browser, shop: &WindowHandle) -> String {
    let window = browser.other_window(shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    let address = Page::current(&browser.driver).until_address("/pay/").await;
    browser.driver.close_window().await.unwrap();
    browser.driver.switch_to_window(shop.clone()).await.unwrap();
    address
}

/// The plain button: a press opens the link in a window, nothing came to harm, and the page was told once.
async fn opens_the_link_without_the_widget(app: &TestApp, browser: &Browser, page: &Page<'_>) {
    let error = page.called("onError").await;
    assert_eq!((&error["code"], &error["recoverable"]), (&json!("load_failed"), &json!(true)), "{error}");
    let shop = browser.driver.window().await.unwrap();
    page.pay().await;
    assert_eq!(opened_window(browser, &shop).await, app.payment().await.url);
    page.until("root.querySelector('.pay').getAttribute('aria-busy') === 'false'").await;
    page.called_times("onError", 1).await;
    page.assert_page_healthy().await;
}

#[tokio::test]
async fn early_click_shows_the_code_and_nothing_moves() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &app.asks()).replace("</head>", &format!("{SLOW}</head>"));
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("early", html)).await;
    app.pages.until_asked(WASM, 1).await;
    let busy = "const pay = root.querySelector('.pay'); pay.click(); return [pay.getAttribute('aria-busy'), getComputedStyle(pay, '::after').borderTopStyle === 'solid']";
    let busy = Page::in_widget(&format!("(() => {{ {busy} }})()"));
    assert_eq!(page.run(&busy).await, json!(["true", true]), "at once, so in the next frame");
    page.screenshot("start-busy").await;
    assert!(page.calls("onReady").await.is_empty());
    app.pages.let_go(WASM);
    page.link().await;
    page.called_times("onReady", 1).await;
    nothing_moved(&page).await;
    assert_eq!(page.run(&Page::in_widget("root.querySelectorAll('.pay').length")).await, json!(1));
    assert_eq!(app.link_requests(), 1);
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn painted_button_equals_the_widgets_in_attributes_and_pixels() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &app.asks());
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("painted", html)).await;
    let describe = Page::in_widget(
        "[root.querySelector('.pay')].map((pay) => [pay.getAttributeNames().sort().map((name) => [name, pay.getAttribute(name)]), \
         pay.innerHTML, JSON.stringify(pay.getBoundingClientRect()), [...getComputedStyle(pay)].filter((name) => !name.startsWith('--') && name !== 'color-scheme').map((name) => getComputedStyle(pay)[name]).join()])[0]",
    );
    let (painted, picture) = (page.run(&describe).await, page.screenshot("start-painted").await);
    app.pages.let_go(WASM);
    page.called("onReady").await;
    page.run("return frames_drawn()").await;
    assert_eq!(page.run(&describe).await, painted);
    becomes!(page.screenshot("start-widget").await == picture, true, "the pictures are the same");
    nothing_moved(&page).await;
    browser.quit().await;
}

#[tokio::test]
async fn the_widget_is_fetched_at_once_when_the_shopper_comes_near() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for sign in ["hover", "focus", "click", "open"] {
        // A page that is never idle.
        let html = own(&app, &app.asks())
            .replace("</head>", "<script>window.requestIdleCallback = () => {};</script></head>");
        let page = Page::open(&browser.driver, &app.pages.add(sign, html)).await;
        page.until("!!root.querySelector('.pay')").await;
        page.run("return frames_drawn()").await;
        let before = app.pages.asked(WASM);
        let pay =
            browser.driver.execute(Page::in_widget("root.querySelector('.pay')"), vec![]).await.unwrap();
        let pay = pay.element().unwrap();
        match sign {
            "hover" => pay
                .scroll_into_view()
                .await
                .and(browser.driver.action_chain().move_to_element_center(&pay).perform().await)
                .unwrap(),
            "focus" => pay.focus().await.unwrap(),
            "click" => pay.click().await.unwrap(),
            _ => drop(page.run("app.open()").await),
        }
        page.called("onReady").await;
        assert_eq!(app.pages.asked(WASM), before + 1, "{sign}");
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn by_keyboard_the_focus_stays_on_the_button_and_enter_counts() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &app.asks());
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("keyboard", html)).await;
    page.until("!!root.querySelector('.pay')").await;
    let keys = browser.driver.action_chain();
    keys.send_keys(Key::Tab).perform().await.unwrap();
    page.screenshot("start-focus").await;
    let focused = Page::in_widget("root.activeElement?.matches('.pay:focus-visible')");
    becomes!(page.run(&focused).await, json!(true), "the painted button takes the focus");
    app.pages.let_go(WASM);
    page.called("onReady").await;
    becomes!(page.run(&focused).await, json!(true), "the widget's button has it");
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &format!("{}/keyboard", app.pages.origin())).await;
    page.until("!!root.querySelector('.pay')").await;
    let keys = browser.driver.action_chain();
    keys.send_keys(Key::Tab).send_keys(Key::Enter).perform().await.unwrap();
    app.pages.let_go(WASM);
    page.link().await;
    page.escape().await;
    page.until("!root.querySelector('dialog').open").await;
    becomes!(page.run(&focused).await, json!(true), "the focus returns to it");
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_press_that_is_held_while_the_widget_arrives_still_counts() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let instantiated = "<script>
        const { instantiateStreaming } = WebAssembly;
        WebAssembly.instantiateStreaming = async (...rest) => {
          const made = await instantiateStreaming.apply(WebAssembly, rest);
          setTimeout(() => (document.body.dataset.instantiated = 1));
          return made;
        };
      </script></head>";
    let html = own(&app, &app.asks()).replace("</head>", instantiated);
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("held", html)).await;
    page.until("!!root.querySelector('.pay')").await;
    let pay = browser.driver.execute(Page::in_widget("root.querySelector('.pay')"), vec![]).await.unwrap();
    let pay = pay.element().unwrap();
    browser.driver.action_chain().click_and_hold_element(&pay).perform().await.unwrap();
    app.pages.let_go(WASM);
    page.until("page.body.dataset.instantiated === '1'").await;
    page.run("return frames_drawn()").await;
    browser.driver.action_chain().release().perform().await.unwrap();
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_the_wasm_the_link_opens_after_three_tries() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &app.asks());
    app.pages.remove(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("no-wasm", html)).await;
    opens_the_link_without_the_widget(&app, &browser, &page).await;
    assert_eq!(app.pages.asked(WASM), 3);
    // The page's second attempt finds it.
    app.pages.add_file(WASM, std::fs::read(app.dist().join(WASM)).unwrap());
    page.run("return app.bootstrapApp()").await;
    page.called("onReady").await;
    page.pay().await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_the_module_the_link_opens_after_three_tries() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let order = format!("order: async () => ({{ orderId: '{}', funds: 2, comment: 'plain' }}),", app.order());
    let html = own(&app, &format!("endpoint: '{}/generate-payment-link', {order}", app.base()));
    app.pages.remove(MODULE);
    let page = Page::open(&browser.driver, &app.pages.add("no-module", html)).await;
    opens_the_link_without_the_widget(&app, &browser, &page).await;
    assert_eq!(app.pages.asked(MODULE), 3);
    browser.quit().await;
}

#[tokio::test]
async fn an_early_click_opens_the_link_when_the_widget_cannot_come() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &app.asks());
    app.pages.remove(WASM);
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("early-plain", html)).await;
    let shop = browser.driver.window().await.unwrap();
    page.pay().await;
    app.pages.let_go(WASM);
    assert_eq!(opened_window(&browser, &shop).await, app.payment().await.url);
    assert_eq!(page.called("onError").await["code"], json!("load_failed"));
    assert_eq!(app.link_requests(), 1);
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_blocked_window_sends_the_page_itself_to_the_link() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &app.asks());
    app.pages.remove(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("blocked", html)).await;
    page.called("onError").await;
    page.run("window.open = () => null").await;
    page.pay().await;
    assert_eq!(page.until_address("/pay/").await, app.payment().await.url);
    browser.quit().await;
}

#[tokio::test]
async fn an_unsafe_link_is_not_opened_without_the_widget_either() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, "getPaymentInfo: async () => window.answer,");
    app.pages.remove(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("unsafe", html)).await;
    page.called("onError").await;
    let shop = page.run("return location.href").await;
    page.run("window.opened = []; window.open = () => { const frame = document.createElement('iframe'); document.body.append(frame); \
              frame.contentWindow.close = () => { frame.remove(); opened.push(frame.contentWindow?.location.href ?? 'closed'); }; return frame.contentWindow; }").await;
    let unsafe_links = [
        "'javascript:parent.harm.push(1)'",
        "'JAVASCRIPT:parent.harm.push(1)'",
        "' https://link.banq.com/a'",
        "'https://link.banq.com/a\\n'",
        "'http://link.banq.com/abc'",
        "'http://localhost.evil.example/'",
        "'http://127.0.0.1.evil.example/'",
        "'http://10.0.0.5/'",
        "'data:text/html,x'",
        "'blob:https://link.banq.com/abc'",
        "'//link.banq.com/abc'",
        "'/pay/abc'",
        "'https://user:password@link.banq.com/abc'",
        "'https://user@link.banq.com/abc'",
        "''",
        "undefined",
        "null",
        "7",
        "{}",
        "[]",
        "{ data: {} }",
        "{ url: 5 }",
    ];
    for (count, link) in unsafe_links.iter().enumerate() {
        page.run(&format!("window.answer = {link}")).await;
        page.pay().await;
        page.until(&format!("page.defaultView.opened.length === {}", count + 1)).await;
        let errors = page.called_times("onError", count + 2).await;
        assert_eq!(
            (&errors.last().unwrap()["code"], &errors.last().unwrap()["recoverable"]),
            (&json!("link_invalid"), &json!(false)),
            "{link}"
        );
    }
    // What the server refuses, and what the page itself throws.
    for (answer, code) in [
        ("{ status: 409, code: 'order_already_paid', detail: 'paid' }", "link_request_failed"),
        ("Promise.reject(new Error('no network'))", "link_request_failed"),
        ("Promise.reject()", "link_request_failed"),
    ] {
        page.run(&format!("window.answer = {answer}; Promise.resolve(window.answer).catch(() => {{}})"))
            .await;
        let count = page.calls("onError").await.len();
        page.pay().await;
        page.until(&format!(
            "page.defaultView.calls.filter(([name]) => name === 'onError').length === {}",
            count + 1
        ))
        .await;
        assert_eq!(page.calls("onError").await.last().unwrap()["code"], json!(code), "{answer}");
    }
    assert_eq!(page.run("return location.href").await, shop);
    page.assert_page_healthy().await;
    browser.quit().await;
}

/// The page with its inline scripts allowed by a nonce, and nothing else but what the policy names.
fn strict(app: &TestApp, name: &str, more: &str) -> String {
    let html = own(app, &app.asks()).replace("<script", "<script nonce=\"r4nd0m\"");
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-r4nd0m' {more}; style-src 'self'; img-src data:; connect-src 'self' {}; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        app.base()
    );
    app.pages.header(name, "content-security-policy", policy);
    app.pages.add(name, html)
}

#[tokio::test]
async fn under_a_policy_that_forbids_webassembly_the_link_opens() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &strict(&app, "no-wasm-policy", "")).await;
    opens_the_link_without_the_widget(&app, &browser, &page).await;
    assert_eq!(app.pages.asked(WASM), 0, "nothing is downloaded in vain");
    page.screenshot("start-plain").await;
    browser.quit().await;
}

#[tokio::test]
async fn a_browser_reports_what_the_policy_keeps_from_the_widget() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let collector = format!("; report-uri {}/browser-reports", app.base());
    Page::open(&browser.driver, &strict(&app, "reported", &collector)).await;
    let counted = async || {
        let metrics =
            app.http.get(format!("{}/metrics", app.base())).send().await.unwrap().text().await.unwrap();
        metrics.contains("banq_browser_reports_total{kind=\"csp\",directive=\"script-src\",refused=\"wasm\",page=\"shop\"}")
    };
    becomes!(counted().await, true);
    browser.quit().await;
}

#[tokio::test]
async fn strict_content_policy_with_webassembly_works() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &strict(&app, "strict", "'wasm-unsafe-eval'")).await;
    page.run("window.violations = []; addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + event.blockedURI))").await;
    page.called("onReady").await;
    page.pay().await;
    page.link().await;
    page.screenshot("start-strict").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.settled().await;
    assert_eq!(page.run("return violations").await, json!([]));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_constructed_stylesheets_the_nonce_lets_the_style_in() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, &format!("{} nonce: 'r4nd0m',", app.asks()))
        .replace("</head>", "<script>delete window.CSSStyleSheet; window.CSSStyleSheet = class { constructor() { throw new TypeError('Illegal constructor') } }</script></head>")
        .replace("<script", "<script nonce=\"r4nd0m\"");
    let policy = "script-src 'self' 'nonce-r4nd0m' 'wasm-unsafe-eval'; style-src 'nonce-r4nd0m'";
    app.pages.header("old-safari", "content-security-policy", policy);
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("old-safari", html)).await;
    let width =
        Page::in_widget("[root.querySelector('.pay').offsetWidth, root.querySelector('.pay').offsetHeight]");
    becomes!(page.run(&width).await, json!([286, 50]));
    app.pages.let_go(WASM);
    page.called("onReady").await;
    becomes!(page.run(&width).await, json!([286, 50]));
    page.pay().await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_the_widget_the_same_links_are_good_as_with_it() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = own(&app, "getPaymentInfo: async () => window.answer,");
    app.pages.remove(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("good", html)).await;
    page.called("onError").await;
    // A window that only notes where it is sent.
    page.run(
        "window.sent = [];
         window.open = () => {
           const window = { closed: false, close() { window.closed = true; }, location: { set href(link) { sent.push(link); window.closed = true; document.body.dataset.sent = sent.length; } } };
           return window;
         };",
    )
    .await;
    let anywhere =
        ["https://link.banq.com/abc", "http://localhost:8081/a", "http://127.9.9.9/a", "http://[::1]:1/a"];
    let locally =
        ["http://10.1.2.3/a", "http://172.16.0.1/a", "http://172.31.255.255/a", "http://192.168.1.5/a"];
    let never = [
        "http://172.15.0.1/a",
        "http://172.32.0.1/a",
        "http://192.169.0.1/a",
        "http://11.0.0.1/a",
        "ftp://10.0.0.1/a",
    ];
    let mut good = 0;
    let mut bad = page.calls("onError").await.len();
    for environment in ["production", "local"] {
        page.run(&format!("app.update({{ environment: '{environment}' }})")).await;
        for link in anywhere.iter().chain(&locally).chain(&never) {
            let shape = if good % 2 == 0 { "{ data: { url: LINK } }" } else { "LINK" };
            page.run(&format!("window.answer = {}", shape.replace("LINK", &json!(link).to_string()))).await;
            page.pay().await;
            if anywhere.contains(link) || (environment == "local" && locally.contains(link)) {
                good += 1;
                page.until(&format!("page.defaultView.sent.length === {good}")).await;
                assert_eq!(page.run("return sent.at(-1)").await, json!(link), "{environment}");
            } else {
                bad += 1;
                page.until(&format!(
                    "page.defaultView.calls.filter(([name]) => name === 'onError').length === {bad}"
                ))
                .await;
                assert_eq!(
                    page.calls("onError").await.last().unwrap()["code"],
                    json!("link_invalid"),
                    "{environment} {link}"
                );
            }
        }
    }
    page.settled().await;
    assert_eq!(page.run("return sent.length").await, json!(good));
    page.assert_page_healthy().await;
    browser.quit().await;
}

//! At home on any page: whatever its rules, its libraries and its headers are, the shop has its button, and the
//! button leads to the payment.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp, becomes};
use serde_json::{Value, json};

use crate::engines::in_each_engine;

in_each_engine! {
    no_rule_of_the_page_takes_the_button_away
    a_container_replaced_in_the_same_task_gets_its_button
    an_extended_page_pays
    a_page_with_other_globals_opens_the_link
    without_a_shadow_root_there_is_a_plain_button
    strangers_in_the_shadow_root_harm_nothing
    a_wrong_look_costs_the_look_only
    files_are_found_where_the_page_says
    an_isolating_policy_opens_no_second_window
    an_isolating_policy_opens_no_second_plain_window
}

const WASM: &str = "banq-checkout_bg.wasm";

/// The button's box and whether the shopper can hit it, in a page that holds one host in its container.
const REACHABLE: &str = "const host = document.querySelector('#pay-with-banq').lastElementChild;
    const { x, y, width, height } = host.shadowRoot.querySelector('.pay').getBoundingClientRect();
    const hit = document.elementFromPoint(x + width / 2, y + height / 2);
    const shown = getComputedStyle(host).opacity === '1' && getComputedStyle(host).visibility === 'visible';
    return [Math.round(width), Math.round(height), hit === host, shown]";

/// Rules of a page that match the host by accident.
const RULES: [&str; 10] = [
    "div:empty { display: none }",
    "div:empty { display: none !important }",
    "div { opacity: 0; height: 0; position: absolute; visibility: hidden; pointer-events: none }",
    "div div { opacity: 0 !important; height: 0 !important; overflow: hidden !important; position: absolute !important; \
     visibility: hidden !important; pointer-events: none !important; display: none !important }",
    "#pay-with-banq > * { display: none !important; transform: scale(0) !important; clip-path: inset(50%) !important }",
    "#pay-with-banq div { animation: away 1ms forwards !important; transition: all 9s } @keyframes away { to { opacity: 0; \
     transform: translateX(-9999px) } }",
    "div:not(:first-child) { float: left; width: 1px; max-height: 1px; content-visibility: hidden; contain: strict }",
    "* { text-indent: -9999px; letter-spacing: 9px; text-transform: uppercase; line-height: 9; zoom: 1 }",
    "body * { all: unset !important; display: none !important } body, #pay-with-banq { display: block !important }",
    "div div { filter: opacity(0); mask: linear-gradient(transparent, transparent); max-width: 0; z-index: -1; position: fixed }",
];

async fn no_rule_of_the_page_takes_the_button_away(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.own(&app.asks()).replace("</head>", "<style id=\"odd\"></style></head>");
    let html = html.replace("<div id=\"pay-with-banq\"></div>", "<section id=\"pay-with-banq\"></section>");
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("rules", html)).await;
    for moment in ["painted", "ready"] {
        for rule in RULES {
            page.run(&format!("document.querySelector('#odd').textContent = {}", json!(rule))).await;
            becomes!(page.run(REACHABLE).await, json!([286, 50, true, true]), "{moment}: {rule}");
        }
        page.run("document.querySelector('#odd').textContent = ''").await;
        app.pages.let_go(WASM);
        page.called("onReady").await;
    }
    page.screenshot(&format!("{name}-odd-rules")).await;

    // What the shop says about its container counts: where it stands, and whether it is there.
    let pay = Page::in_widget("root.querySelector('.pay').getBoundingClientRect().x");
    let x = async |style: &str| {
        page.run(&format!("document.querySelector('#pay-with-banq').style.cssText = {}", json!(style))).await;
        page.run(&pay).await.as_f64().unwrap()
    };
    let [start, middle, end, rtl] =
        [x("").await, x("text-align: center").await, x("text-align: end").await, x("direction: rtl").await];
    assert!(start < middle && middle < end, "{start} {middle} {end}");
    assert_eq!(rtl, end);
    for hidden in ["display: none", "visibility: hidden"] {
        x(hidden).await;
        let gone = "[root.querySelector('.pay')].map((pay) => !pay.getClientRects().length || getComputedStyle(pay).visibility)[0]";
        let gone = page.run(&Page::in_widget(gone)).await;
        assert!(gone == json!(true) || gone == json!("hidden"), "{hidden}: {gone}");
    }
    x("").await;
    page.pay().await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn a_container_replaced_in_the_same_task_gets_its_button(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    for moment in ["painted", "ready"] {
        // Another order, because the page would show the dialog of the same one again.
        app.next_order();
        let html = app
            .own(&app.asks())
            .replace("<div id=\"pay-with-banq\"></div>", "<main><div id=\"pay-with-banq\"></div></main>");
        app.pages.hold(WASM);
        let page = Page::open(&browser.driver, &app.pages.add(&app.of_order("replaced"), html)).await;
        if moment == "ready" {
            app.pages.let_go(WASM);
            page.called("onReady").await;
        }
        for replace in [
            "document.querySelector('main').innerHTML = '<div id=\"pay-with-banq\"></div>'",
            "document.querySelector('#pay-with-banq').innerHTML = ''",
            "document.querySelector('#pay-with-banq').replaceWith(Object.assign(document.createElement('div'), { id: 'pay-with-banq' }))",
        ] {
            page.run(&format!("{replace}; window.started = app.bootstrapApp();")).await;
            let there = "return [...document.querySelectorAll('#pay-with-banq > div')].filter((div) => div.shadowRoot).length";
            assert_eq!(page.run(there).await, json!(1), "{moment}: {replace}");
        }
        app.pages.let_go(WASM);
        let there = "return started.then(() => !!document.querySelector('#pay-with-banq > div').shadowRoot.querySelector('.pay'))";
        assert_eq!(page.run(there).await, json!(true), "{moment}");
        page.pay().await;
        page.link().await;
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

async fn an_extended_page_pays(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    app.pages.add("extended.js", include_str!("../pages/extended.js"));
    let order = format!(
        "endpoint: '{}/generate-payment-link', appearance: {{ buttonWidth: '200px' }},
         order: {{ orderId: '{}', funds: 2, comment: '', items: [{{ ids: [1, 2] }}] }},",
        app.base(),
        app.order()
    );
    // Without help, arrays in the order arrive as texts.
    let watch = "<script>
        window.bodies = [];
        const ask = window.fetch;
        window.fetch = (...rest) => { if (rest[1]?.body) bodies.push(rest[1].body); return ask(...rest); };
      </script>";
    // The page itself presses. Other drivers than Chromium's do not work in such a page: there it is one until then.
    let calm = if engine == Engine::Chromium { "" } else { "setTimeout(calm)" };
    let press = format!(
        "<script>
           const shadow = document.querySelector('#pay-with-banq').lastElementChild.shadowRoot;
           window.painted = shadow.querySelector('.pay').offsetWidth;
           shadow.querySelector('.pay').click();
           {calm}
         </script></body>"
    );
    let html = app.own(&order).replace("</head>", &format!("{watch}</head>")).replace(
        "<script src=\"ecommerce.js\">",
        "<script src=\"extended.js\"></script><script src=\"ecommerce.js\">",
    );
    let html = html.replace("</body>", &press);
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("extended", html)).await;
    assert_eq!(page.run("return painted").await, json!(200));
    let sent = page.until("page.defaultView.bodies[0]").await;
    let sent: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!(sent["items"], json!([{ "ids": [1, 2] }]));
    app.pages.let_go(WASM);
    page.called("onReady").await;
    page.link().await;
    page.until("root.querySelector('.pay').offsetWidth === 200").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    assert!(page.calls("onError").await.is_empty());
    page.run("app.destroyWidget(); app.bootstrapApp()").await;
    page.called_times("onReady", 2).await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn a_page_with_other_globals_opens_the_link(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    // Names that pages take: a shop's address, a class of a map, a table of styles; and an id like our name.
    let globals = "<div id=\"ecommerceBanqWidget\"></div>
        <script>
          const native = [Map, Set];
          var URL = '/shop', Map = function () {}, Set = null, CSS = {};
        </script>";
    // WebKit's driver needs these two.
    let again = "<script>[Map, Set] = native;</script></body>";
    let html = app.own(&app.asks()).replace("<h1>", &format!("{globals}<h1>")).replace("</body>", again);
    app.pages.remove(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("globals", html)).await;
    assert_eq!(page.called("onError").await["code"], json!("load_failed"));
    page.run("app.update({ appearance: { buttonWidth: '210px' } })").await;
    page.until("root.querySelector('.pay').offsetWidth === 210").await;
    page.run("window.open = () => null").await;
    page.pay().await;
    assert_eq!(page.until_address("/pay/").await, app.payment().await.url);
    browser.quit().await;
}

async fn without_a_shadow_root_there_is_a_plain_button(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let broken = "<script>Element.prototype.attachShadow = () => { throw new Error('not here'); };</script>";
    let html = app.own(&app.asks()).replace("</head>", &format!("{broken}</head>"));
    let page = Page::open(&browser.driver, &app.pages.add("no-shadow", html)).await;
    assert_eq!(page.called("onError").await["code"], json!("load_failed"));
    page.run("window.open = () => null").await;
    page.press_in_document("#pay-with-banq button").await;
    assert_eq!(page.until_address("/pay/").await, app.payment().await.url);
    browser.quit().await;
}

async fn strangers_in_the_shadow_root_harm_nothing(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.own(&app.asks());
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("strangers", html)).await;
    page.until("!!root.querySelector('.pay')").await;
    // As extensions do: before and after ours, again whenever something changes, and with names like ours.
    page.run(
        "const root = document.querySelector('#pay-with-banq').lastElementChild.shadowRoot;
         const stranger = (name) => Object.assign(document.createElement(name), { className: 'stranger' });
         const settle = () => {
           if (!root.firstChild.matches?.('.stranger')) root.prepend(stranger('style'), stranger('dialog'));
           if (!root.lastChild.matches?.('.stranger')) root.append(stranger('div'), stranger('button'));
         };
         new MutationObserver(settle).observe(root, { childList: true });
         settle();
         root.querySelector('.pay').focus();",
    )
    .await;
    app.pages.let_go(WASM);
    page.called("onReady").await;
    page.until("root.querySelectorAll('.pay').length === 1 && root.activeElement?.className === 'pay'").await;
    page.until("root.querySelectorAll('.stranger').length >= 4").await;
    page.pay().await;
    page.link().await;
    page.run("document.body.append(document.querySelector('#pay-with-banq'))").await;
    page.until("root.querySelector('dialog[open]').matches(':modal')").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.run("app.destroyWidget()").await;
    page.until("page.querySelector('#pay-with-banq').childElementCount === 0").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn a_wrong_look_costs_the_look_only(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let link = "getPaymentInfo: async () => 'https://link.banq.com/abc',";
    for (options, expected) in [
        ("nonce: 5,", "nonce: expected a string"),
        ("appearance: 'dark',", "appearance: expected an object"),
        ("appearance: { colour: 'red' },", "appearance.colour: expected a name of docs/theming.md"),
        ("appearance: { constructor: 'red' },", "appearance.constructor: expected a name of"),
        ("appearance: { buttonWidth: 'wide' },", "appearance.buttonWidth: expected a CSS length"),
        ("appearance: { accentColor: 'red;}' },", "appearance.accentColor: expected a CSS color"),
        ("appearance: { accentColor: {} },", "appearance.accentColor: expected a CSS color"),
    ] {
        let page = Page::open(&browser.driver, &app.page(&format!("{link} {options}"))).await;
        let error = page.called("onError").await;
        assert_eq!((&error["code"], &error["recoverable"]), (&json!("invalid_option"), &json!(true)));
        assert!(error["message"].as_str().unwrap().contains(expected), "{options}: {error}");
        page.run("return app.bootstrapApp()").await;
        page.until("root.querySelector('.pay').offsetWidth === 286").await;
        // Said once, however often the page updates.
        page.run("app.update({ theme: 'dark' })").await;
        page.until("!!root.querySelector('.widget.dark')").await;
        page.called_times("onError", 1).await;
        page.pay().await;
        page.link().await;
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

async fn files_are_found_where_the_page_says(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let own = app.own(&app.asks());
    for file in ["banq-checkout.js", WASM] {
        app.pages.add_file(&format!("files/{file}"), std::fs::read(app.dist().join(file)).unwrap());
        app.pages.remove(file);
    }
    let loader = std::fs::read_to_string(app.dist().join("ecommerce.js")).unwrap();
    app.pages.add("scripts/all.js", format!("window.shop = 1;\n{loader}\nwindow.shop = 2;\n"));
    let tag = "<script src=\"ecommerce.js\"></script>";
    assert!(own.contains(tag));
    let script = |attributes: &str| format!("<script src=\"scripts/all.js\" {attributes}></script>");
    // A module runs when the page is read, and so does the page's own script then.
    let module = script("type=\"module\" data-assets-url=\"files\"");
    for (name, tag_instead, more, is_module) in [
        ("attribute", script("data-assets-url=\"files/\""), "", false),
        ("option", script(""), "assetsUrl: '/files',", false),
        (
            "elsewhere",
            format!("<script data-assets-url=\"/files/\"></script><script>{loader}</script>"),
            "",
            false,
        ),
        ("module", module, "", true),
    ] {
        let mut html = own.replace(tag, &tag_instead);
        html = html.replace("selector: '#pay-with-banq',", &format!("selector: '#pay-with-banq', {more}"));
        if is_module {
            let rest =
                html.replace("<script>\n      window.added", "<script type=\"module\">\n      window.added");
            assert_ne!(rest, html);
            html = rest;
        }
        let page = Page::open(&browser.driver, &app.pages.add(name, html)).await;
        page.called("onReady").await;
        assert!(page.calls("onError").await.is_empty(), "{name}");
        page.pay().await;
        page.link().await;
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

/// A shop that isolates itself from every window it opens, with a note of what its console is told.
async fn isolated<'a>(app: &TestApp, browser: &'a Browser, name: &str) -> Page<'a> {
    app.pages.header(name, "cross-origin-opener-policy", "same-origin");
    let watch = "<script>
        window.warned = [];
        const warn = console.warn;
        console.warn = (...words) => { warned.push(words.join(' ')); warn(...words); };
      </script>";
    let html = app.own(&app.asks()).replace("</head>", &format!("{watch}</head>"));
    Page::open(&browser.driver, &app.pages.add(name, html)).await
}

/// The browser cut the window off, and the console says what helps.
async fn window_is_lost(page: &Page<'_>) {
    page.until("page.defaultView.warned.some((words) => words.includes('same-origin-allow-popups'))").await;
}

async fn an_isolating_policy_opens_no_second_window(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let page = isolated(&app, &browser, "isolated").await;
    page.pay().await;
    page.link().await;
    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    browser.other_window(&shop).await;
    window_is_lost(&page).await;
    page.press_labelled("Go to the payment window").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    // It could not be closed either.
    assert_eq!(browser.driver.windows().await.unwrap().len(), 2);
    browser.quit().await;
}

async fn an_isolating_policy_opens_no_second_plain_window(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    app.pages.add("isolated-plain", "");
    let page = {
        // Without the widget's files.
        let page = isolated(&app, &browser, "isolated-plain").await;
        app.pages.remove(WASM);
        browser.driver.refresh().await.unwrap();
        page
    };
    page.called("onError").await;
    page.run("const open = window.open; window.open = (...rest) => (window.opened = open(...rest))").await;
    page.pay().await;
    let shop = browser.driver.window().await.unwrap();
    browser.other_window(&shop).await;
    page.until("page.defaultView.opened.closed").await;
    window_is_lost(&page).await;
    page.pay().await;
    // This page itself goes to the link.
    page.until_address("/pay/").await;
    assert_eq!(browser.driver.windows().await.unwrap().len(), 2);
    assert_eq!(app.link_requests(), 1);
    browser.quit().await;
}

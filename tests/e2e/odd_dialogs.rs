//! The dialog on any page: modal only while it can be seen, its events its own, its look and its code as they are, its
//! text the present one, whatever the page, an extension or a translator does around it.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp, becomes, codes};
use serde_json::json;

use crate::engines::in_each_engine;

in_each_engine! {
    a_page_that_hides_the_container_stays_alive
    a_hidden_container_still_opens_its_dialog
    a_container_that_the_click_hides_still_opens_its_dialog
    what_happens_in_the_dialog_stays_there
    what_the_page_lets_inherit_changes_nothing
    a_translated_page_shows_the_present_text
    the_code_is_read_where_an_extension_darkens_the_page
    a_fetch_of_another_kind_is_an_error_and_no_trap
}

/// Whether the dialog can be seen and is above the page.
const SEEN: &str =
    "[root.querySelector('dialog')].some((one) => one.matches(':modal') && one.getClientRects().length)";

/// Whether the page's own control takes the focus, which it does not under a modal dialog.
const ALIVE: &str =
    "const own = document.querySelector('#own'); own.focus(); return document.activeElement === own";

async fn a_page_that_hides_the_container_stays_alive(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.html(&app.asks()).replace(
        "<div id=\"pay-with-banq\"></div>",
        "<main><div id=\"pay-with-banq\"></div></main><button id=\"own\">Own</button>",
    );
    let page = Page::paying(&browser.driver, &app.pages.add("hides", html)).await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.run("document.querySelector('main').style.display = 'none'").await;
    page.until(SEEN).await;
    page.shows("Paid").await;
    page.screenshot(&format!("{name}-container-hidden")).await;
    page.press(".action").await;
    page.called("onPopUpClose").await;
    becomes!(page.run(ALIVE).await, json!(true), "the page is alive");
    page.run("document.querySelector('main').style.display = ''").await;
    becomes!(
        page.run("return document.querySelector('main').querySelectorAll('#pay-with-banq > div').length")
            .await,
        json!(1)
    );
    page.until("root.querySelector('.pay').getClientRects().length").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn a_hidden_container_still_opens_its_dialog(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    for hidden in ["display: none", "visibility: hidden", "pointer-events: none", "opacity: 0"] {
        app.next_order();
        let html = app.html(&app.asks()).replace(
            "<div id=\"pay-with-banq\"></div>",
            &format!("<main style=\"{hidden}\"><div id=\"pay-with-banq\"></div></main><button id=\"own\" onclick=\"app.open()\">Own</button>"),
        );
        let page = Page::open(&browser.driver, &app.pages.add(&app.of_order("hidden"), html)).await;
        page.called("onReady").await;
        page.press_in_document("#own").await;
        page.link().await;
        page.until(SEEN).await;
        page.press(".close").await;
        page.called("onPopUpClose").await;
        becomes!(page.run(ALIVE).await, json!(true), "{hidden}");
        becomes!(
            page.run("return document.querySelectorAll('main #pay-with-banq > div').length").await,
            json!(1),
            "{hidden}"
        );
        page.assert_page_healthy().await;
    }
    browser.quit().await;
}

/// The dialog is shown before the click reaches the document, where the page hides the menu that the button is in.
async fn a_container_that_the_click_hides_still_opens_its_dialog(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.html(&app.asks()).replace(
        "<div id=\"pay-with-banq\"></div>",
        "<main><div id=\"pay-with-banq\"></div></main>
         <script>document.addEventListener('click', () => document.querySelector('main').style.display = 'none')</script>",
    );
    let page = Page::open(&browser.driver, &app.pages.add("menu", html)).await;
    page.called("onReady").await;
    page.press(".pay").await;
    page.link().await;
    page.until(SEEN).await;
    page.press(".close").await;
    page.called("onPopUpClose").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn what_happens_in_the_dialog_stays_there(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.html(&app.asks()).replace(
        "<div id=\"pay-with-banq\"></div>",
        "<a href=\"#gone\"><label><input type=\"checkbox\" id=\"box\"><article><div id=\"pay-with-banq\"></div></article></label></a>
         <script>window.heard = []; for (const type of ['click', 'pointerdown', 'mousedown', 'keydown', 'keyup', 'focusin'])
           for (const one of [document.querySelector('article'), document]) one.addEventListener(type, () => heard.push(type));</script>",
    );
    let page = Page::paying(&browser.driver, &app.pages.add("around", html)).await;
    page.run("heard.length = 0; document.querySelector('#box').checked = false; history.replaceState(null, '', location.pathname)").await;
    for control in [".amount", ".small", ".body", "canvas"] {
        page.press(control).await;
    }
    page.until("root.querySelector('.small')?.innerText !== 'Copy link'").await;
    if engine == Engine::Chromium {
        page.escape().await;
    } else {
        // The other drivers send no keys into a shadow tree.
        page.press(".close").await;
    }
    page.called("onPopUpClose").await;
    let around = "return [heard, document.querySelector('#box').checked, location.hash]";
    assert_eq!(page.run(around).await, json!([[], false, ""]));
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn what_the_page_lets_inherit_changes_nothing(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    // Both looks are taken in one task of the page, without movement: no new status, no tick of the countdown and no
    // dialog on its way to its place comes in between.
    let changes = |rule: &str| {
        Page::in_widget(&format!(
            "(() => {{
               const look = () => {{
                 for (const one of root.getAnimations()) {{
                   if (Number.isFinite(one.effect.getComputedTiming().endTime)) {{
                     one.finish();
                   }} else {{
                     one.pause();
                     one.currentTime = 0;
                   }}
                 }}
                 return [...root.querySelectorAll('dialog, dialog *')].flatMap((one) => {{
                   const style = getComputedStyle(one);
                   const names = [...style].filter((name) => !name.startsWith('--'));
                   return names.map((name) => `${{one.localName}}.${{one.className}} ${{name}}: ${{style.getPropertyValue(name)}}`);
                 }});
               }};
               const container = document.querySelector('#pay-with-banq').style;
               const before = look();
               container.cssText = {};
               const after = look();
               container.cssText = '';
               return [before.length > 1000 && after.length === before.length, after.filter((line, index) => line !== before[index]).slice(0, 6)];
             }})()",
            json!(rule)
        ))
    };
    for rule in [
        "text-transform: uppercase; letter-spacing: 4px; word-spacing: 9px; white-space: pre; line-height: 3",
        "-webkit-text-fill-color: red; color: red; font: italic 700 30px serif; font-variant: small-caps; text-indent: 40px",
        "text-align: right; text-shadow: 1px 1px red; cursor: wait; pointer-events: none; visibility: hidden; word-break: break-all",
        "hyphens: auto; tab-size: 9; quotes: none; list-style: square; fill: red; stroke: red; stroke-width: 4px; color-scheme: dark",
        "writing-mode: vertical-rl; text-orientation: upright; direction: rtl; -webkit-user-select: none; user-select: none",
    ] {
        assert_eq!(page.run(&changes(rule)).await, json!([true, []]), "{rule}");
    }
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn a_translated_page_shows_the_present_text(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    // As translators do: each text node gives way to an element with the translation.
    let translate = Page::in_widget(
        "[...root.querySelectorAll('dialog *')].flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()))
         .map((node) => { const font = document.createElement('font'); font.textContent = 'übersetzt'; node.replaceWith(font); }).length",
    );
    page.run(&translate).await;
    page.press(".small").await;
    page.until("root.querySelector('.small')?.innerText !== 'übersetzt'").await;
    page.run(&translate).await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.until("root.querySelector('.headline').innerText.endsWith('Paid')").await;
    page.until("root.querySelector('.action').innerText === 'Done'").await;
    page.until("root.querySelector('.outcome').innerText.includes('Your payment is confirmed')").await;
    page.press(".action").await;
    page.called("onPopUpClose").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn the_code_is_read_where_an_extension_darkens_the_page(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let script = std::env::var("DARKREADER")
        .expect("DARKREADER names darkreader.js; `cargo xtask test` puts it in place");
    app.pages.add_file("darkreader.js", std::fs::read(script).unwrap());
    for (when, more) in
        [("before", "<script>DarkReader.enable({ brightness: 100, contrast: 90 })</script>"), ("after", "")]
    {
        app.next_order();
        let html = app.html(&app.asks()).replace(
            "<h1>",
            &format!(
                "<style>body {{ fill: red; stroke: red; stroke-width: 9px; image-rendering: auto }}</style>\
                      <script src=\"darkreader.js\"></script>{more}<h1>"
            ),
        );
        let page = Page::paying(&browser.driver, &app.pages.add(&app.of_order("dark"), html)).await;
        let link = page.link().await;
        for (step, change) in
            [("first", ""), ("on", "DarkReader.enable({ brightness: 80 })"), ("off", "DarkReader.disable()")]
        {
            page.run(change).await;
            becomes!(
                codes(&browser.driver.screenshot_as_png().await.unwrap()),
                [link.clone()],
                "{when}, {step}"
            );
            let pixel =
                "[...root.querySelector('canvas').getContext('2d').getImageData(0, 0, 1, 1).data].join()";
            assert_eq!(page.run(&Page::in_widget(pixel)).await, json!("255,255,255,255"));
        }
    }
    browser.quit().await;
}

async fn a_fetch_of_another_kind_is_an_error_and_no_trap(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let order = json!({ "orderId": app.order(), "comment": "Demo Widget Banq", "funds": 2 });
    let options = format!("endpoint: '{}/generate-payment-link', order: {order},", app.base());
    let page = Page::open(&browser.driver, &app.page(&options)).await;
    page.called("onReady").await;
    page.run("window.own = window.fetch").await;
    for (times, fetch) in [
        "() => Promise.reject('nope')",
        "() => Promise.reject(undefined)",
        "() => { throw 5 }",
        "() => 'no response'",
        "() => null",
        "async () => ({})",
        "async () => ({ status: 200, text: 7 })",
        "async () => ({ status: 200, text: () => { throw null } })",
    ]
    .iter()
    .enumerate()
    {
        page.run(&format!("window.fetch = {fetch}")).await;
        page.press(if times == 0 { ".pay" } else { ".action" }).await;
        let errors = page.called_times("onError", times + 1).await;
        assert_eq!(errors[times]["code"], json!("link_request_failed"), "{fetch}: {}", errors[times]);
        page.until("root.querySelector('.action')").await;
    }
    // A response of another realm is as good as one of ours.
    page.run("const frame = document.body.appendChild(document.createElement('iframe')); window.fetch = (what) => frame.contentWindow.fetch(what.url, { method: what.method, headers: [...what.headers], body: window.body });
              window.body = JSON.stringify(ORDER)".replace("ORDER", &order.to_string()).as_str()).await;
    page.press(".action").await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

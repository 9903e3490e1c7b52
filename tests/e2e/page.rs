//! What a page does to a widget: mounts it twice, moves it, takes it away, puts another in its place, changes
//! its options; and what a page can rely on by name.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::{Value, json};

const WASM: &str = "banq-checkout_bg.wasm";

/// How many widgets' hosts are in the page.
const HOSTS: &str = "[...page.querySelectorAll('div')].filter((div) => div.shadowRoot).length";

/// Waits until the page's queue of tasks is empty and a frame was drawn.
async fn settled(page: &Page<'_>) {
    page.run("return new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))))")
        .await;
}

async fn hosts(page: &Page<'_>) -> Value {
    page.run(&format!("const page = document; return {HOSTS}")).await
}

#[tokio::test]
async fn double_mount_of_strict_mode_gives_one_button_and_one_ready() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = app.own(&app.asks());
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("strict-mode", html)).await;
    page.run("app.destroyWidget(); app.bootstrapApp(); app.destroyWidget(); app.bootstrapApp();").await;
    assert_eq!(hosts(&page).await, json!(1));
    app.pages.let_go(WASM);
    page.called("onReady").await;
    // And again, now that the widget is there.
    page.run(
        "app.destroyWidget(); app.bootstrapApp(); app.destroyWidget(); window.last = app.bootstrapApp();",
    )
    .await;
    page.run("return window.last").await;
    page.called_times("onReady", 2).await;
    settled(&page).await;
    assert_eq!(hosts(&page).await, json!(1));
    assert_eq!(app.pages.asked(WASM), 1);
    page.pay().await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn started_twice_it_is_one_start() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    let same = "const [first, second] = [app.bootstrapApp(), app.bootstrapApp()];
                return first.then(() => [first === second, first === app.bootstrapApp()])";
    assert_eq!(page.run(same).await, json!([true, true]));
    // On a slow machine Yew draws the button later than the start resolves.
    page.called_times("onReady", 1).await;
    settled(&page).await;
    assert_eq!((hosts(&page).await, page.calls("onReady").await.len()), (json!(1), 1));
    browser.quit().await;
}

#[tokio::test]
async fn a_removed_container_takes_the_widget_with_it() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for moment in ["painted", "pending"] {
        let html = app.own(&app.asks());
        if moment == "painted" {
            app.pages.hold(WASM);
        }
        let page = Page::open(&browser.driver, &app.pages.add("removed", html)).await;
        page.until("!!root.querySelector('.pay')").await;
        if moment == "pending" {
            page.pay().await;
            page.link().await;
        }
        page.run("window.place = document.querySelector('#pay-with-banq'); document.body.append(document.createElement('main')); document.querySelector('main').append(place); document.querySelector('main').remove()").await;
        page.until("page.defaultView.place.childElementCount === 0").await;
        app.pages.let_go(WASM);
        settled(&page).await;
        becomes!(
            page.run("return streams.filter((stream) => stream.readyState !== 2).length").await,
            json!(0)
        );
        if moment == "pending" {
            assert_eq!(page.called("onPopUpClose").await["reason"], json!("destroyed"));
        } else {
            assert_eq!(page.calls("onReady").await.len(), 0);
        }
        // The page can start it again, in the same container.
        page.run("document.body.append(place); return app.bootstrapApp()").await;
        page.pay().await;
        page.link().await;
        page.assert_page_healthy().await;
        app.next_order();
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_moved_container_takes_the_open_dialog_along() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.run("document.body.append(document.createElement('main'))").await;
    page.pay().await;
    page.link().await;
    for steps in [
        "main.append(place)",                                                      // in one step
        "place.remove(); document.body.append(place)",                             // in two
        "place.remove(); return Promise.resolve().then(() => main.append(place))", // in two, the observer between them
    ] {
        page.run(&format!("const place = document.querySelector('#pay-with-banq'), main = document.querySelector('main'); {steps}")).await;
        settled(&page).await;
        becomes!(
            page.run(&Page::in_widget("root.querySelector('dialog').matches(':modal')")).await,
            json!(true),
            "{steps}"
        );
    }
    assert_eq!(page.calls("onPopUpClose").await.len(), 0);
    assert_eq!(page.calls("onPopUpOpen").await.len(), 1);
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.press_labelled("Done").await;
    page.called("onPopUpClose").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn two_widgets_in_one_page_know_nothing_of_each_other() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.run(
        "const place = document.createElement('section'); document.body.append(place); window.second = [];
         window.other = new ecommerceBanqWidget({ selector: place, getPaymentInfo: async () => 'https://link.banq.com/other',
           onReady: () => second.push('ready'), onStatusChange: () => second.push('status') });
         return Promise.all([other.bootstrapApp(), app.bootstrapApp()])",
    )
    .await;
    assert_eq!(hosts(&page).await, json!(2));
    page.pay().await;
    page.link().await;
    page.settled().await;
    becomes!(page.run("return second").await, json!(["ready"]));
    page.run("app.destroyWidget()").await;
    becomes!(hosts(&page).await, json!(1));
    page.pay().await;
    assert_eq!(page.link().await, "https://link.banq.com/other");
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_second_app_in_the_same_container_replaces_the_first() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    let second = "window.second = new ecommerceBanqWidget({ selector: '#pay-with-banq', getPaymentInfo: async () => 'https://link.banq.com/second' });
                  return second.bootstrapApp()";
    page.run(second).await;
    assert_eq!(page.called("onPopUpClose").await["reason"], json!("destroyed"));
    becomes!(hosts(&page).await, json!(1));
    // The end of the first widget does not affect the second.
    page.run("app.destroyWidget(); app.open(); app.close();").await;
    page.pay().await;
    assert_eq!(page.link().await, "https://link.banq.com/second");
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn changed_options_count_before_and_after_the_widget_is_there() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = app.own("getPaymentInfo: async () => 'https://link.banq.com/first', appearance: { accentColor: 'rgb(0, 100, 0)', buttonWidth: '200px' },");
    app.pages.hold(WASM);
    let page = Page::open(&browser.driver, &app.pages.add("update", html)).await;
    let look = Page::in_widget(
        "[root.querySelector('.pay')].map((pay) => [pay.offsetWidth, getComputedStyle(pay).backgroundColor, getComputedStyle(pay).borderRadius])[0]",
    );
    becomes!(page.run(&look).await, json!([200, "rgb(0, 100, 0)", "8px"]));
    page.run("app.update({ appearance: { accentColor: 'navy', borderRadius: '25px', fontFamily: 'serif' }, getPaymentInfo: async () => 'https://link.banq.com/second', theme: 'dark' })").await;
    becomes!(page.run(&look).await, json!([286, "rgb(0, 0, 128)", "25px"]));
    app.pages.let_go(WASM);
    page.called("onReady").await;
    becomes!(page.run(&look).await, json!([286, "rgb(0, 0, 128)", "25px"]), "the widget looks the same");
    page.until("!!root.querySelector('.widget.dark')").await;
    page.pay().await;
    assert_eq!(page.link().await, "https://link.banq.com/second");
    page.screenshot("appearance").await;
    page.run("app.update({ theme: 'light', appearance: {} })").await;
    page.until("!!root.querySelector('.widget.light')").await;
    page.shows("Waiting for your payment").await;
    becomes!(page.run(&look).await, json!([286, "rgba(0, 0, 0, 0)", "8px"]));
    // Wrong ones are named, and change nothing.
    for (wrong, expected) in [
        ("{ theme: 'pink' }", "theme: expected one of"),
        (
            "{ appearance: { accentColor: 'no colour', theme: 'x' } }",
            "appearance.accentColor: expected a CSS color",
        ),
        ("{ nonce: 5 }", "nonce: expected a string"),
    ] {
        let before = page.calls("onError").await.len();
        page.run(&format!("app.update({wrong})")).await;
        let told = page.called_times("onError", before + 1).await;
        assert_eq!(told[before]["code"], json!("invalid_option"));
        assert!(told[before]["message"].as_str().unwrap().contains(expected), "{wrong}: {}", told[before]);
    }
    page.run("app.update({ theme: 'dark' })").await;
    page.until("!!root.querySelector('.widget.dark')").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn an_option_that_the_loader_reads_is_named_when_it_is_wrong() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    let try_options = "const errors = [];
        const wrong = new ecommerceBanqWidget(OPTIONS);
        return wrong.bootstrapApp().then(() => 'resolved', (error) => [error.code, error.message])";
    for (options, expected) in [
        ("undefined", "selector: expected an element or its CSS selector, got undefined"),
        ("'#pay-with-banq'", "selector: expected an element"),
        ("{}", "selector: expected an element or its CSS selector"),
        ("{ selector: 5 }", "selector: expected an element or its CSS selector"),
        ("{ selector: document }", "selector: expected an element or its CSS selector"),
        ("{ selector: '#nowhere' }", "got #nowhere"),
        ("{ selector: '##' }", "got ##"),
    ] {
        let answer = page.run(&try_options.replace("OPTIONS", options)).await;
        assert_eq!(answer[0], json!("invalid_option"), "{options}: {answer}");
        assert!(answer[1].as_str().unwrap().contains(expected), "{options}: {answer}");
    }
    assert_eq!(page.run("return document.querySelector('h1').childElementCount").await, json!(0));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_container_that_comes_later_in_the_document_is_waited_for() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = app.html(&app.asks());
    let place = "<div id=\"pay-with-banq\"></div>";
    let late = html.replace(place, "").replace("</body>", &format!("{place}</body>"));
    let page = Page::paying(&browser.driver, &app.pages.add("late", late)).await;
    page.assert_page_healthy().await;
    let never = html.replace(place, "");
    let page = Page::open(&browser.driver, &app.pages.add("never", never)).await;
    let error = page.called("onError").await;
    assert_eq!(error["code"], json!("invalid_option"));
    assert!(error["message"].as_str().unwrap().contains("#pay-with-banq"));
    page.assert_page_healthy().await;
    browser.quit().await;
}

/// Counts what a widget could leave behind, from before the loader runs.
const COUNTERS: &str = "<script>{
    window.count = { listeners: 0, timers: 0, intervals: 0 };
    const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
    const counted = (target) => target === window || target === document || target === navigator;
    EventTarget.prototype.addEventListener = function (...rest) { if (counted(this ?? window)) count.listeners += 1; return add.apply(this ?? window, rest); };
    EventTarget.prototype.removeEventListener = function (...rest) { if (counted(this ?? window)) count.listeners -= 1; return remove.apply(this ?? window, rest); };
    const running = new Set();
    for (const [set, clear] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval']]) {
      const [start, stop] = [window[set], window[clear]];
      window[set] = (act, ...rest) => { const id = start(() => { if (set === 'setTimeout') running.delete(id); act(...rest.slice(1)); }, rest[0]); running.add(id); return id; };
      window[clear] = (id) => { running.delete(id); stop(id); };
    }
    window.timers = () => running.size;
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...rest) => {
      const made = await instantiateStreaming.apply(WebAssembly, rest);
      window.memory = () => Object.values(made.instance.exports).find((e) => e instanceof WebAssembly.Memory).buffer.byteLength;
      return made;
    };
  }</script></head>";

#[tokio::test]
async fn fifty_mounts_leave_nothing_behind() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = app.own(&app.asks()).replace("</head>", COUNTERS);
    let page = Page::open(&browser.driver, &app.pages.add("fifty", html)).await;
    page.called("onReady").await;
    let cycles = "return (async () => {
           const root = () => document.querySelector('#pay-with-banq').firstElementChild.shadowRoot;
           const shown = (selector) => new Promise((done) => {
             const look = () => { if (root().querySelector(selector)) { observer.disconnect(); done(); } };
             const observer = new MutationObserver(look);
             observer.observe(root(), { subtree: true, childList: true });
             look();
           });
           for (let i = 0; i < 10; i++) {
             app.destroyWidget();
             await app.bootstrapApp();
             app.open();
             await shown('canvas.qr');
           }
           app.destroyWidget();
         })()";
    let left = "return { timers: timers(), streams: streams.filter((s) => s.readyState !== 2).length, listeners: count.listeners }";
    let mut seen = Vec::new();
    // As many before the first look as after it: on a slow machine what goes and what comes overlap more often.
    for _ in 0..2 {
        for _ in 0..5 {
            page.run(cycles).await;
        }
        // On a slow machine Yew ends the last widget in a timer of its own.
        becomes!(page.run("return timers()").await, json!(0), "timers");
        becomes!(page.run(left).await["streams"].clone(), json!(0), "streams");
        page.settled().await;
        seen.push((page.run(left).await, page.run("return memory()").await));
    }
    let [(before, memory_before), (after, memory_after)] = <[_; 2]>::try_from(seen).unwrap();
    println!("after 50 cycles {before} {memory_before}, after 50 more {after} {memory_after}");
    assert_eq!(before, after);
    assert_eq!((&after["timers"], &after["streams"]), (&json!(0), &json!(0)));
    // Yew never lets go of the listeners of a root: some 700 bytes for each mount, so one page of 64 KiB at most.
    let grown = memory_after.as_u64().unwrap() - memory_before.as_u64().unwrap();
    assert!(grown <= 65_536, "wasm memory grew by {grown} bytes");
    page.assert_page_healthy().await;
    browser.quit().await;
}

/// What a page can rely on. A name that goes or comes here is a change of the contract.
#[tokio::test]
async fn the_public_names_are_these() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    assert_eq!(page.run("return window.added").await, json!(["ecommerceBanqWidget"]));
    assert_eq!(
        page.run("return Object.keys(app).sort()").await,
        json!(["bootstrapApp", "close", "destroyWidget", "open", "update"])
    );
    assert_eq!(page.run("return app instanceof ecommerceBanqWidget").await, json!(true));
    let module = format!(
        "return import('{}/widget/banq-checkout.js').then((module) => Object.keys(module).sort())",
        app.base()
    );
    assert_eq!(page.run(&module).await, json!(["Widget", "default"]));
    browser.quit().await;
}

#[test]
fn declared_options_and_codes_match_code_and_documents() {
    let declared = include_str!("../../www/ecommerce.d.ts");
    let options = include_str!("../../src/options.rs");
    let readme = include_str!("../../README.md");
    let between = |text: &'static str, start: &str, end: &str| {
        let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start}")).1;
        rest.split_once(end).unwrap().0
    };
    let quoted = |text: &'static str| -> Vec<&'static str> { text.split('"').skip(1).step_by(2).collect() };
    let callbacks = include_str!("../../src/callbacks.rs");
    let mut known: Vec<_> = quoted(between(options, "const NAMES", "];"));
    let mut called = quoted(between(callbacks, "const NAMES", "];"));
    known.extend(&called);
    let react = include_str!("../../npm/react.js");
    assert_eq!(quoted(between(react, "const CALLBACKS = [", "];")), called, "npm/react.js and callbacks.rs");
    let component = include_str!("../../src/pay_with_banq.rs");
    let component = between(component, "pub struct PayWithBanqProps {", "\n}");
    let mut properties: Vec<_> = component
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub on_")?.split(':').next())
        .map(|name| format!("on{}", name.replace('_', "")))
        .collect();
    properties.sort_unstable();
    called.sort_unstable_by_key(|name| name.to_lowercase());
    let called: Vec<_> = called.into_iter().map(str::to_lowercase).collect();
    assert_eq!(properties, called, "pay_with_banq.rs and callbacks.rs");
    let declaration = between(declared, "interface CommonOptions {", "export type BanqOptions");
    let mut written: Vec<_> = declaration
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split(['?', ':', '(']).next())
        .collect();
    written.sort_unstable();
    written.dedup();
    let mut sorted = known.clone();
    sorted.sort_unstable();
    assert_eq!(written, sorted, "ecommerce.d.ts and options.rs");
    for option in known {
        assert!(readme.contains(&format!("`{option}`")), "README.md says nothing of {option}");
    }
    let errors = include_str!("../../src/error.rs");
    let documented = include_str!("../../docs/errors.md");
    let explained = include_str!("../../www/errors.html");
    let mut codes = quoted(between(errors, "as_str(self)", "}\n    }"));
    // Of the loader.
    codes.extend(["load_failed", "integrity_failed"]);
    for code in &codes {
        assert!(documented.contains(&format!("| `{code}` | ")), "docs/errors.md says nothing of {code}");
        assert!(
            explained.contains(&format!("<section id=\"{code}\">")),
            "errors.html says nothing of {code}"
        );
    }
    let mut declared_codes = quoted(between(declared, "type BanqErrorCode =", ";"));
    codes.sort_unstable();
    declared_codes.sort_unstable();
    assert_eq!(declared_codes, codes, "ecommerce.d.ts and error.rs");
}

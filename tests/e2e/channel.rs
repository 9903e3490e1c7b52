//! The status channel heals itself, and says by which way the news came.

use banq_checkout_e2e::{Browser, Habit, Page, Proxy, TestApp, becomes};
use banq_simulator::Action;
use serde_json::{Value, json};

/// The way by which a status came.
async fn transport(page: &Page<'_>, status: &str) -> Value {
    page.until(&format!(
        "page.defaultView.calls.some(([name, change]) => name === 'onStatusChange' && change.status === {})",
        json!(status)
    ))
    .await;
    let changes = page.calls("onStatusChange").await;
    let change = changes.iter().find(|change| change["status"] == json!(status));
    change.unwrap_or_else(|| panic!("no {status} in {changes:?}"))["transport"].clone()
}

#[tokio::test]
async fn a_stream_that_is_cut_midway_is_opened_again() {
    let proxy = Proxy::start().await;
    let app = TestApp::behind(&proxy).await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    page.stream_is_open().await;
    // It stays cut until that was seen.
    proxy.hold();
    proxy.cut();
    page.shows("Connection lost").await;
    proxy.let_go();
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(transport(&page, "paid").await, json!("sse"));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn widget_polls_behind_a_proxy_that_buffers_streams() {
    let proxy = Proxy::start().await;
    let app = TestApp::behind(&proxy).await;
    proxy.set(Habit::HoldsStreamsBack);
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    assert_eq!(transport(&page, "processing").await, json!("long_poll"));
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn where_nothing_may_last_the_server_is_asked_again_and_again() {
    let proxy = Proxy::start().await;
    let app = TestApp::behind(&proxy).await;
    proxy.set(Habit::RefusesStreamsAndWaits);
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    assert_ne!(transport(&page, "paid").await, json!("sse"));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_stream_takes_over_again_as_soon_as_it_works() {
    let proxy = Proxy::start().await;
    let app = TestApp::behind(&proxy).await;
    proxy.set(Habit::HoldsStreamsBack);
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    proxy.set(Habit::Honest);
    // The next answers of the long poll, after which the stream is tried.
    for (action, words) in [
        (Action::Hold, "Payment on hold"),
        (Action::Resume, "Payment accepted"),
        (Action::Hold, "Payment on hold"),
        (Action::Resume, "Payment accepted"),
    ] {
        app.act(action).await;
        page.shows(words).await;
    }
    page.stream_is_open().await;
    app.act(Action::Hold).await;
    page.shows("Payment on hold").await;
    app.act(Action::Resume).await;
    page.shows("Payment accepted").await;
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(transport(&page, "paid").await, json!("sse"));
    browser.quit().await;
}

#[tokio::test]
async fn page_offline_during_payment_is_paid_once_online_again() {
    let proxy = Proxy::start().await;
    let app = TestApp::behind(&proxy).await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    // A stream that is still being opened would not be cut.
    page.stream_is_open().await;
    browser.offline(true).await;
    // The browser's switch stops new connections; a real outage ends the open ones too.
    proxy.cut();
    page.shows("Connection lost").await;
    app.accept().await;
    app.completed_webhook_was_taken().await;
    assert_eq!(page.calls("onPaymentSuccess").await.len(), 0);
    browser.offline(false).await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn page_hidden_during_payment_is_paid_when_shown_again() {
    let proxy = Proxy::start().await;
    let app = TestApp::behind(&proxy).await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    // As a phone does it: hidden, and what the page had open is gone without a word.
    page.run(
        "Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
         window.dispatchEvent(new PageTransitionEvent('pagehide'));",
    )
    .await;
    page.until("page.defaultView.streams.every((stream) => stream.readyState === 2)").await;
    app.accept().await;
    app.completed_webhook_was_taken().await;
    let before = page.run("return streams.length").await;
    page.run("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))").await;
    assert_eq!(page.calls("onPaymentSuccess").await.len(), 0);
    assert_eq!(page.run("return streams.length").await, before, "still hidden");
    page.run(
        "delete document.hidden; document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
    )
    .await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn five_hundred_changes_leave_nothing_behind() {
    /// Changes of one round.
    const ROUND: u32 = 500;
    /// Rounds until one needs no more memory than the rounds before it. The browser hands over as many changes at once
    /// as it likes, and a round that is handed over in one piece needs more than any before it. What stayed of each
    /// change would make every round grow, from 131 bytes a change on.
    const ROUNDS: u32 = 6;

    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let origin = app.pages.origin().to_owned();
    let change = |version: u32, status: &str| {
        let data = json!({
            "checkoutId": "many", "orderId": "1", "status": status, "funds": "2.00", "currency": "USD",
            "comment": "", "expiresAt": "2026-01-11T12:27:12Z", "version": version,
            "serverTime": "2026-01-11T12:12:12Z"
        });
        format!("event: status\nid: {version}\ndata: {data}\n\n")
    };
    let round = |round: u32| {
        let versions = round * ROUND + 1..=(round + 1) * ROUND;
        let changes =
            versions.map(|version| change(version, ["processing", "on_hold"][version as usize % 2]));
        changes.collect::<String>().into_bytes()
    };
    app.pages.add_file("many.json/events", round(0));
    // On a slow machine the page may ask before the stream speaks: then it tries the stream again after two answers.
    let first = change(1, "on_hold");
    let first = first.split_once("data: ").unwrap().1.trim_end();
    app.pages.add_file("many.json", format!("{{\"data\":{first}}}").into_bytes());
    let options = format!(
        "getPaymentInfo: async () => ({{ url: 'https://link.banq.com/abc', checkoutId: 'many', \
         eventsUrl: '{origin}/many.json/events' }}),"
    );
    let html = app.html(&options).replace(
        "<h1>",
        "<script>const stream = WebAssembly.instantiateStreaming; WebAssembly.instantiateStreaming = async (...a) => {
           const wasm = await stream(...a);
           window.memory = Object.values(wasm.instance.exports).find((e) => e instanceof WebAssembly.Memory);
           return wasm; };</script><h1>",
    );
    let page = Page::open(&browser.driver, &app.pages.add("many", html)).await;
    page.pay().await;
    // Pending, and every change of these rounds.
    let changes = |rounds: u32| {
        let count = rounds * ROUND + 1;
        format!("page.defaultView.calls.filter(([name]) => name === 'onStatusChange').length >= {count}")
    };
    let measure = "return [memory.buffer.byteLength, listeners]";
    page.until(&changes(1)).await;
    let first = page.run(measure).await;
    let mut before = first.clone();
    let mut rounds = 1;
    loop {
        // The stream ends when its file changes, and the browser comes back for the next.
        app.pages.add_file("many.json/events", round(rounds));
        rounds += 1;
        page.until(&changes(rounds)).await;
        let after = page.run(measure).await;
        if after[0] == before[0] {
            break;
        }
        assert!(rounds < ROUNDS, "WebAssembly memory grows with each round: {before}, then {after}");
        before = after;
    }
    app.pages.add_file("many.json/events", change(rounds * ROUND + 1, "paid").into_bytes());
    page.ended_by("onPaymentSuccess").await;
    page.called_times("onStatusChange", (rounds * ROUND + 2) as usize).await;
    let listeners = page.run("return listeners").await;
    assert!(listeners.as_i64() <= first[1].as_i64(), "listeners: {first} {listeners}");
    becomes!(page.run("return streams.filter((s) => s.readyState !== 2).length").await, json!(0));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_an_events_url_the_console_says_once_what_is_missing() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page =
        Page::open(&browser.driver, &app.page("getPaymentInfo: async () => 'https://link.banq.com/abc',"))
            .await;
    page.run("window.warned = []; console.warn = (text) => warned.push(text)").await;
    for _ in 0..2 {
        page.pay().await;
        page.link().await;
        page.press(".close").await;
    }
    page.settled().await;
    let warned = page.run("return warned.filter((text) => text.includes('eventsUrl'))").await;
    assert_eq!(warned.as_array().map(Vec::len), Some(1), "{warned}");
    assert_eq!(page.run("return streams.length").await, json!(0));
    browser.quit().await;
}

#[tokio::test]
async fn the_timeline_tells_all_under_one_id_and_nothing_secret() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let order = json!({ "orderId": app.order(), "comment": "a private comment", "funds": 2 });
    let options = format!("debug: true, endpoint: '{}/generate-payment-link', order: {order},", app.base());
    let html = app.html(&options).replace(
        "<h1>",
        "<script>window.lines = []; console.debug = (line) => lines.push(line); window.sent = [];
           const ask = window.fetch; window.fetch = (what, more) => {
             // Where the stream does not speak in time, the page asks for the status too.
             if (String(what.url ?? what).endsWith('/generate-payment-link')) {
               sent.push(new Headers((more ?? what).headers).get('X-Request-Id'));
             }
             return ask(what, more); };</script><h1>",
    );
    let page = Page::open(&browser.driver, &app.pages.add("debug", html)).await;
    page.pay().await;
    let link = page.link().await;
    app.accept().await;
    let paid = page.ended_by("onPaymentSuccess").await;
    page.settled().await;
    let lines = page.run("return lines").await;
    let lines: Vec<&str> = lines.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let id = lines[0].strip_prefix("banq-checkout ").unwrap().split(':').next().unwrap();
    for event in ["open → , asking for a link", "link arrived → pending", "paid → paid"] {
        assert!(lines.iter().any(|line| line.contains(id) && line.contains(event)), "{event}: {lines:?}");
    }
    let all = lines.join("\n");
    for secret in [link.as_str(), paid["checkoutId"].as_str().unwrap(), "a private comment"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let sent = page.run("return sent").await;
    assert_eq!(sent, json!([id]), "the server's log has the same id");
    browser.quit().await;
}

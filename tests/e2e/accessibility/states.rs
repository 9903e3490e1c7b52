//! The walk through the widget's states.

use banq_checkout_e2e::{Browser, Page, TestApp};
use banq_simulator::Action;

/// How the shop's page differs from the usual one.
pub(super) type Change = fn(String) -> String;

/// No difference.
pub(super) const AS_USUAL: Change = |html| html;

/// Brings the widget into each of its states and looks at it there.
pub(super) async fn in_each_state(browser: &Browser, change: Change, look: impl AsyncFn(&Page<'_>, &str)) {
    let app = TestApp::start().await;
    let html = change(app.html(&app.asks()));
    let page = Page::open(&browser.driver, &app.pages.add("states", html)).await;
    page.called("onReady").await;
    look(&page, "button").await;

    // The answer waits until it is looked at.
    page.run(
        "const ask = fetch; const gate = new Promise((open) => (window.let_go = open));
         window.fetch = (...rest) => gate.then(() => ask(...rest)); window.open = () => null;",
    )
    .await;
    page.pay().await;
    page.shows("Preparing your payment").await;
    look(&page, "requesting").await;
    page.run("let_go()").await;
    page.link().await;
    page.until("root.querySelector('[role=timer]').innerText").await;
    look(&page, "pending").await;
    page.press_labelled("Continue on this device").await;
    page.shows("Your browser blocked the payment window").await;
    look(&page, "blocked").await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    look(&page, "processing").await;
    page.press(".close").await;
    page.press_labelled("Keep this open").await;
    page.press(".close").await;
    page.shows("Your payment will continue").await;
    look(&page, "asking").await;
    page.press_labelled("Keep this open").await;
    app.act(Action::Hold).await;
    page.shows("Payment on hold").await;
    look(&page, "on-hold").await;
    app.act(Action::Resume).await;
    app.act(Action::Complete).await;
    page.shows("Paid").await;
    look(&page, "paid").await;

    app.next_order();
    let html = change(app.html(&app.asks()));
    let page = Page::paying(&browser.driver, &app.pages.add("states", html)).await;
    app.act(Action::Expire).await;
    page.shows("This code has run out").await;
    look(&page, "expired").await;
    app.simulator.control().update_scenarios(|scenarios| scenarios.api.down = true);
    page.press_labelled("Get a new code").await;
    page.shows("payment service cannot be reached right now").await;
    look(&page, "refused").await;
    page.assert_page_healthy().await;

    // The simulator never pays a wrong amount, so a file plays the server.
    let snapshot = r#"{"checkoutId":"c","orderId":"1","status":"on_hold","issue":"payment_mismatch","funds":"2.00",
        "currency":"USD","comment":"","expiresAt":"2036-01-11T12:27:12Z","version":2,"serverTime":"2026-01-11T12:27:13Z"}"#;
    let stream = format!("event: status\nid: 1\ndata: {}\n\n", snapshot.replace('\n', ""));
    app.pages.add_file("in-question.json/events", stream.into_bytes());
    // On a slow machine the page may ask before the stream speaks.
    app.pages.add_file("in-question.json", format!("{{\"data\":{snapshot}}}").into_bytes());
    let origin = app.pages.origin();
    let options = format!(
        "getPaymentInfo: async () => ({{ url: 'https://link.banq.com/abc', checkoutId: 'c', \
         eventsUrl: '{origin}/in-question.json/events' }}),"
    );
    let page = Page::open(&browser.driver, &app.pages.add("states", change(app.html(&options)))).await;
    page.pay().await;
    page.shows("Please do not pay again; contact the shop").await;
    look(&page, "in-question").await;
    page.assert_page_healthy().await;
}

//! Reloads, second tabs, closed dialogs: the checkout goes on.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use banq_simulator::Action;
use serde_json::json;

#[tokio::test]
async fn reload_resumes_in_every_state_before_the_ending() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.pay().await;
    let link = page.link().await;
    browser.driver.refresh().await.unwrap();
    page.shows("Waiting for your payment").await;
    assert_eq!(page.link().await, link, "the same link");
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    browser.driver.refresh().await.unwrap();
    page.shows("Payment accepted").await;
    app.act(Action::Hold).await;
    page.shows("Payment on hold").await;
    browser.driver.refresh().await.unwrap();
    page.shows("Payment on hold").await;
    app.act(Action::Resume).await;
    page.shows("Payment accepted").await;
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(app.link_requests(), 1, "one payment, however often the page was loaded");
    becomes!(page.run("return sessionStorage.length").await, json!(0), "cleared at the end");
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn paid_while_the_page_was_away_is_told_when_it_is_back() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let shop = app.shop();
    Page::paying(&browser.driver, &shop).await;
    browser.driver.goto(&app.pages.add("elsewhere", "<h1>Elsewhere</h1>")).await.unwrap();
    app.accept().await;
    app.completed_webhook_was_taken().await;
    let page = Page::open(&browser.driver, &shop).await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["orderId"], json!(app.order()));
    page.shows("Paid").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn closed_dialog_stays_closed_after_reload_and_reports_payment() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    page.press(".close").await;
    page.called("onPopUpClose").await;
    browser.driver.refresh().await.unwrap();
    page.called("onStatusChange").await;
    assert_eq!(page.calls("onPopUpOpen").await.len(), 0);
    app.accept().await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["late"], json!(true));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn page_with_another_order_shows_nothing_of_the_old_one() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let shop = || app.pages.add("shop", app.html(&app.asks()));
    Page::paying(&browser.driver, &shop()).await;
    app.next_order();
    let page = Page::open(&browser.driver, &shop()).await;
    page.until("page.defaultView.sessionStorage.length === 0 && !!root.querySelector('.pay')").await;
    assert_eq!(page.calls("onPopUpOpen").await.len(), 0);
    page.pay().await;
    page.link().await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn two_tabs_of_one_order_show_one_checkout_and_both_see_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let shop = app.shop();
    let page = Page::open(&browser.driver, &shop).await;
    page.pay().await;
    let link = page.link().await;
    let first = browser.driver.window().await.unwrap();
    let second = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(second.clone()).await.unwrap();
    let page = Page::open(&browser.driver, &shop).await;
    page.pay().await;
    assert_eq!(page.link().await, link);
    assert_eq!(app.link_requests(), 1);
    app.accept().await;
    for tab in [second, first] {
        browser.driver.switch_to_window(tab).await.unwrap();
        page.ended_by("onPaymentSuccess").await;
        page.shows("Paid").await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn closing_while_the_payment_is_confirmed_asks_first() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    page.press(".close").await;
    page.shows("Your payment will continue").await;
    page.screenshot("close-anyway").await;
    page.press_labelled("Keep this open").await;
    assert_eq!(page.calls("onPopUpClose").await.len(), 0);
    page.press(".close").await;
    page.press_labelled("Close").await;
    assert_eq!(page.called("onPopUpClose").await, json!({ "reason": "user", "status": "processing" }));
    app.act(Action::Complete).await;
    assert_eq!(page.ended_by("onPaymentSuccess").await["late"], json!(true));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn after_the_grace_time_nothing_is_listened_to_any_more() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let order = json!({ "orderId": app.order(), "funds": 2 });
    let options =
        format!("graceSeconds: 0, endpoint: '{}/generate-payment-link', order: {order},", app.base());
    let page = Page::paying(&browser.driver, &app.page(&options)).await;
    page.press(".close").await;
    page.until("page.defaultView.streams.every((stream) => stream.readyState === 2)").await;
    becomes!(page.run("return sessionStorage.length").await, json!(0));
    // Asked for again, it is there again.
    page.pay().await;
    page.link().await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn payment_after_expiry_is_shown_without_a_second_ending() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // Banq's simulator never takes money for an expired link, so the server's part is played by three files.
    let origin = app.pages.origin().to_owned();
    let snapshot = |status: &str, version: u32| {
        json!({
            "checkoutId": "late", "orderId": "1", "status": status, "funds": "2.00", "currency": "USD",
            "comment": "", "expiresAt": "2026-01-11T12:27:12Z", "version": version,
            "serverTime": "2026-01-11T12:27:13Z"
        })
    };
    let expired = format!("event: status\nid: 1\ndata: {}\n\n", snapshot("expired", 1));
    app.pages.add_file("late.json/events", expired.into_bytes());
    // On a slow machine the page may ask before the stream speaks.
    let expired = json!({ "data": snapshot("expired", 1) });
    app.pages.add_file("late.json", expired.to_string().into_bytes());
    let options = format!(
        "getPaymentInfo: async () => ({{ url: 'https://link.banq.com/abc', checkoutId: 'late', \
         eventsUrl: '{origin}/late.json/events' }}),"
    );
    let page = Page::open(&browser.driver, &app.page(&options)).await;
    page.pay().await;
    page.ended_by("onExpired").await;
    let paid = json!({ "data": snapshot("paid", 2) });
    app.pages.add_file("late.json", paid.to_string().into_bytes());
    app.pages.remove("late.json/events");
    page.shows("Paid").await;
    page.ended_by("onExpired").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

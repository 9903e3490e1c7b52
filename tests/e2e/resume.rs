//! Reloads, second tabs, closed dialogs: the checkout goes on.

use banq_checkout_e2e::{Browser, Page, Stack, becomes};
use banq_simulator::Action;
use serde_json::json;

#[tokio::test]
async fn reload_resumes_in_every_state_before_the_ending() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &stack.shop()).await;
    page.pay().await;
    let link = page.link().await;
    browser.driver.refresh().await.unwrap();
    page.shows("Waiting for your payment").await;
    assert_eq!(page.link().await, link, "the same link");
    stack.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    browser.driver.refresh().await.unwrap();
    page.shows("Payment accepted").await;
    stack.act(Action::Hold).await;
    page.shows("Payment on hold").await;
    browser.driver.refresh().await.unwrap();
    page.shows("Payment on hold").await;
    stack.act(Action::Resume).await;
    page.shows("Payment accepted").await;
    stack.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(stack.link_requests(), 1, "one payment, however often the page was loaded");
    becomes!(page.run("return sessionStorage.length").await, json!(0), "cleared at the end");
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn paid_while_the_page_was_away_is_told_when_it_is_back() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let shop = stack.shop();
    Page::paying(&browser.driver, &shop).await;
    browser.driver.goto(&stack.pages.add("elsewhere", "<h1>Elsewhere</h1>")).await.unwrap();
    stack.accept().await;
    stack.completed_webhook_was_taken().await;
    let page = Page::open(&browser.driver, &shop).await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["orderId"], json!(stack.order()));
    page.shows("Paid").await;
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn closed_dialog_stays_closed_after_reload_and_reports_payment() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &stack.shop()).await;
    page.press(".close").await;
    page.called("onPopUpClose").await;
    browser.driver.refresh().await.unwrap();
    page.called("onStatusChange").await;
    assert_eq!(page.calls("onPopUpOpen").await.len(), 0);
    stack.accept().await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["late"], json!(true));
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn page_with_another_order_shows_nothing_of_the_old_one() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    Page::paying(&browser.driver, &stack.shop()).await;
    stack.next_order();
    let page = Page::open(&browser.driver, &stack.shop()).await;
    page.until("page.defaultView.sessionStorage.length === 0 && !!root.querySelector('.pay')").await;
    assert_eq!(page.calls("onPopUpOpen").await.len(), 0);
    page.pay().await;
    page.link().await;
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn two_tabs_of_one_order_show_one_checkout_and_both_see_paid() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let shop = stack.shop();
    let page = Page::open(&browser.driver, &shop).await;
    page.pay().await;
    let link = page.link().await;
    let first = browser.driver.window().await.unwrap();
    let second = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(second.clone()).await.unwrap();
    let page = Page::open(&browser.driver, &shop).await;
    page.pay().await;
    assert_eq!(page.link().await, link);
    assert_eq!(stack.link_requests(), 1);
    stack.accept().await;
    for tab in [second, first] {
        browser.driver.switch_to_window(tab).await.unwrap();
        page.ended_by("onPaymentSuccess").await;
        page.shows("Paid").await;
    }
    browser.quit().await;
}

#[tokio::test]
async fn closing_while_the_payment_is_confirmed_asks_first() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &stack.shop()).await;
    stack.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    page.press(".close").await;
    page.shows("Your payment will continue").await;
    page.screenshot("close-anyway").await;
    page.press_labelled("Keep this open").await;
    assert_eq!(page.calls("onPopUpClose").await.len(), 0);
    page.press(".close").await;
    page.press(".copy").await;
    assert_eq!(page.called("onPopUpClose").await, json!({ "reason": "user", "status": "processing" }));
    stack.act(Action::Complete).await;
    assert_eq!(page.ended_by("onPaymentSuccess").await["late"], json!(true));
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn after_the_grace_time_nothing_is_listened_to_any_more() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    let order = json!({ "orderId": stack.order(), "funds": 2 });
    let options =
        format!("graceSeconds: 0, endpoint: '{}/generate-payment-link', order: {order},", stack.base());
    let page = Page::paying(&browser.driver, &stack.page(&options)).await;
    page.press(".close").await;
    page.until("page.defaultView.streams.every((stream) => stream.readyState === 2)").await;
    becomes!(page.run("return sessionStorage.length").await, json!(0));
    // Asked for again, it is there again.
    page.pay().await;
    page.link().await;
    stack.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.unharmed().await;
    browser.quit().await;
}

#[tokio::test]
async fn payment_after_expiry_is_shown_without_a_second_ending() {
    let stack = Stack::start().await;
    let browser = Browser::start().await;
    // Banq's simulator never takes money for an expired link, so the server's part is played by three files.
    let origin = stack.pages.origin().to_owned();
    let snapshot = |status: &str, version: u32| {
        json!({
            "checkoutId": "late", "orderId": "1", "status": status, "funds": "2.00", "currency": "USD",
            "comment": "", "expiresAt": "2026-01-11T12:27:12Z", "version": version,
            "serverTime": "2026-01-11T12:27:13Z"
        })
    };
    let expired = format!("event: status\nid: 1\ndata: {}\n\n", snapshot("expired", 1));
    stack.pages.add_file("late.json/events", expired.into_bytes());
    // On a slow machine the page may ask before the stream speaks.
    let expired = json!({ "data": snapshot("expired", 1) });
    stack.pages.add_file("late.json", expired.to_string().into_bytes());
    let options = format!(
        "getPaymentInfo: async () => ({{ url: 'https://link.banq.com/abc', checkoutId: 'late', \
         eventsUrl: '{origin}/late.json/events' }}),"
    );
    let page = Page::open(&browser.driver, &stack.page(&options)).await;
    page.pay().await;
    page.ended_by("onExpired").await;
    let paid = json!({ "data": snapshot("paid", 2) });
    stack.pages.add_file("late.json", paid.to_string().into_bytes());
    stack.pages.remove("late.json/events");
    page.shows("Paid").await;
    page.ended_by("onExpired").await;
    page.unharmed().await;
    browser.quit().await;
}

//! Money that is not as the status alone says: what the shopper reads, and what the page is told.

use banq_checkout_e2e::{Browser, Page, TestApp};
use serde_json::{Value, json};

fn snapshot(version: u32, status: &str, issue: Option<&str>) -> Value {
    let mut snapshot = json!({
        "checkoutId": "c", "orderId": "1", "status": status, "funds": "2.00", "currency": "USD", "comment": "",
        "expiresAt": "2036-01-11T12:27:12Z", "version": version, "serverTime": "2026-01-11T12:27:13Z"
    });
    if let Some(issue) = issue {
        snapshot["issue"] = json!(issue);
    }
    snapshot
}

/// What the server's stream says from now on, and the answer to a single question.
fn says(app: &TestApp, snapshot: &Value) {
    let stream = format!("retry: 100\nevent: status\nid: 1\ndata: {snapshot}\n\n");
    app.pages.add_file("c.json/events", stream.into_bytes());
    app.pages.add_file("c.json", json!({ "data": snapshot }).to_string().into_bytes());
}

/// Returns the page of a shop whose server is played by two files, since the simulator never pays a wrong amount.
fn shop(app: &TestApp) -> String {
    says(app, &snapshot(1, "pending", None));
    let origin = app.pages.origin().to_owned();
    app.page(&format!(
        "getPaymentInfo: async () => ({{ url: 'https://link.banq.com/abc', checkoutId: 'c',
           eventsUrl: '{origin}/c.json/events' }}),"
    ))
}

/// Neither a code to pay again nor a word that all is well.
async fn offers_nothing(page: &Page<'_>) {
    let offers = "root.querySelectorAll('.qr, [role=timer], .first, a.action, [data-tone=good]').length";
    assert_eq!(page.run(&Page::in_widget(offers)).await, json!(0));
}

async fn last_change(page: &Page<'_>) -> (Value, Value) {
    let change = page.calls("onStatusChange").await.pop().unwrap();
    (change["status"].clone(), change["issue"].clone())
}

#[tokio::test]
async fn paid_at_another_price_is_no_success() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &shop(&app)).await;
    says(&app, &snapshot(2, "paid", Some("paid_other_amount")));
    page.shows("Please do not pay again; contact the shop").await;
    page.screenshot("paid-other-amount").await;
    offers_nothing(&page).await;
    assert_eq!(last_change(&page).await, (json!("paid"), json!("paid_other_amount")));
    for ending in ["onPaymentSuccess", "onPaymentFailed", "onExpired", "onError"] {
        assert_eq!(page.calls(ending).await, Vec::<Value>::new(), "{ending}");
    }
    // Settled by the shop: that is the ending, and it is told when the shopper looks again.
    says(&app, &snapshot(3, "paid", None));
    page.press(".close").await;
    page.pay().await;
    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn another_amount_takes_the_code_away() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &shop(&app)).await;
    says(&app, &snapshot(2, "on_hold", Some("payment_mismatch")));
    page.shows("The payment differs from what this order costs").await;
    page.screenshot("payment-mismatch").await;
    offers_nothing(&page).await;
    assert_eq!(last_change(&page).await, (json!("on_hold"), json!("payment_mismatch")));
    // It is heard on, until a person has settled it.
    says(&app, &snapshot(3, "paid", None));
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_doubt_after_paid_is_seen_when_the_dialog_opens_again() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &shop(&app)).await;
    says(&app, &snapshot(2, "paid", None));
    page.ended_by("onPaymentSuccess").await;
    page.press_labelled("Done").await;
    for (version, status, issue, words) in [
        (3, "paid", Some("payment_in_doubt"), "needs to be checked by the shop"),
        (4, "paid", None, "Your payment is confirmed"),
        (5, "paid", Some("solar_flare"), "needs to be checked by the shop"),
    ] {
        says(&app, &snapshot(version, status, issue));
        page.pay().await;
        page.shows(words).await;
        let told = issue.map_or(json!(null), |_| json!("payment_in_doubt"));
        assert_eq!(last_change(&page).await, (json!(status), told));
        page.press(".close").await;
        page.until("!root.querySelector('dialog').open").await;
    }
    page.ended_by("onPaymentSuccess").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

//! The countdown, and the fate of an expired link.

use std::time::Duration;

use banq_checkout_e2e::{Browser, Page, Setup, TestApp};
use banq_simulator::Action;
use serde_json::json;

#[tokio::test]
async fn countdown_follows_the_servers_clock_not_the_devices() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = app.html(&format!(
        "endpoint: '{}/generate-payment-link', order: {{ orderId: 'skew', funds: 2 }},",
        app.base()
    ));
    // An hour ahead: by the device's clock every link would be over.
    let html =
        html.replace("<h1>", "<script>const now = Date.now; Date.now = () => now() + 3600e3</script><h1>");
    let page = Page::paying(&browser.driver, &app.pages.add("skewed", html)).await;
    page.until("/^1[45]:\\d\\d$/.test(root.querySelector('[role=timer]').innerText)").await;
    let first = page.until("root.querySelector('[role=timer]').innerText").await;
    page.until(&format!("root.querySelector('[role=timer]').innerText !== {}", json!(first))).await;
    assert_eq!(
        page.run(&Page::in_widget("!root.querySelector('[role=status] [role=timer]')")).await,
        json!(true),
        "a screen reader does not read every second"
    );
    browser.quit().await;
}

#[tokio::test]
async fn a_link_that_runs_out_says_so_and_a_new_code_is_got_in_place() {
    let setup = Setup { link_lifetime: Duration::from_secs(3), ..Setup::default() };
    let app = TestApp::set_up(setup).await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.pay().await;
    page.shows("This code has run out").await;
    page.ended_by("onExpired").await;
    // On a slow machine the new one can run out too, even before a look at the page sees it wait.
    let mut codes = 1;
    while {
        page.press_labelled("Get a new code").await;
        codes += 1;
        page.until(&format!(
            "page.defaultView.calls.filter(([name, it]) => name === 'onStatusChange' && it.status === 'pending').length === {codes}"
        ))
        .await;
        !app.in_time(Action::Accept).await
    } {
        page.shows("This code has run out").await;
    }
    page.shows("Paid").await;
    page.called_times("onPaymentSuccess", 1).await;
    assert_eq!(page.calls("onPopUpClose").await.len(), 0, "the dialog stayed open");
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_payment_accepted_in_the_last_second_wins_over_the_clock() {
    let setup = Setup { link_lifetime: Duration::from_secs(4), ..Setup::default() };
    let app = TestApp::set_up(setup).await;
    let browser = Browser::start().await;
    // On a slow machine the last second can be over already: then with another order.
    let page = loop {
        let page = Page::paying(&browser.driver, &app.shop()).await;
        // The page does not hear of it before its clock is at the end.
        page.run("streams.forEach((stream) => stream.close())").await;
        if app.in_time(Action::AcceptOnly).await {
            break page;
        }
        app.next_order();
    };
    page.shows("Payment accepted").await;
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(page.calls("onExpired").await.len(), 0);
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_a_status_channel_the_clock_decides() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(
        &browser.driver,
        &app.page(
            "getPaymentInfo: async () => ({ url: 'https://link.banq.com/abc', expiresAt: new Date(Date.now() + 1500).toISOString() }),",
        ),
    )
    .await;
    page.pay().await;
    page.shows("This code has run out").await;
    page.ended_by("onExpired").await;
    browser.quit().await;
}

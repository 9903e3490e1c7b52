//! What a screen reader is given: Chromium's accessibility tree.

use super::nothing_wrong;
use super::states::{AS_USUAL, in_each_state};
use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use banq_simulator::Action;

/// Role and name of what is perceived, texts by themselves excepted.
async fn perceived(browser: &Browser) -> Vec<(String, String)> {
    let all = browser.perceived().await.into_iter();
    all.filter(|one| one.role != "StaticText").map(|one| (one.role, one.name)).collect()
}

#[tokio::test]
async fn a_screen_reader_is_told_what_everything_is() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.called("onReady").await;
    let is = |role: &str, name: &str| (role.to_owned(), name.to_owned());
    becomes!(perceived(&browser).await, [is("heading", "A shop"), is("button", "Pay with banq")]);
    page.pay().await;
    page.link().await;
    becomes!(
        perceived(&browser).await,
        [
            // The page behind the dialog is not there any more.
            is("dialog", "Pay with banq"),
            is("heading", "Pay with banq"),
            is("button", "Close"),
            is("status", ""),
            is("image", "QR code with the payment link"),
            is("timer", "Time left"),
            is("status", ""),
            is("button", "Continue on this device"),
            is("button", "Copy link"),
        ]
    );
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    page.escape().await;
    page.shows("Your payment will continue").await;
    becomes!(
        perceived(&browser).await.into_iter().skip(3).collect::<Vec<_>>(),
        [
            is("status", ""),
            is("status", ""),
            is("heading", "Payment accepted"),
            is("alert", ""),
            is("button", "Keep this open"),
            is("button", "Close"),
        ]
    );
    browser.quit().await;
}

/// What changes is read out only inside a live region that was there before.
#[tokio::test]
async fn every_change_of_the_status_happens_in_a_live_region_that_was_there() {
    let browser = Browser::start().await;
    in_each_state(&browser, AS_USUAL, async |page: &Page<'_>, state: &str| {
        let check = "(() => {
            const regions = [...root.querySelectorAll('[role=status]')];
            root.known ??= regions;
            return [
              regions.some((region, index) => region !== root.known[index]) && 'another region',
              regions.length !== 2 && `${regions.length} regions`,
              regions.some((region) => region.querySelector('button, a, canvas, [role=timer]')) && 'more than words in it',
              [...root.querySelectorAll('.headline, .problem, .amount')].some((line) => !line.closest('[role=status]')) && 'words outside of it',
            ].filter(Boolean);
          })()";
        nothing_wrong(page, state, check).await;
    })
    .await;
    browser.quit().await;
}

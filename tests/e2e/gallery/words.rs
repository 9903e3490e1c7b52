//! What is said where, and what is not.

use banq_checkout_e2e::{Browser, Page, TestApp};
use serde_json::json;

use super::open;

/// Single payments of an agreement may have been made before it ended.
#[tokio::test]
async fn of_an_ended_agreement_it_is_not_said_that_the_shopper_was_not_charged() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for (entry, is_said) in [("canceled", true), ("agreement-ended", false)] {
        let page = open(&app, &browser, entry, "lang=en").await;
        page.shows("This payment request was withdrawn.").await;
        let said =
            Page::in_widget("root.querySelector('.widget').innerText.includes('You were not charged')");
        assert_eq!(page.run(&said).await, json!(is_said), "{entry}");
    }
    browser.quit().await;
}

//! axe-core, another's eye on the same states.

use banq_checkout_e2e::{Browser, Page};

use super::states::{Change, in_each_state};

/// The page has its landmark, as axe wants it of a page.
fn in_main(html: &str) -> String {
    html.replace("<body>", "<body><main>").replace("</body>", "</main></body>")
}

async fn finds_nothing(change: Change) {
    let browser = Browser::start().await;
    in_each_state(&browser, change, async |page: &Page<'_>, state: &str| {
        page.assert_axe_finds_nothing(state).await;
    })
    .await;
    browser.quit().await;
}

#[tokio::test]
async fn axe_finds_nothing_in_any_state() {
    finds_nothing(|html| in_main(&html)).await;
}

#[tokio::test]
async fn axe_finds_nothing_in_the_dark_theme() {
    finds_nothing(|html| in_main(&html).replace("...callbacks,", "...callbacks, theme: 'dark',")).await;
}

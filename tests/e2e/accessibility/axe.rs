//! axe-core, another's eye on the same states.

use banq_checkout_e2e::{Browser, Page};
use serde_json::{Value, json};

use super::states::{AS_USUAL, Change, in_each_state};

/// The rules of WCAG 2.0, 2.1 and 2.2, A and AA. What axe cannot decide (a text on a gradient, `colours.rs` does)
/// is not counted as wrong.
const RUN: &str = "
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then(({ violations, passes }) => done({
      passed: passes.length,
      wrong: violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary])),
    }), (error) => done(String(error)));";

async fn finds_nothing(change: Change) {
    let file = std::env::var("AXE").expect("AXE names axe.min.js; `cargo xtask test` puts it in place");
    let axe = std::fs::read_to_string(file).unwrap();
    let browser = Browser::start().await;
    in_each_state(&browser, change, async |page: &Page<'_>, state: &str| {
        if page.run("return !window.axe").await == json!(true) {
            page.run(&axe).await;
        }
        let found: Value = browser.driver.execute_async(RUN, vec![]).await.unwrap().json().clone();
        assert_eq!(found["wrong"], json!([]), "{state}");
        assert!(found["passed"].as_u64().unwrap() > 5, "{state}: {found}");
    })
    .await;
    browser.quit().await;
}

#[tokio::test]
async fn axe_finds_nothing_in_any_state() {
    finds_nothing(AS_USUAL).await;
}

#[tokio::test]
async fn axe_finds_nothing_in_the_dark_theme() {
    finds_nothing(|html| html.replace("...callbacks,", "...callbacks, theme: 'dark',")).await;
}

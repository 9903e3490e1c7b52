//! What WCAG 2.2 (A and AA) asks for and a machine can see, in every state of the widget: by keyboard, by the
//! accessibility tree, in other colours, sizes and spacings, and by axe-core.

mod axe;
mod colours;
mod document;
mod keyboard;
mod reflow;
mod states;
mod tree;

use banq_checkout_e2e::{Page, becomes};
pub(crate) use colours::FAINT;
use serde_json::json;

/// Runs a check in the page, which answers with a list of what is wrong: there must be nothing.
async fn nothing_wrong(page: &Page<'_>, state: &str, check: &str) {
    let check = Page::in_widget(check);
    becomes!(page.run(&check).await, json!([]), "{state}");
}

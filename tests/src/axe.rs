//! axe-core, which finds accessibility problems of a page.

use serde_json::Value;

use crate::{Browser, Page};

/// The rules of WCAG 2.0, 2.1 and 2.2, A and AA, and axe's best practices. What axe cannot decide (a text on a
/// gradient) is not counted as wrong. The frames of other origins are not the widget's. In forced colours axe reads the
/// fill of letters, of which Chromium says the page's own color although it paints the forced one; there the tests
/// compute contrast themselves.
const RUN: &str = "
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const rules = { 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } };
    axe.run(document, { runOnly: { type: 'tag', values: tags }, rules, resultTypes: ['violations'], iframes: false }).then(({ violations, passes }) => done({
      passed: passes.length,
      wrong: violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary])),
    }), (error) => done(String(error)));";

/// axe's script.
fn script() -> String {
    let file = std::env::var("AXE").expect("AXE names axe.min.js; `cargo xtask test` puts it in place");
    std::fs::read_to_string(file).unwrap()
}

impl Browser {
    /// Brings axe into every page that is opened from now on; Chromium only.
    pub async fn bring_axe(&self) {
        let source = serde_json::json!({ "source": script() });
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source).await;
    }
}

impl Page<'_> {
    /// Asserts that axe finds nothing wrong, and that it looked at more than a few things.
    pub async fn assert_axe_finds_nothing(&self, what: &str) {
        if self.run("return !window.axe").await == true {
            self.run(&script()).await;
        }
        let found: Value = self.driver.execute_async(RUN, vec![]).await.unwrap().json().clone();
        assert_eq!(found["wrong"], serde_json::json!([]), "{what}");
        assert!(found["passed"].as_u64().unwrap() > 3, "{what}: {found}");
    }
}

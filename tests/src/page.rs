//! A page with the widget in it, in the words of its users: press, read, wait.

use std::path::PathBuf;

use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

/// Waits in the page itself: looks again after every change of the document or of the widget's shadow tree,
/// so that nothing is polled and nothing is slept. Gives up after half a minute and says what it saw.
const UNTIL: &str = r"
    const done = arguments[0];
    const host = () => [...document.querySelectorAll('div')].find((div) => div.shadowRoot);
    const look = () => {
        const root = host()?.shadowRoot;
        let found;
        // Firefox counts an element that is new as text only when it is laid out.
        document.body?.offsetHeight;
        try { found = predicate(root, document); } catch (error) { found = undefined; }
        if (found !== undefined && found !== null && found !== false) finish({ found: found === true ? true : String(found) });
    };
    const observers = [];
    const watch = (node) => {
        const observer = new MutationObserver(() => { watchHost(); look(); });
        observer.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
        observers.push(observer);
    };
    let watched;
    const watchHost = () => { const root = host()?.shadowRoot; if (root && root !== watched) { watched = root; watch(root); } };
    const timer = setTimeout(() => finish({ gave_up: host()?.shadowRoot?.querySelector('.widget')?.innerText ?? document.body.innerText }), 30000);
    let finished = false;
    const finish = (result) => {
        if (finished) return;
        finished = true;
        clearTimeout(timer);
        observers.forEach((observer) => observer.disconnect());
        done(result);
    };
    watch(document);
    watchHost();
    look();
";

/// One page of the browser.
pub struct Page<'a> {
    driver: &'a WebDriver,
}

impl<'a> Page<'a> {
    /// Opens an address in the current window.
    pub async fn open(driver: &'a WebDriver, url: &str) -> Self {
        driver.goto(url).await.unwrap();
        Self { driver }
    }

    /// Opens an address, presses the button, and waits for the code and the link.
    pub async fn paying(driver: &'a WebDriver, url: &str) -> Self {
        let page = Self::open(driver, url).await;
        page.pay().await;
        page.link().await;
        page
    }

    /// The page that the current window shows already.
    pub fn current(driver: &'a WebDriver) -> Self {
        Self { driver }
    }

    /// Waits until the window's address contains this text, and answers with the address. WebDriver has no event
    /// for it, so this one looks again and again.
    pub async fn until_address(&self, part: &str) -> String {
        for _ in 0..300 {
            let address = self.driver.current_url().await.unwrap().to_string();
            if address.contains(part) {
                return address;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("waited in vain for an address with {part}");
    }

    /// Waits for a JavaScript expression over `root` (the widget's shadow root) and `page` (the document) to
    /// become truthy, and answers with it as text.
    pub async fn until(&self, expression: &str) -> String {
        // Part of the script itself, since a page's policy may forbid to make code of text.
        let script = format!("const predicate = (root, page) => ({expression});{UNTIL}");
        let result = self.driver.execute_async(script, vec![]).await.unwrap();
        match result.json() {
            Value::Object(answer) if answer.contains_key("found") => {
                answer["found"].as_str().map(str::to_owned).unwrap_or_default()
            }
            other => panic!("waited in vain for `{expression}`; the page shows {other}"),
        }
    }

    /// Waits until the widget shows this text.
    pub async fn shows(&self, text: &str) {
        self.until(&format!("root.querySelector('.widget').innerText.includes({})", json!(text))).await;
    }

    /// Presses a control of the widget, by CSS selector inside its shadow root.
    pub async fn press(&self, selector: &str) {
        self.press_found(&format!("root.querySelector({})", json!(selector))).await;
    }

    /// Presses the button whose label contains this text.
    pub async fn press_labelled(&self, text: &str) {
        let find = format!(
            "[...root.querySelectorAll('button')].find((b) => b.innerText.includes({}))",
            json!(text)
        );
        self.press_found(&find).await;
    }

    /// A control can be replaced between the look and the press (the painted button by the widget's own): then
    /// it is looked for again.
    async fn press_found(&self, find: &str) {
        loop {
            self.until(&format!("!!{find}")).await;
            let pressed = match self.driver.execute(Self::in_widget(find), vec![]).await {
                Ok(found) => found.element().unwrap().click().await,
                Err(error) => Err(error),
            };
            match pressed {
                Err(error) if matches!(*error, WebDriverErrorInner::StaleElementReference(_)) => {}
                other => return other.unwrap(),
            }
        }
    }

    /// A script that evaluates an expression over `root`, the widget's shadow root.
    pub fn in_widget(expression: &str) -> String {
        format!(
            "const root = [...document.querySelectorAll('div')].find((div) => div.shadowRoot).shadowRoot; \
             return {expression}"
        )
    }

    /// Presses a control of the page itself.
    pub async fn press_in_document(&self, selector: &str) {
        let find = format!(
            "[...page.querySelectorAll({})].find((element) => element.checkVisibility())",
            json!(selector)
        );
        self.until(&format!("!!{find}")).await;
        let script = format!("const page = document; return {find}");
        self.driver.execute(script, vec![]).await.unwrap().element().unwrap().click().await.unwrap();
    }

    /// Presses Escape.
    pub async fn escape(&self) {
        let body = self.driver.active_element().await.unwrap();
        body.send_keys(Key::Escape).await.unwrap();
    }

    /// Nothing came to harm: no uncaught exception, no unhandled rejection.
    pub async fn unharmed(&self) {
        assert_eq!(self.run("return window.harm").await, json!([]));
    }

    /// Presses "Pay with banq".
    pub async fn pay(&self) {
        self.press(".pay").await;
    }

    /// The payment link as the dialog shows it.
    pub async fn link(&self) -> String {
        self.until("root.querySelector('.link a')?.href").await
    }

    /// Runs a script in the page and answers with its result.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }

    /// Every call of a callback so far, as `[name, detail]`; the test pages write them to `window.calls`.
    pub async fn calls(&self, name: &str) -> Vec<Value> {
        let script =
            format!("return window.calls.filter(([name]) => name === {}).map(([, d]) => d)", json!(name));
        self.run(&script).await.as_array().cloned().unwrap_or_default()
    }

    /// Waits for a callback and answers with the detail of its first call. The test pages mirror each call
    /// into the document, so that the wait above sees it.
    pub async fn called(&self, name: &str) -> Value {
        self.until(&format!("page.defaultView.calls.some(([name]) => name === {})", json!(name))).await;
        self.calls(name).await.into_iter().next().unwrap()
    }

    /// Waits for a callback and proves that it, and no other ending, was called exactly once.
    pub async fn ended_by(&self, name: &str) -> Value {
        let detail = self.called(name).await;
        for ending in ["onPaymentSuccess", "onPaymentFailed", "onExpired"] {
            let calls = self.calls(ending).await;
            assert_eq!(calls.len(), usize::from(ending == name), "{ending}: {calls:?}");
        }
        detail
    }

    /// Waits until what the page is now has been drawn: WebKit takes a picture of what was.
    pub async fn drawn(&self) {
        self.run(
            "return new Promise((done) => \
             requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))",
        )
        .await;
    }

    /// Keeps a picture under `target/screenshots` and answers with the PNG.
    pub async fn screenshot(&self, name: &str) -> Vec<u8> {
        let png = self.driver.screenshot_as_png().await.unwrap();
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name).with_extension("png"), &png).unwrap();
        png
    }
}

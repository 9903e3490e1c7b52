//! A page with the widget in it, in the words of its users: press, read, wait.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{Deadline, Engine, paths, pause, picture};

/// Waits in the page itself: looks again after every change of the document or of the widget's shadow tree, so that
/// nothing that is shown for a moment is missed, and ten times a second for what changes no document (the focus, a
/// layout, a stream's state). Says after half a minute what it saw instead.
const UNTIL: &str = r"
    const done = arguments[0];
    const host = () => [...document.querySelectorAll('div')].find((div) => div.shadowRoot);
    const look = () => {
        const root = host()?.shadowRoot;
        let found;
        // Firefox counts an element that is new as text only when it is laid out.
        document.body?.offsetHeight;
        try { found = predicate(root, document); } catch (error) { found = undefined; }
        if (found) finish({ found: found === true ? true : String(found) });
    };
    const observers = [];
    const watch = (node) => {
        const observer = new MutationObserver(() => { watchHost(); look(); });
        observer.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
        observers.push(observer);
    };
    let watched;
    const watchHost = () => { const root = host()?.shadowRoot; if (root && root !== watched) { watched = root; watch(root); } };
    const timer = setTimeout(() => finish({ gave_up: host()?.shadowRoot?.querySelector('.widget')?.innerText ?? document.body?.innerText }), 30000);
    const again = setInterval(() => { watchHost(); look(); }, 100);
    let finished = false;
    const finish = (result) => {
        if (finished) return;
        finished = true;
        clearTimeout(timer);
        clearInterval(again);
        observers.forEach((observer) => observer.disconnect());
        done(result);
    };
    watch(document);
    watchHost();
    look();
";

/// One page of the browser.
pub struct Page<'a> {
    pub(crate) driver: &'a WebDriver,
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
        let deadline = Deadline::start();
        loop {
            let over = deadline.is_over();
            // A window that is on its way to another page can refuse the answer.
            let seen = match self.driver.current_url().await {
                Ok(address) if address.as_str().contains(part) => return address.to_string(),
                Ok(address) => address.to_string(),
                Err(error) => error.to_string(),
            };
            assert!(!over, "waited in vain for an address with {part}; it is {seen}");
            pause().await;
        }
    }

    /// Waits for a JavaScript expression over `root` (the widget's shadow root) and `page` (the document) to
    /// become truthy, and answers with it as text.
    pub async fn until(&self, expression: &str) -> String {
        // Part of the script itself, since a page's policy may forbid to make code of text.
        let script = format!("const predicate = (root, page) => ({expression});{UNTIL}");
        let deadline = Deadline::start();
        loop {
            let over = deadline.is_over();
            let seen = match self.driver.execute_async(script.clone(), vec![]).await {
                Ok(result) => match result.json() {
                    Value::Object(answer) if answer.contains_key("found") => {
                        return answer["found"].as_str().map(str::to_owned).unwrap_or_default();
                    }
                    other => other.to_string(),
                },
                // Another document took the place of the one that was looked at.
                Err(error) => error.to_string(),
            };
            assert!(!over, "waited in vain for `{expression}`; the page shows {seen}");
            pause().await;
        }
    }

    /// Waits until the widget shows this text.
    pub async fn shows(&self, text: &str) {
        self.until(&format!("root.querySelector('.widget').innerText.includes({})", json!(text))).await;
    }

    /// A script that evaluates an expression over `root`, the widget's shadow root.
    pub fn in_widget(expression: &str) -> String {
        format!(
            "const root = [...document.querySelectorAll('div')].find((div) => div.shadowRoot).shadowRoot; \
             return {expression}"
        )
    }

    /// Presses Escape in the dialog.
    pub async fn escape(&self) {
        self.until("root.querySelector('dialog').open && root.activeElement?.closest('dialog')").await;
        let body = self.driver.active_element().await.unwrap();
        body.send_keys(Key::Escape).await.unwrap();
    }

    /// Asserts that the page threw no uncaught exception and left no rejection unhandled.
    pub async fn assert_page_healthy(&self) {
        self.settled().await;
        assert_eq!(self.run("return window.harm").await, json!([]));
    }

    /// Presses "Pay with banq".
    pub async fn pay(&self) {
        self.press(".pay").await;
    }

    /// The payment link as the dialog shows it.
    pub async fn link(&self) -> String {
        self.until("root.querySelector('canvas.qr')?.dataset.link").await
    }

    /// Waits for what the stream's first status brings where the page knew the bare link alone: the amount and the
    /// time, which move the buttons below them.
    pub async fn first_status_is_drawn(&self) {
        self.until("root.querySelector('.amount') && root.querySelector('[role=timer]').innerText").await;
    }

    /// Waits until the newest stream is open. On a slow machine one that did not speak in time has given way to
    /// questions, and the next is tried after the second answer.
    pub async fn stream_is_open(&self) {
        self.until("page.defaultView.streams.at(-1)?.readyState === 1").await;
    }

    /// Runs a script in the page and answers with its result.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }

    /// The requests of the page's scripts wait from now on, those for the widget's own files excepted.
    pub async fn hold_requests(&self) {
        self.run(
            "const ask = window.fetch, gate = new Promise((open) => (window.let_requests_go = open));
             window.requests_done = [];
             window.fetch = (...rest) => {
               if (String(rest[0]?.url ?? rest[0]).includes('/widget/')) return ask(...rest);
               const answer = gate.then(() => ask(...rest));
               requests_done.push(answer.then((answer) => answer.clone().text(), () => {}));
               return answer;
             };",
        )
        .await;
    }

    /// Lets the requests that wait go, and waits until they are answered.
    pub async fn let_requests_go(&self) {
        self.run("let_requests_go(); return Promise.all(requests_done).then(() => {})").await;
        self.settled().await;
    }

    /// Waits until the page's queue of tasks is empty, twice over: what the page was about to do is done.
    pub async fn settled(&self) {
        self.run("return new Promise((done) => setTimeout(() => setTimeout(done)))").await;
    }

    /// The details of a callback's calls so far, when the page is settled; the test pages write them to `window.calls`.
    pub async fn calls(&self, name: &str) -> Vec<Value> {
        self.settled().await;
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

    /// Waits until a callback was called this often, proves that it was not called more often, and answers with the
    /// details.
    pub async fn called_times(&self, name: &str, times: usize) -> Vec<Value> {
        let count = format!("page.defaultView.calls.filter(([name]) => name === {}).length", json!(name));
        self.until(&format!("{count} >= {times}")).await;
        let calls = self.calls(name).await;
        assert_eq!(calls.len(), times, "{name}: {calls:?}");
        calls
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

    /// Waits until what the page is now has been drawn.
    pub async fn drawn(&self) {
        picture::of_now(self.driver).await;
    }

    /// Keeps a picture and answers with what its QR codes say.
    pub async fn codes(&self, name: &str) -> Vec<String> {
        picture::codes(&self.screenshot(name).await)
    }

    /// Keeps one picture of the code and answers with what it says. The browser may have drawn it before the newest
    /// change of the page: look again with `becomes!`.
    pub async fn code_now(&self, engine: Engine, name: &str) -> Vec<String> {
        let png = if engine == Engine::WebKit {
            // It cuts an element out of its picture at a wrong place.
            self.driver.screenshot_as_png().await
        } else {
            let canvas = Self::in_widget("root.querySelector('canvas')");
            let canvas = self.driver.execute(canvas, vec![]).await.unwrap().element().unwrap();
            canvas.screenshot_as_png().await
        };
        picture::codes(&keep(name, png.unwrap()))
    }

    /// Keeps a picture of what the page is now under `target/screenshots` and answers with the PNG.
    pub async fn screenshot(&self, name: &str) -> Vec<u8> {
        keep(name, picture::of_now(self.driver).await)
    }
}

/// Writes a picture into `target/screenshots`.
fn keep(name: &str, png: Vec<u8>) -> Vec<u8> {
    let folder = paths::target().join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name).with_extension("png"), &png).unwrap();
    png
}

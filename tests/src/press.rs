//! Presses controls, and decides whether a press arrived.

use serde_json::json;
use thirtyfour::error::{WebDriverError, WebDriverErrorInner};

use crate::{Deadline, Page, pause};

/// Makes the page record the next click, under a name that no page knows.
const AWAIT_PRESS: &str = r"
    window[Symbol.for('e2e press')] ??= new Promise((arrived) => {
        // Removed by name: some pages count their listeners.
        const heard = () => { removeEventListener('click', heard, true); arrived(true); };
        addEventListener('click', heard, true);
    });
";

/// Forgets an earlier press.
const FORGET_PRESS: &str = "delete window[Symbol.for('e2e press')];";

/// Answers whether the click arrived, or does within so many milliseconds. A document that took the place of the pressed
/// one does not know.
const WAS_PRESSED: &str = r"
    const arrived = window[Symbol.for('e2e press')] ?? true;
    return Promise.race([arrived, new Promise((late) => setTimeout(late, arguments[0], false))]);
";

/// Answers with what the widget consists of, for the message of a failure.
const WIDGET: &str = r"
    const root = [...document.querySelectorAll('div')].find((div) => div.shadowRoot)?.shadowRoot;
    const places = [...(root?.querySelectorAll('.pay, dialog') ?? [])];
    const box = (place) => JSON.stringify(place.getBoundingClientRect());
    return places.map((place) => place.outerHTML.slice(0, 300) + box(place) + place.parentNode.outerHTML.slice(0, 80));
";

/// Milliseconds in which a click arrives that the driver reports as made.
const LATE_PRESS: u32 = 5000;

impl Page<'_> {
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

    /// Waits for a control of the widget and presses it.
    async fn press_found(&self, find: &str) {
        self.until(&format!("!!{find}")).await;
        self.press_element(Self::in_widget(find)).await;
    }

    /// Presses what a script finds. A control can come late, be replaced between the look and the press (the painted
    /// button by the widget's own), or be behind something for a moment: then it is looked for again. The page itself
    /// says whether the press arrived: a driver can report a failure although it did (the press itself can take the
    /// element away), and on a busy machine a success although it did not, or not yet. So nothing is pressed twice. A
    /// press can close its window before the driver has reported it.
    async fn press_element(&self, script: String) {
        let deadline = Deadline::start();
        let find =
            |before| format!("{before} const found = (() => {{ {script}\n }})(); {AWAIT_PRESS} return found");
        let mut pressed = false;
        loop {
            let over = deadline.is_over();
            let before = if pressed { "" } else { FORGET_PRESS };
            let failure = match self.driver.execute(find(before), vec![]).await.map(|found| found.element()) {
                Ok(Ok(element)) => match element.click().await {
                    Err(error) if is_of_a_closed_window(&error) => return,
                    Err(error) if !is_before_the_press(&error) => panic!("{script}: {error}"),
                    result => {
                        pressed = true;
                        let patience = if result.is_ok() { LATE_PRESS } else { 0 };
                        if !self.is_press_lost(patience).await {
                            return;
                        }
                        result.map_or_else(
                            |error| error.to_string(),
                            |()| "the driver pressed, and no click arrived".to_owned(),
                        )
                    }
                },
                Ok(Err(error)) | Err(error) => error.to_string(),
            };
            if over {
                let seen = self.driver.execute(WIDGET, vec![]).await.map(|seen| seen.json().clone());
                panic!("waited in vain to press `{script}`: {failure}; the widget: {seen:?}");
            }
            pause().await;
            // A press can arrive after the driver has reported that it failed.
            if pressed && !self.is_press_lost(0).await {
                return;
            }
        }
    }

    /// Whether the page says that no press has arrived, nor does within so many milliseconds. Only a page that is still
    /// there can say so.
    async fn is_press_lost(&self, patience: u32) -> bool {
        let pressed = self.driver.execute(WAS_PRESSED, vec![json!(patience)]).await;
        pressed.is_ok_and(|pressed| pressed.json() == false)
    }

    /// Presses a control of the page itself.
    pub async fn press_in_document(&self, selector: &str) {
        let script = format!(
            "return [...document.querySelectorAll({})].find((one) => one.checkVisibility() && !one.disabled)",
            json!(selector)
        );
        self.press_element(script).await;
    }
}

/// Whether a press failed before it was one.
fn is_before_the_press(error: &WebDriverError) -> bool {
    match &**error {
        WebDriverErrorInner::StaleElementReference(_)
        | WebDriverErrorInner::ElementClickIntercepted(_)
        | WebDriverErrorInner::ElementNotInteractable(_)
        | WebDriverErrorInner::MoveTargetOutOfBounds(_)
        | WebDriverErrorInner::NoSuchElement(_) => true,
        // Other words for an element that was replaced just now.
        other => {
            let words = other.to_string();
            words.contains("does not belong to the document") || words.contains("detached shadow root")
        }
    }
}

/// Whether the window, or the frame, of a press has gone, with the press or just after it. Where it went before, the
/// test waits in vain for what the press does.
fn is_of_a_closed_window(error: &WebDriverError) -> bool {
    match &**error {
        WebDriverErrorInner::NoSuchWindow(_) | WebDriverErrorInner::NoSuchFrame(_) => true,
        // Other words of Chromium's driver.
        other => {
            let words = other.to_string();
            ["web view not found", "target frame detached", "not connected to DevTools"]
                .iter()
                .any(|known| words.contains(known))
        }
    }
}

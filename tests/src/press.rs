//! What a driver's failure says about a press.

use thirtyfour::error::{WebDriverError, WebDriverErrorInner};

/// Whether a press failed before it was one.
pub(crate) fn is_before_the_press(error: &WebDriverError) -> bool {
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
pub(crate) fn is_of_a_closed_window(error: &WebDriverError) -> bool {
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

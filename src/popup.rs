//! The payment window and what the hosted page in it says.

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use wasm_bindgen::JsValue;
use web_sys::{Event, Window};
use yew::Callback;

use crate::js;
use crate::payment_info::PaymentUrl;
use crate::state::HostedMessage;

/// Milliseconds between two looks at whether the window is still open; browsers have no event for it.
const LOOK: u32 = 400;

/// What the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEvent {
    /// The hosted page said something.
    Said(HostedMessage),
    /// It is closed.
    Closed,
}

/// The payment window. Dropping it stops listening and leaves the window open; [`Popup::close`] closes it.
#[must_use = "dropping it stops listening to the window"]
#[derive(Debug)]
pub struct Popup {
    window: Window,
    _messages: EventListener,
    _watch: Interval,
}

impl Popup {
    /// Opens the window. Must be called in the click itself: later, the browser blocks it. `None` when it
    /// did all the same.
    #[must_use]
    pub fn open(url: &PaymentUrl, tell: Callback<WindowEvent>) -> Option<Self> {
        let page = web_sys::window()?;
        let opened = page
            .open_with_url_and_target_and_features(
                url.as_str(),
                "banq-checkout",
                "popup,width=480,height=720",
            )
            .ok()??;
        let messages = {
            let (opened, origin, tell) = (opened.clone(), url.origin().to_owned(), tell.clone());
            EventListener::new(&page, "message", move |event| {
                if let Some(message) = trusted(event, &opened, &origin) {
                    tell.emit(WindowEvent::Said(message));
                }
            })
        };
        let watch = {
            let opened = opened.clone();
            Interval::new(LOOK, move || {
                if opened.closed().unwrap_or(true) {
                    tell.emit(WindowEvent::Closed);
                }
            })
        };
        Some(Self { window: opened, _messages: messages, _watch: watch })
    }

    /// Brings the window to the front; `false` when it is closed.
    #[must_use]
    pub fn focus(&self) -> bool {
        let open = !self.window.closed().unwrap_or(true);
        open && js::call_method(&self.window, "focus", &JsValue::UNDEFINED).is_ok()
    }

    /// Closes the window.
    pub fn close(self) {
        // Fails only when it is closed already.
        let _ = js::call_method(&self.window, "close", &JsValue::UNDEFINED);
    }
}

/// The attack: any page that holds a reference to ours can post `{type: "successPayment"}`. Only the very
/// window that we opened is heard, and only while it shows the payment link's own origin.
fn trusted(event: &Event, window: &Window, origin: &str) -> Option<HostedMessage> {
    let window: &JsValue = window.as_ref();
    if js::get(event, "source") != *window || js::get_text(event, "origin")? != origin {
        return None;
    }
    match js::get_text(&js::get(event, "data"), "type").as_deref() {
        Some("successPayment") => Some(HostedMessage::Success),
        Some("close") => Some(HostedMessage::Close),
        // `styles`, `login`, `redirect` and `settings` are about the original's frame, which is not used here.
        Some(_) | None => None,
    }
}

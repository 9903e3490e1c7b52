//! The hosted payment page, in a window of its own or in a frame of the dialog, and what it says.

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use wasm_bindgen::JsValue;
use web_sys::{Element, Event, Window};
use yew::{Callback, NodeRef};

use crate::js;
use crate::payment_info::{PaymentInfo, PaymentUrl};
use crate::state::HostedMessage;

/// Milliseconds between two looks at whether the window is still open; browsers have no event for it.
const LOOK: u32 = 400;

/// What the hosted page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEvent {
    /// It said something.
    Said(HostedMessage),
    /// Its window is closed.
    Closed,
}

/// The hosted page. Dropping it stops listening and leaves a window open; [`HostedPage::close`] closes it.
#[must_use = "dropping it stops listening to the page"]
#[derive(Debug)]
pub struct HostedPage {
    place: Place,
    tell: Callback<WindowEvent>,
    _messages: Option<EventListener>,
    _watch: Option<Interval>,
}

#[derive(Debug, Clone)]
enum Place {
    Window(Window),
    Frame(NodeRef),
}

impl Place {
    /// The one source whose messages are heard.
    fn is(&self, source: &JsValue) -> bool {
        match self {
            Self::Window(window) => source == AsRef::<JsValue>::as_ref(window),
            Self::Frame(frame) => {
                let shown = frame.cast::<Element>().and_then(|frame| js::get_some(&frame, "contentWindow"));
                shown.is_some_and(|shown| *source == shown)
            }
        }
    }
}

impl HostedPage {
    /// Opens an empty window, and sends it to the link where that is known. Must be called in the click itself:
    /// later, the browser blocks it. `None` when it did all the same.
    #[must_use]
    pub fn open(info: Option<&PaymentInfo>, tell: Callback<WindowEvent>) -> Option<Self> {
        let page = web_sys::window()?;
        // A window of its own: one that two widgets shared could say "paid" to both.
        let features = "popup,width=480,height=720";
        let opened = page.open_with_url_and_target_and_features("", "_blank", features).ok()??;
        let watch = {
            let (opened, tell) = (opened.clone(), tell.clone());
            Interval::new(LOOK, move || {
                if opened.closed().unwrap_or(true) {
                    tell.emit(WindowEvent::Closed);
                }
            })
        };
        let mut hosted = Self { place: Place::Window(opened), tell, _messages: None, _watch: Some(watch) };
        if let Some(info) = info {
            hosted.direct(info);
        }
        Some(hosted)
    }

    /// The page in a frame that the view draws.
    pub fn framed(frame: NodeRef, url: &PaymentUrl, tell: Callback<WindowEvent>) -> Self {
        let mut hosted = Self { place: Place::Frame(frame), tell, _messages: None, _watch: None };
        hosted.listen(url);
        hosted
    }

    /// Sends a window that was opened empty to the link.
    ///
    /// The attack: whatever is shown there can put another page in the place of the shop's, by `opener.location`.
    /// Where the status stream tells how the payment ends, nothing there needs a way back, and it is cut while the
    /// window is still ours. Our own handle stays.
    pub fn direct(&mut self, info: &PaymentInfo) {
        if let Place::Window(window) = &self.place {
            if info.events_url.is_some() {
                // Fails only for a window that shows another origin already.
                let _ = window.set_opener(&JsValue::NULL);
            }
            // Fails only when it is closed, which is being looked for.
            js::go_to(window, info.url.as_str());
        }
        self.listen(&info.url);
    }

    /// Brings the window to the front; `false` when it is closed.
    #[must_use]
    pub fn focus(&self) -> bool {
        match &self.place {
            Place::Window(window) => {
                !window.closed().unwrap_or(true)
                    && js::call_method(window, "focus", &JsValue::UNDEFINED).is_ok()
            }
            Place::Frame(_) => true,
        }
    }

    /// Closes the window.
    pub fn close(self) {
        if let Place::Window(window) = &self.place {
            // Fails only when it is closed already.
            let _ = js::call_method(window, "close", &JsValue::UNDEFINED);
        }
    }

    fn listen(&mut self, url: &PaymentUrl) {
        let (place, origin, tell) = (self.place.clone(), url.origin().to_owned(), self.tell.clone());
        self._messages = web_sys::window().map(|page| {
            EventListener::new(&page, "message", move |event| {
                if let Some(message) = trusted(event, &place, &origin) {
                    tell.emit(WindowEvent::Said(message));
                }
            })
        });
    }
}

/// The attack: any page that holds a reference to ours can post `{type: "successPayment"}`. Only the very
/// window that we opened, or the frame that we drew, is heard, and only while it shows the payment link's own
/// origin.
fn trusted(event: &Event, place: &Place, origin: &str) -> Option<HostedMessage> {
    if js::get_text(event, "origin")? != origin || !place.is(&js::get(event, "source")) {
        return None;
    }
    match js::own_text(&js::get(event, "data"), "type").as_deref() {
        Some("successPayment") => Some(HostedMessage::Success),
        Some("close") => Some(HostedMessage::Close),
        Some("login" | "redirect") => Some(HostedMessage::Working),
        // `styles` and `settings` would let another origin change how the shop's page looks.
        Some(_) | None => None,
    }
}

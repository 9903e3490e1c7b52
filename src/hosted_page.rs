//! Shows the hosted payment page, in a window of its own or in a frame of the dialog, and receives its messages.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_net::http::{Method, RequestBuilder};
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventTarget, HtmlIFrameElement, MessageEvent, Window};
use yew::{Callback, NodeRef};

use crate::hidden_frame::HiddenFrame;
use crate::payment_info::{PaymentInfo, PaymentUrl};
use crate::state::HostedMessage;
use crate::{browser, http};

/// Milliseconds between two checks whether the window is still open; browsers have no event for it.
const CLOSED_POLL_INTERVAL: u32 = 400;

/// How many times a window is told to close, [`CLOSED_POLL_INTERVAL`] apart: for almost ten seconds, because a slow
/// device takes some to open it.
const CLOSE_TRIES: u8 = 24;

/// Checks during which the shop's server can answer with the page's policy: 3.2 s, including the check that counts the
/// window as closed.
const POLICY_CHECKS: u8 = 7;

/// Opens a window and not a tab, in browsers that distinguish them.
const WINDOW_FEATURES: &str = "popup,width=480,height=720";

#[wasm_bindgen]
extern "C" {
    /// A window's `open`, as a function that can be called for another window.
    type OpenFunction;
    #[wasm_bindgen(method, getter)]
    fn open(this: &OpenFunction) -> js_sys::Function;
}

const CUT_OFF: &str = "the payment window was cut off from this page, as Cross-Origin-Opener-Policy: same-origin does: \
    it cannot be focused, closed or heard. Use same-origin-allow-popups.";

/// An event of the hosted page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEvent {
    /// It sent a message.
    Said(HostedMessage),
    /// Its window is closed.
    Closed,
}

/// The hosted page. Dropping it ends the listening, but leaves a window open; [`HostedPage::close`] closes it.
#[must_use = "dropping it stops listening to the page"]
#[derive(Debug)]
pub struct HostedPage {
    place: Place,
    sight: Rc<Cell<Sight>>,
    /// The frame that opened the window.
    frame: Option<EventTarget>,
    tell: Callback<WindowEvent>,
    messages: Vec<EventListener>,
    _watch: Option<Interval>,
}

/// The known state of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Sight {
    /// The window is still empty, or what its `closed` says is true.
    #[default]
    Ours,
    /// The window was sent to the link.
    Sent,
    /// The window says that it is closed. That can be untrue under some policies of the page, so the page's policy is
    /// being requested. The number counts the remaining checks: without an answer by then, the window counts as closed,
    /// since otherwise no other window could be opened.
    Doubtful(u8),
    /// The browser has cut the window off from this page.
    CutOff,
}

/// Asks the shop's server whether the page has `Cross-Origin-Opener-Policy: same-origin`. With it, the browser calls a
/// window closed as soon as it shows another origin, and the page cannot tell that from a shopper who closes it.
async fn is_isolated() -> bool {
    let address = web_sys::window().and_then(|page| page.location().href().ok()).unwrap_or_default();
    let Ok(request) = RequestBuilder::new(&address).method(Method::HEAD).build() else { return false };
    let policy = http::header(request, "cross-origin-opener-policy").await;
    let policy = policy.unwrap_or_default();
    policy.starts_with("same-origin") && !policy.starts_with("same-origin-allow-popups")
}

#[derive(Debug, Clone)]
enum Place {
    Window(Window),
    Frame(NodeRef),
}

impl Place {
    /// Returns whether a message's source is the hosted page, the only source whose messages are accepted.
    fn is(&self, source: &JsValue) -> bool {
        match self {
            Self::Window(window) => source == AsRef::<JsValue>::as_ref(window),
            Self::Frame(frame) => {
                let shown = frame.cast::<HtmlIFrameElement>().and_then(|frame| frame.content_window());
                shown.is_some_and(|shown| source == AsRef::<JsValue>::as_ref(&shown))
            }
        }
    }
}

/// The style of the frame that opens payment windows, which is stronger than the page's stylesheets. The frame must be in
/// the page before the click that needs it: browsers let only a frame that existed at the click open a window.
pub const OPENER_STYLE: &str = "display:none!important";

impl HostedPage {
    /// Opens an empty window, and sends it to the link if that is known. Must be called in the click itself: later, the
    /// browser blocks it. Returns `None` if the browser blocked it nevertheless.
    ///
    /// The attack: the page that is shown there can replace the shop's page, by `opener.location`. If the status stream
    /// reports how the payment ends, the hosted page does not need its opener. But in Chromium and WebKit, the widget
    /// could not close a window without an opener; so an empty frame opens it, and these browsers let no other page
    /// navigate that frame, nor the page around it. Firefox does allow that, and closes a window whose opener is cut:
    /// see [`HostedPage::direct`].
    #[must_use]
    pub fn open(
        info: Option<&PaymentInfo>,
        opener: Option<&HiddenFrame>,
        tell: Callback<WindowEvent>,
    ) -> Option<Self> {
        let page = web_sys::window()?;
        let wanted = info.is_none_or(|info| info.events_url.is_some());
        let frame = opener.filter(|_| wanted).and_then(HiddenFrame::window);
        // The page's own `window.open`, called for the frame. Each widget has a window of its own: a shared one could
        // say "paid" to two widgets.
        let opened = page
            .unchecked_ref::<OpenFunction>()
            .open()
            .call3(frame.as_ref().unwrap_or(&page), &"".into(), &"_blank".into(), &WINDOW_FEATURES.into())
            .ok()?;
        if !opened.is_object() {
            return None;
        }
        let opened: Window = opened.unchecked_into();
        // If the page has replaced `window.open` by its own function, that may have opened the window in another way.
        let frame = frame.filter(|frame| {
            opened.opener().is_ok_and(|opener| opener == AsRef::<JsValue>::as_ref(frame).clone())
        });
        let sight = Rc::new(Cell::new(Sight::default()));
        let watch = {
            let (opened, tell, sight) = (opened.clone(), tell.clone(), sight.clone());
            Interval::new(CLOSED_POLL_INTERVAL, move || match sight.get() {
                _ if !opened.closed().unwrap_or(true) => {}
                Sight::Ours | Sight::Doubtful(0) => tell.emit(WindowEvent::Closed),
                Sight::Sent => {
                    sight.set(Sight::Doubtful(POLICY_CHECKS));
                    let sight = sight.clone();
                    spawn_local(async move {
                        let isolated = is_isolated().await;
                        if isolated {
                            browser::warn(CUT_OFF);
                        }
                        sight.set(if isolated { Sight::CutOff } else { Sight::Ours });
                    });
                }
                Sight::Doubtful(left) => sight.set(Sight::Doubtful(left - 1)),
                Sight::CutOff => {}
            })
        };
        let mut hosted = Self {
            place: Place::Window(opened),
            sight,
            frame: frame.map(JsCast::unchecked_into),
            tell,
            messages: Vec::new(),
            _watch: Some(watch),
        };
        if let Some(info) = info {
            hosted.direct(info);
        }
        Some(hosted)
    }

    /// Shows the page in a frame that the view draws.
    pub fn framed(frame: NodeRef, url: &PaymentUrl, tell: Callback<WindowEvent>) -> Self {
        let place = Place::Frame(frame);
        let sight = Rc::default();
        let mut hosted = Self { place, sight, frame: None, tell, messages: Vec::new(), _watch: None };
        hosted.listen(url);
        hosted
    }

    /// Sends a window that was opened empty to the link.
    pub fn direct(&mut self, info: &PaymentInfo) {
        if let Place::Window(window) = &self.place {
            // Only Firefox has `mozInnerScreenX`.
            let moves =
                self.frame.is_none() || !browser::get(&js_sys::global(), "mozInnerScreenX").is_undefined();
            if moves && info.events_url.is_some() {
                // Done while the window still shows this page's origin. Fails only if it shows another origin already.
                let _ = window.set_opener(&JsValue::NULL);
            }
            // Fails only if the window is closed, which is being polled for.
            go_to(window, &info.url);
            self.sight.set(Sight::Sent);
        }
        self.listen(&info.url);
    }

    /// Brings the window to the front; returns `false` if it is closed. A window that was cut off cannot be moved to
    /// the front, and counts as open: a second one would be a second payment page.
    #[must_use]
    pub fn focus(&self) -> bool {
        match &self.place {
            Place::Window(_) if matches!(self.sight.get(), Sight::Doubtful(_) | Sight::CutOff) => true,
            Place::Window(window) => !window.closed().unwrap_or(true) && window.focus().is_ok(),
            Place::Frame(_) => true,
        }
    }

    /// Closes the window.
    pub fn close(self) {
        if let Place::Window(window) = self.place {
            close(window, CLOSE_TRIES);
        }
    }

    /// Listens to the hosted page's messages, which it sends to the window that opened it.
    fn listen(&mut self, url: &PaymentUrl) {
        let page = web_sys::window().map(EventTarget::from);
        let listened = page.iter().chain(&self.frame).map(|target| {
            let (place, origin, tell) = (self.place.clone(), url.origin().to_owned(), self.tell.clone());
            EventListener::new(target, "message", move |event| {
                if let Some(message) = trusted(event, &place, &origin) {
                    tell.emit(WindowEvent::Said(message));
                }
            })
        });
        self.messages = listened.collect();
    }
}

/// Closes a window, several times: WebKit ignores `close()` for a window that has only just opened, and then calls it
/// closed.
fn close(window: Window, tries: u8) {
    // Fails only if the window is closed already.
    let _ = window.close();
    if tries > 1 {
        Timeout::new(CLOSED_POLL_INTERVAL, move || close(window, tries - 1)).forget();
    }
}

/// Reads a message of the hosted page.
///
/// The attack: any page that holds a reference to the shop's page can post `{type: "successPayment"}`. So a message
/// counts only if it comes from the very window that the widget opened, or the frame that it drew, and only while that
/// shows the payment link's own origin.
fn trusted(event: &Event, place: &Place, origin: &str) -> Option<HostedMessage> {
    let event: &MessageEvent = event.unchecked_ref();
    if event.origin() != origin || !place.is(&browser::get(event, "source")) {
        return None;
    }
    match browser::get_text(&browser::own_properties(&event.data()), "type").as_deref() {
        Some("successPayment") => Some(HostedMessage::Success),
        Some("close") => Some(HostedMessage::Close),
        Some("login" | "redirect") => Some(HostedMessage::Working),
        // `styles` and `settings` would let another origin change how the shop's page looks.
        Some(_) | None => None,
    }
}

/// Sends a window to a checked link; an unchecked `javascript:` link would run in the shop's page.
pub fn go_to(window: &Window, url: &PaymentUrl) {
    // Fails only if the window is closed, which is being polled for.
    let _ = window.location().set_href(url.as_str());
}

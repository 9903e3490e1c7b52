//! Where a checkout stands, as the server tells it, until the [`Listener`] is dropped.
//!
//! Server-Sent Events first: every connection begins with the present. A stream that says nothing, not even a
//! heartbeat, is held back by a proxy: then the server is asked and answers late (long poll), and where that
//! fails too it is asked again and again. Meanwhile the stream is tried anew, and takes over when it speaks.
//! When the page wakes up (shown again, back from the browser's cache, back online) nothing is waited for.

mod question;
mod stream;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use banq_checkout_wire::{FailReason, Issue, Snapshot, Status};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::EventTarget;

pub use self::question::look;
use self::question::{FIRST_PAUSE, Question};
use self::stream::Stream;
use crate::js::{self, Tell};
use crate::state::Channel;

/// What is heard.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Where the checkout stands.
    Snapshot(Rc<Snapshot>),
    /// By which way the next snapshots come.
    Channel(Channel),
}

/// Listens as long as it lives; dropping it closes the stream and ends all questions.
#[must_use = "dropping the listener closes the stream"]
pub struct Listener(Rc<Inner>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

struct Inner {
    events_url: String,
    /// Where to ask when the stream does not get through; by contract the stream's address without its end.
    snapshot_url: Option<String>,
    request_id: String,
    hear: Tell<Heard>,
    way: Cell<Channel>,
    told: Cell<Channel>,
    stream: RefCell<Option<Stream>>,
    silence: RefCell<Option<Timeout>>,
    question: RefCell<Option<Question>>,
    pausing: RefCell<Option<Timeout>>,
    waking: RefCell<Vec<EventListener>>,
    errors: Cell<u32>,
    failed_waits: Cell<u32>,
    /// The server gave the stream's place to another page.
    crowded: Cell<bool>,
    answers: Cell<u32>,
    pause: Cell<u32>,
    /// Version and whether it is over, of the newest snapshot.
    known: Cell<Option<(u32, bool)>>,
}

impl Listener {
    /// Listens to the stream at `url`; `request_id` finds the questions in the server's log.
    pub fn start(url: String, request_id: String, hear: Tell<Heard>) -> Self {
        let inner = Rc::new(Inner {
            snapshot_url: url.strip_suffix("/events").map(str::to_owned),
            events_url: url,
            request_id,
            hear,
            way: Cell::new(Channel::Stream),
            told: Cell::new(Channel::Stream),
            stream: RefCell::default(),
            silence: RefCell::default(),
            question: RefCell::default(),
            pausing: RefCell::default(),
            waking: RefCell::default(),
            errors: Cell::default(),
            failed_waits: Cell::default(),
            crowded: Cell::default(),
            answers: Cell::default(),
            pause: Cell::new(FIRST_PAUSE),
            known: Cell::default(),
        });
        if let Some(window) = web_sys::window() {
            // All of them bubble up to the window.
            let waking = ["visibilitychange", "pageshow", "pagehide", "online"];
            inner.waking.replace(waking.map(|name| inner.on(&window, name, Inner::woke)).into());
        }
        inner.open_stream();
        Self(inner)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.end();
        self.0.waking.take();
    }
}

impl Inner {
    fn on(
        self: &Rc<Self>,
        target: &EventTarget,
        name: &'static str,
        then: fn(&Rc<Self>, &web_sys::Event),
    ) -> EventListener {
        let this = Rc::downgrade(self);
        EventListener::new(target, name, move |event| {
            if let Some(this) = this.upgrade() {
                then(&this, event);
            }
        })
    }

    fn after(self: &Rc<Self>, millis: u32, then: fn(&Rc<Self>)) -> Option<Timeout> {
        let this = Rc::downgrade(self);
        let call = move || {
            if let Some(this) = Weak::upgrade(&this) {
                then(&this);
            }
        };
        Some(Timeout::new(millis, call))
    }

    fn woke(self: &Rc<Self>, event: &web_sys::Event) {
        if event.type_() == "pagehide" {
            // An open connection would keep the page out of the browser's back-forward cache.
            self.end();
        } else if !web_sys::window().and_then(|window| window.document()).is_some_and(|page| page.hidden()) {
            self.refresh();
        }
    }

    fn refresh(self: &Rc<Self>) {
        self.errors.set(0);
        self.pause.set(FIRST_PAUSE);
        self.open_stream();
        if self.way.get() != Channel::Stream {
            self.ask();
        }
    }

    fn end(&self) {
        self.stream.take();
        self.silence.take();
        self.question.take();
        self.pausing.take();
    }

    fn tell(&self, channel: Channel) {
        if self.told.replace(channel) != channel {
            (self.hear)(Heard::Channel(channel));
        }
    }

    fn is_over(&self) -> bool {
        self.known.get().is_some_and(|(_, over)| over)
    }

    /// Whether it was a snapshot. An unknown status changes nothing and is never a success.
    fn take(&self, value: &JsValue) -> bool {
        let Some(snapshot) = snapshot(value) else {
            js::warn("a status was not understood, and is ignored");
            return false;
        };
        self.known.set(Some((snapshot.version, snapshot.status.is_terminal())));
        (self.hear)(Heard::Snapshot(Rc::new(snapshot)));
        true
    }
}

/// Reads a snapshot field by field from what JavaScript's own parser made of it.
fn snapshot(value: &JsValue) -> Option<Snapshot> {
    let text = |name| js::own_text(value, name);
    Some(Snapshot {
        checkout_id: text("checkoutId")?,
        order_id: text("orderId")?,
        status: Status::from_word(&text("status")?)?,
        fail_reason: text("failReason").map(|word| FailReason::from_word(&word)),
        issue: text("issue").map(|word| Issue::from_word(&word)),
        funds: text("funds")?,
        currency: text("currency")?,
        comment: text("comment")?,
        expires_at: text("expiresAt")?,
        version: js::own(value, "version").as_f64()? as u32,
        server_time: text("serverTime")?,
    })
}

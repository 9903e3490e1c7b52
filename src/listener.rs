//! Where a checkout stands, as the server tells it, until the [`Listener`] is dropped.
//!
//! Server-Sent Events first: every connection begins with the present. A stream that says nothing, not even a
//! heartbeat, is held back by a proxy: then the server is asked and answers late (long poll), and where that
//! fails too it is asked again and again. Meanwhile the stream is tried anew, and takes over when it speaks.
//! When the page wakes up (shown again, back from the browser's cache, back online) nothing is waited for.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use banq_checkout_wire::{FailReason, Snapshot, Status};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{JSON, Math};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, EventSource, EventTarget};

use crate::decimal::decimal;
use crate::js::{self, Tell};
use crate::state::Channel;

/// Milliseconds within which a stream must have said its first word, which the server does at once.
const FIRST_WORD: u32 = 5_000;
/// Milliseconds of silence after which a stream counts as held back; the server's heartbeat is every 15 s.
const SILENCE: u32 = 40_000;
/// Errors in a row, each followed by the browser's own new try, after which another way is taken.
const ERRORS: u32 = 3;
/// Milliseconds before the server is asked again after a failure; doubled up to the longest.
const FIRST_PAUSE: u32 = 1_000;
const LONGEST_PAUSE: u32 = 30_000;
/// Milliseconds between two questions where answers come at once.
const EVERY: u32 = 5_000;
/// The same after the end, when only money that comes late is waited for.
const EVERY_AFTER_THE_END: u32 = 15_000;
/// Seconds that the server holds an answer back; proxies cut off at 30 or 60.
const WAIT: &str = "?wait=25";
/// Failed long polls in a row after which there are no more of them.
const FAILED_WAITS: u32 = 3;
/// Answers after which the stream is tried anew.
const ANSWERS: u32 = 2;

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
    answers: Cell<u32>,
    pause: Cell<u32>,
    /// Version and whether it is over, of the newest snapshot.
    known: Cell<Option<(u32, bool)>>,
}

/// An open stream; dropping it closes it.
#[derive(Debug)]
struct Stream {
    source: EventSource,
    _events: [EventListener; 3],
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// A question on its way; dropping it gives up on it.
#[derive(Debug)]
struct Question(AbortController);

impl Drop for Question {
    fn drop(&mut self) {
        self.0.abort();
    }
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

    fn open_stream(self: &Rc<Self>) {
        // Throws for an address that is none.
        let Ok(source) = EventSource::new(&self.events_url) else {
            return js::warn("eventsUrl is not a URL");
        };
        let events = ["status", "heartbeat", "error"].map(|name| self.on(&source, name, Self::stream_said));
        self.stream.replace(Some(Stream { source, _events: events }));
        self.silence.replace(self.after(FIRST_WORD, Self::stream_failed));
    }

    fn stream_said(self: &Rc<Self>, event: &web_sys::Event) {
        if event.type_() == "error" {
            return self.stream_broke();
        }
        self.errors.set(0);
        self.silence.replace(self.after(SILENCE, Self::stream_failed));
        if self.way.replace(Channel::Stream) != Channel::Stream {
            self.question.take();
            self.pausing.take();
        }
        self.tell(Channel::Stream);
        if event.type_() == "status" {
            let data = js::get_text(event, "data").unwrap_or_default();
            self.take(&JSON::parse(&data).unwrap_or(JsValue::UNDEFINED));
        }
    }

    /// After a broken connection the browser itself tries again. It gives up on an answer that is not a stream:
    /// of a proxy whose server is being restarted, or the server's own "there is nothing more to come".
    fn stream_broke(self: &Rc<Self>) {
        if self.way.get() == Channel::Stream && !self.is_over() {
            self.tell(Channel::Lost);
        }
        self.errors.set(self.errors.get() + 1);
        let closed = |stream: &Stream| stream.source.ready_state() == EventSource::CLOSED;
        if self.errors.get() >= ERRORS || self.stream.borrow().as_ref().is_some_and(closed) {
            self.stream_failed();
        }
    }

    fn stream_failed(self: &Rc<Self>) {
        self.stream.take();
        self.silence.take();
        if self.way.get() == Channel::Stream {
            self.way.set(Channel::LongPoll);
            self.answers.set(0);
            self.ask();
        }
    }

    fn ask(self: &Rc<Self>) {
        self.pausing.take();
        let (Some(url), Ok(abort)) = (&self.snapshot_url, AbortController::new()) else {
            // There is nobody to ask: the stream is tried again.
            self.way.set(Channel::Stream);
            self.pausing.replace(self.after(self.next_pause(), Self::open_stream));
            return;
        };
        // Without a version there is nothing to wait for a change of: the present comes first.
        let waits = self.way.get() == Channel::LongPoll && self.known.get().is_some_and(|(_, over)| !over);
        let wait = if waits { WAIT } else { "" };
        let url = [url.as_str(), wait].concat();
        let etag = self.known.get().map(|(version, _)| ["W/\"", &decimal(version), "\""].concat());
        let request = js::object(&[
            ("cache", "no-store".into()),
            (
                "headers",
                js::object(&[
                    ("X-Request-Id", self.request_id.as_str().into()),
                    ("If-None-Match", etag.unwrap_or_default().into()),
                ])
                .into(),
            ),
            ("signal", abort.signal().into()),
        ]);
        let signal = abort.signal();
        self.question.replace(Some(Question(abort)));
        let this = Rc::downgrade(self);
        let then = move |answer: Result<(u16, JsValue), JsValue>| {
            // Given up, because the stream took over or another question was asked.
            if let Some(this) = this.upgrade().filter(|_| !signal.aborted()) {
                this.answered(&answer);
            }
        };
        js::fetch(&url, &request, Box::new(then));
    }

    fn answered(self: &Rc<Self>, answer: &Result<(u16, JsValue), JsValue>) {
        let understood = match answer {
            Ok((200, body)) => {
                self.tell(self.way.get());
                self.take(&js::get(body, "data"))
            }
            Ok((status, _)) => *status == 304,
            Err(_) => false,
        };
        if !understood {
            if self.way.replace(Channel::Poll) == Channel::LongPoll {
                self.failed_waits.set(self.failed_waits.get() + 1);
            }
            self.tell(Channel::Lost);
            self.pausing.replace(self.after(self.next_pause(), Self::ask));
            return;
        }
        self.tell(self.way.get());
        self.pause.set(FIRST_PAUSE);
        self.answers.set(self.answers.get() + 1);
        if self.answers.get().is_multiple_of(ANSWERS) && self.stream.borrow().is_none() && !self.is_over() {
            self.open_stream();
        }
        let pause = if self.is_over() {
            EVERY_AFTER_THE_END
        } else if self.way.get() == Channel::LongPoll {
            self.failed_waits.set(0);
            // A proxy may answer for the server, and at once.
            FIRST_PAUSE
        } else {
            EVERY
        };
        if self.way.get() == Channel::Poll && self.failed_waits.get() < FAILED_WAITS {
            self.way.set(Channel::LongPoll);
        }
        self.pausing.replace(self.after(pause, Self::ask));
    }

    /// Doubled each time; and shortened at random, so that pages that were cut off together do not all come
    /// back together.
    fn next_pause(&self) -> u32 {
        let pause = self.pause.get();
        self.pause.set(LONGEST_PAUSE.min(pause * 2));
        (f64::from(pause) * (0.5 + Math::random() / 2.0)) as u32
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
    let text = |name| js::get_text(value, name);
    Some(Snapshot {
        checkout_id: text("checkoutId")?,
        order_id: text("orderId")?,
        status: Status::from_word(&text("status")?)?,
        fail_reason: text("failReason").map(|word| FailReason::from_word(&word)),
        funds: text("funds")?,
        currency: text("currency")?,
        comment: text("comment")?,
        expires_at: text("expiresAt")?,
        version: js::get(value, "version").as_f64()? as u32,
        server_time: text("serverTime")?,
    })
}

//! Receives the status of a checkout from the server, until the [`StatusChannel`] is dropped.
//!
//! Server-Sent Events come first: every connection begins with the present snapshot. If a stream sends nothing, not
//! even a heartbeat, a proxy holds it back. Then the server is polled and responds late (long poll), and if that fails
//! too, it is polled at intervals. Meanwhile the stream is tried again, and replaces polling when it sends something.
//! When the page wakes up (shown again, back from the browser's cache, back online), everything is tried at once.
//!
//! [`machine`] decides all of that. This file is the shell around it: it runs the effects, with [`sse`] and
//! [`polling`], and reports what happens.

pub mod machine;
mod polling;
mod sse;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use banq_checkout_wire::{FailReason, Issue, Snapshot, Status};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Math, Object};
use wasm_bindgen::JsValue;

pub use self::machine::ChannelReport;
use self::machine::{ChannelEffect, ChannelEvent, ChannelState, Timer, channel_step};
pub use self::polling::fetch_snapshot;
use self::polling::{PendingPoll, snapshot_url};
use self::sse::EventStream;
use crate::browser;
use crate::payment_info::read_schedule;

/// Follows a checkout until it ends. Dropping it closes the stream and aborts the pending poll.
#[must_use = "dropping the channel closes it"]
pub struct StatusChannel {
    shell: Rc<Shell>,
    _wake_listeners: Option<[EventListener; 4]>,
}

impl fmt::Debug for StatusChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusChannel")
    }
}

/// Receives the events of a channel, until the channel is dropped.
type Dispatch = Rc<dyn Fn(ChannelEvent)>;

/// The open stream, poll and timers of a channel.
struct Shell {
    events_url: String,
    request_id: String,
    on_report: Box<dyn Fn(ChannelReport)>,
    state: Cell<ChannelState>,
    stream: RefCell<Option<EventStream>>,
    poll: RefCell<Option<PendingPoll>>,
    stream_timer: RefCell<Option<Timeout>>,
    retry_timer: RefCell<Option<Timeout>>,
}

impl StatusChannel {
    /// Opens the stream at `events_url`; `request_id` is the id by which the polls can be found in the server's log.
    pub fn open(events_url: String, request_id: String, on_report: impl Fn(ChannelReport) + 'static) -> Self {
        let shell = Rc::new(Shell {
            state: Cell::new(ChannelState::new(snapshot_url(&events_url).is_some())),
            events_url,
            request_id,
            on_report: Box::new(on_report),
            stream: RefCell::default(),
            poll: RefCell::default(),
            stream_timer: RefCell::default(),
            retry_timer: RefCell::default(),
        });
        shell.dispatch(ChannelEvent::Wake);
        Self { _wake_listeners: wake_listeners(&shell.dispatcher()), shell }
    }
}

impl Drop for StatusChannel {
    fn drop(&mut self) {
        self.shell.dispatch(ChannelEvent::Stop);
    }
}

/// All of these events bubble up to the window.
fn wake_listeners(dispatch: &Dispatch) -> Option<[EventListener; 4]> {
    let window = web_sys::window()?;
    Some(["visibilitychange", "pageshow", "pagehide", "online"].map(|name| {
        let dispatch = dispatch.clone();
        EventListener::new(&window, name, move |event| {
            let document = web_sys::window().and_then(|window| window.document());
            if event.type_() == "pagehide" {
                dispatch(ChannelEvent::Stop);
            } else if document.is_none_or(|document| !document.hidden()) {
                dispatch(ChannelEvent::Wake);
            }
        })
    }))
}

impl Shell {
    fn dispatch(self: &Rc<Self>, event: ChannelEvent) {
        let (state, effects) = channel_step(self.state.get(), event);
        self.state.set(state);
        for effect in effects {
            self.run_effect(effect);
        }
    }

    fn dispatcher(self: &Rc<Self>) -> Dispatch {
        let shell = Rc::downgrade(self);
        Rc::new(move |event| {
            if let Some(shell) = shell.upgrade() {
                shell.dispatch(event);
            }
        })
    }

    fn run_effect(self: &Rc<Self>, effect: ChannelEffect) {
        match effect {
            ChannelEffect::OpenStream => match EventStream::open(&self.events_url, &self.dispatcher()) {
                Some(stream) => drop(self.stream.replace(Some(stream))),
                None => {
                    browser::warn("eventsUrl is not a URL");
                    self.dispatch(ChannelEvent::StreamUrlInvalid);
                }
            },
            ChannelEffect::CloseStream => drop(self.stream.take()),
            ChannelEffect::Poll { wait, version } => {
                let poll =
                    PendingPoll::send(&self.events_url, &self.request_id, wait, version, self.dispatcher());
                self.poll.replace(poll);
            }
            ChannelEffect::AbortPoll => drop(self.poll.take()),
            ChannelEffect::StartTimer(timer, delay) => {
                let dispatch = self.dispatcher();
                let fire = move || dispatch(ChannelEvent::TimerFired(timer));
                self.timer(timer).replace(Some(Timeout::new(delay.millis(Math::random()), fire)));
            }
            ChannelEffect::StopTimer(timer) => drop(self.timer(timer).take()),
            ChannelEffect::Report(report) => (self.on_report)(report),
        }
    }

    fn timer(&self, timer: Timer) -> &RefCell<Option<Timeout>> {
        match timer {
            Timer::Stream => &self.stream_timer,
            Timer::Retry => &self.retry_timer,
        }
    }
}

/// Reads a snapshot from parsed JSON. A snapshot with an unknown status changes nothing and is never a success.
fn read_snapshot(value: &JsValue) -> Option<Rc<Snapshot>> {
    let fields = browser::own_properties(value);
    let snapshot = snapshot(&fields);
    if snapshot.is_none() {
        browser::warn("a status was not understood, and is ignored");
    }
    snapshot.map(Rc::new)
}

/// Reads a snapshot property by property, like the options: that takes half the bytes of a derived struct.
fn snapshot(fields: &Object) -> Option<Snapshot> {
    let text = |name| browser::property::<String>(fields, name);
    // An absent word is `None`; with a word of another type the snapshot cannot be read.
    let word = |name| browser::property::<Option<String>>(fields, name);
    Some(Snapshot {
        checkout_id: text("checkoutId")?,
        order_id: text("orderId")?,
        status: Status::from_word(&text("status")?)?,
        fail_reason: word("failReason")?.as_deref().map(FailReason::from_word),
        issue: word("issue")?.as_deref().map(Issue::from_word),
        funds: text("funds")?,
        currency: text("currency")?,
        comment: text("comment")?,
        schedule: read_schedule(fields),
        expires_at: text("expiresAt")?,
        version: browser::property(fields, "version")?,
        server_time: text("serverTime")?,
    })
}

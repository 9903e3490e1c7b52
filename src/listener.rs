//! The stream of a checkout's status, opened again whenever it breaks, until the [`Listener`] is dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use banq_checkout_wire::{FailReason, Snapshot, Status};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::EventSource;
use yew::Callback;

use crate::js;

/// Milliseconds before the first reopening; doubled up to the longest.
const FIRST_PAUSE: u32 = 1_000;
const LONGEST_PAUSE: u32 = 15_000;

/// What the stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Where the checkout stands.
    Snapshot(Rc<Snapshot>),
    /// The stream broke; it is being opened again.
    Lost,
}

/// Listens as long as it lives; dropping it closes the stream.
#[must_use = "dropping the listener closes the stream"]
#[derive(Debug)]
pub struct Listener(Rc<Stream>);

#[derive(Debug)]
struct Stream {
    url: String,
    hear: Callback<Heard>,
    connection: RefCell<Option<Connection>>,
    reopening: RefCell<Option<Timeout>>,
    pause: Cell<u32>,
}

/// An open stream and what is heard of it; dropping it closes the stream.
#[derive(Debug)]
struct Connection {
    source: EventSource,
    _events: [EventListener; 2],
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Listener {
    /// Opens the stream at `url` and passes on what it says.
    pub fn start(url: String, hear: Callback<Heard>) -> Self {
        let stream = Rc::new(Stream {
            url,
            hear,
            connection: RefCell::default(),
            reopening: RefCell::default(),
            pause: Cell::new(FIRST_PAUSE),
        });
        stream.open();
        Self(stream)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.connection.take();
        self.0.reopening.take();
    }
}

impl Stream {
    fn open(self: &Rc<Self>) {
        // Throws for an address that is none.
        let Ok(source) = EventSource::new(&self.url) else { return js::warn("eventsUrl is not a URL") };
        let stream = Rc::downgrade(self);
        let status = EventListener::new(&source, "status", move |event| {
            if let Some(stream) = stream.upgrade() {
                stream.status(&js::get(event, "data"));
            }
        });
        let stream = Rc::downgrade(self);
        let error = EventListener::new(&source, "error", move |_| {
            if let Some(stream) = stream.upgrade() {
                stream.broke();
            }
        });
        self.connection.replace(Some(Connection { source, _events: [status, error] }));
    }

    fn status(&self, data: &JsValue) {
        if let Some(snapshot) = snapshot(data) {
            self.pause.set(FIRST_PAUSE);
            self.hear.emit(Heard::Snapshot(Rc::new(snapshot)));
        } else {
            // An unknown status changes nothing and is never a success.
            js::warn("a status event was not understood, and is ignored");
        }
    }

    /// After a broken connection the browser itself tries again. It gives up on an answer that is not a
    /// stream, as of a proxy whose server is being restarted: then this opens the stream anew.
    fn broke(self: &Rc<Self>) {
        self.hear.emit(Heard::Lost);
        let closed = |connection: &Connection| connection.source.ready_state() == EventSource::CLOSED;
        if self.connection.borrow().as_ref().is_some_and(closed) {
            let pause = self.pause.get();
            self.pause.set(LONGEST_PAUSE.min(pause * 2));
            let stream = Rc::downgrade(self);
            let reopen = move || {
                if let Some(stream) = stream.upgrade() {
                    stream.open();
                }
            };
            self.reopening.replace(Some(Timeout::new(pause, reopen)));
        }
    }
}

/// Reads a snapshot field by field from what JavaScript's own parser made of it.
fn snapshot(data: &JsValue) -> Option<Snapshot> {
    let value = js_sys::JSON::parse(&data.as_string()?).ok()?;
    let text = |name| js::get_text(&value, name);
    Some(Snapshot {
        checkout_id: text("checkoutId")?,
        order_id: text("orderId")?,
        status: Status::from_word(&text("status")?)?,
        fail_reason: text("failReason").map(|word| FailReason::from_word(&word)),
        funds: text("funds")?,
        currency: text("currency")?,
        comment: text("comment")?,
        expires_at: text("expiresAt")?,
        version: js::get(&value, "version").as_f64()? as u32,
        server_time: text("serverTime")?,
    })
}

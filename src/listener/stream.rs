//! The stream of status events, and when it counts as broken or held back.

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::EventSource;

use super::Inner;
use super::question::FAILED_WAITS;
use crate::js;
use crate::state::Channel;

/// Milliseconds within which a stream must have said its first word, which the server does at once.
const FIRST_WORD: u32 = 5_000;
/// Milliseconds of silence after which a stream counts as held back; the server's heartbeat is every 8 s.
const SILENCE: u32 = 40_000;
/// Errors in a row, each followed by the browser's own new try, after which another way is taken.
const ERRORS: u32 = 3;

/// An open stream; dropping it closes it.
#[derive(Debug)]
pub(super) struct Stream {
    source: EventSource,
    _events: [EventListener; 4],
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Inner {
    pub(super) fn open_stream(self: &Rc<Self>) {
        // Throws for an address that is none.
        let Ok(source) = EventSource::new(&self.events_url) else {
            return js::warn("eventsUrl is not a URL");
        };
        let events = ["status", "heartbeat", "crowded", "error"];
        let events = events.map(|name| self.on(&source, name, Self::stream_said));
        self.stream.replace(Some(Stream { source, _events: events }));
        self.silence.replace(self.after(FIRST_WORD, Self::stream_failed));
    }

    fn stream_said(self: &Rc<Self>, event: &web_sys::Event) {
        if event.type_() == "error" {
            return self.stream_broke();
        }
        if event.type_() == "crowded" {
            return self.stream_crowded();
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

    /// The server gave the stream's place to a newcomer. Questions that are answered at once take none; a stream that
    /// came back soon would take another page's.
    fn stream_crowded(self: &Rc<Self>) {
        self.stream.take();
        self.silence.take();
        self.crowded.set(true);
        self.failed_waits.set(FAILED_WAITS);
        self.way.set(Channel::Poll);
        self.answers.set(0);
        self.ask();
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
}

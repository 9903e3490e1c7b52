//! Asking where the checkout stands: the server answers late, when something has changed (long poll), or at once.

use std::rc::Rc;

use banq_checkout_wire::Snapshot;
use js_sys::Math;
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use super::Inner;
use crate::js::decimal;
use crate::js::{self, Tell};
use crate::state::Channel;

/// Milliseconds before the server is asked again after a failure; doubled up to the longest.
pub(super) const FIRST_PAUSE: u32 = 1_000;
const LONGEST_PAUSE: u32 = 30_000;
/// Milliseconds between two questions where answers come at once.
const EVERY: u32 = 5_000;
/// The same after the end, when only money that comes late is waited for.
const EVERY_AFTER_THE_END: u32 = 15_000;
/// Seconds that the server holds an answer back; proxies cut off at 30 or 60.
const WAIT: &str = "?wait=25";
/// Failed long polls in a row after which there are no more of them.
pub(super) const FAILED_WAITS: u32 = 3;
/// Answers after which the stream is tried anew.
const ANSWERS: u32 = 2;
/// The same where the server gave the stream's place to another page: two minutes.
const ANSWERS_WHEN_CROWDED: u32 = 24;

/// A question on its way; dropping it gives up on it.
#[derive(Debug)]
pub(super) struct Question(AbortController);

impl Drop for Question {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks once where a checkout stands, without listening on.
pub fn look(events_url: &str, request_id: &str, hear: Tell<Rc<Snapshot>>) {
    let Some(url) = events_url.strip_suffix("/events") else { return };
    let headers = js::object(&[("X-Request-Id", request_id.into())]);
    let request = js::object(&[("cache", "no-store".into()), ("headers", headers.into())]);
    let answered = move |answer| {
        if let Ok((200, body)) = answer
            && let Some(snapshot) = super::snapshot(&js::own(&body, "data"))
        {
            hear(Rc::new(snapshot));
        }
    };
    js::fetch(url, &request, Box::new(answered));
}

impl Inner {
    pub(super) fn ask(self: &Rc<Self>) {
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
                self.take(&js::own(body, "data"))
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
        let answers = if self.crowded.get() { ANSWERS_WHEN_CROWDED } else { ANSWERS };
        if self.answers.get().is_multiple_of(answers) && self.stream.borrow().is_none() && !self.is_over() {
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
}

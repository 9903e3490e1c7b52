//! How far a connection is with its request, and with the answer to it.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::HttpBody;
use hyper::body::{Frame, SizeHint};

use super::connections::Activity;

/// What hyper does not tell of a connection. All in one task, so the order of its parts is the order of their stores.
#[derive(Default)]
pub(super) struct Progress {
    /// Something waits to be sent.
    blocked: AtomicBool,
    /// Something came since the last answer.
    heard: AtomicBool,
    /// The body of the request is on its way.
    receiving: AtomicBool,
    /// The request is being answered.
    answering: AtomicBool,
    /// How many answers were sent.
    answers: AtomicU64,
}

impl Progress {
    /// Of a new connection: its first head has to come as soon as any other.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { heard: AtomicBool::new(true), ..Self::default() })
    }

    /// The socket takes, or does not take, what is to be sent.
    pub(super) fn set_blocked(&self, blocked: bool) {
        self.blocked.store(blocked, Ordering::Relaxed);
    }

    /// Returns whether something waits to be sent.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Relaxed)
    }

    /// Bytes came.
    pub(super) fn hear(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// The head of a request is complete; returns its body.
    pub(super) fn request<B: HttpBody>(self: &Arc<Self>, body: B) -> Noted<B> {
        self.answering.store(true, Ordering::Relaxed);
        self.receiving.store(!body.is_end_stream(), Ordering::Relaxed);
        let ended = |progress: &Self| progress.receiving.store(false, Ordering::Relaxed);
        Noted { body, progress: Arc::clone(self), ended }
    }

    /// The answer's head is there; returns its body.
    pub(super) fn answer<B>(self: &Arc<Self>, body: B) -> Noted<B> {
        let ended = |progress: &Self| {
            progress.answering.store(false, Ordering::Relaxed);
            progress.heard.store(false, Ordering::Relaxed);
            progress.answers.fetch_add(1, Ordering::Relaxed);
        };
        Noted { body, progress: Arc::clone(self), ended }
    }

    /// Returns what the connection does now, and after how many answers.
    pub(super) fn now(&self) -> (Activity, u64) {
        (self.activity(), self.answers.load(Ordering::Relaxed))
    }

    fn activity(&self) -> Activity {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if is(&self.answering) {
            if is(&self.receiving) { Activity::Reading } else { Activity::Answering }
        } else if is(&self.blocked) {
            Activity::Answering
        } else if is(&self.heard) {
            Activity::Reading
        } else {
            Activity::Idle
        }
    }

    /// Returns whether a request's head has been read and its answer not been sent.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed) || self.is_blocked()
    }
}

/// A body whose end is noted: it is dropped as soon as it has been read or sent.
pub(super) struct Noted<B> {
    body: B,
    progress: Arc<Progress>,
    ended: fn(&Progress),
}

impl<B> Drop for Noted<B> {
    fn drop(&mut self) {
        (self.ended)(&self.progress);
    }
}

impl<B: HttpBody + Unpin> HttpBody for Noted<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

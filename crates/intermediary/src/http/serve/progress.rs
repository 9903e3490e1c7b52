//! Tracks a connection's request and its response.

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

use super::connection_table::Activity;

/// State of a connection that hyper does not expose. One task reads and writes it, so relaxed ordering is enough.
#[derive(Default)]
pub(super) struct Progress {
    /// Bytes wait to be sent.
    blocked: AtomicBool,
    /// Bytes arrived since the last response.
    has_bytes: AtomicBool,
    /// The request's body is arriving.
    receiving: AtomicBool,
    answering: AtomicBool,
    answers: AtomicU64,
}

impl Progress {
    /// Creates the state of a new connection, whose first head must arrive within the usual timeout.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { has_bytes: AtomicBool::new(true), ..Self::default() })
    }

    pub(super) fn set_blocked(&self, blocked: bool) {
        self.blocked.store(blocked, Ordering::Relaxed);
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Relaxed)
    }

    pub(super) fn record_bytes(&self) {
        self.has_bytes.store(true, Ordering::Relaxed);
    }

    /// Records a complete request head; returns the tracked body.
    pub(super) fn request<B: HttpBody>(self: &Arc<Self>, body: B) -> Noted<B> {
        self.answering.store(true, Ordering::Relaxed);
        self.receiving.store(!body.is_end_stream(), Ordering::Relaxed);
        let ended = |progress: &Self| progress.receiving.store(false, Ordering::Relaxed);
        Noted { body, progress: Arc::clone(self), ended }
    }

    /// Records a response head; returns the tracked body.
    pub(super) fn answer<B>(self: &Arc<Self>, body: B) -> Noted<B> {
        let ended = |progress: &Self| {
            progress.answering.store(false, Ordering::Relaxed);
            progress.has_bytes.store(false, Ordering::Relaxed);
            progress.answers.fetch_add(1, Ordering::Relaxed);
        };
        Noted { body, progress: Arc::clone(self), ended }
    }

    /// Returns the connection's activity and the number of responses sent.
    pub(super) fn now(&self) -> (Activity, u64) {
        (self.activity(), self.answers.load(Ordering::Relaxed))
    }

    fn activity(&self) -> Activity {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if is(&self.answering) {
            if is(&self.receiving) { Activity::Reading } else { Activity::Answering }
        } else if is(&self.blocked) {
            Activity::Answering
        } else if is(&self.has_bytes) {
            Activity::Reading
        } else {
            Activity::Idle
        }
    }

    /// Returns whether a request's head was read and its response is not yet sent.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed) || self.is_blocked()
    }
}

/// A body whose end is recorded when it is dropped, which happens as soon as it was read or sent.
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

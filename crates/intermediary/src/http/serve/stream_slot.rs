//! Passes a stream from its handler to the connection that writes it.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use futures_util::stream;

use super::connections::{ConnectionPermit, WaitGuard};
use crate::stream::event_stream::Subscriber;

/// nginx buffers responses unless this header forbids it.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A subscriber, and the marker that its connection waits.
type Carried = (Subscriber, Option<WaitGuard>);

/// Holds a subscriber for the response's body, or, if the server writes streams itself, for the connection; the first
/// to take it owns it.
#[derive(Clone)]
pub(crate) struct StreamSlot(Arc<Mutex<Option<Carried>>>);

impl StreamSlot {
    pub(crate) fn response(subscriber: Subscriber, permit: Option<Arc<ConnectionPermit>>) -> Response {
        // A stream has its own permit; its connection does not count among those that answer requests.
        let waiting = permit.map(ConnectionPermit::wait);
        let slot = Self(Arc::new(Mutex::new(Some((subscriber, waiting)))));
        let mut response = Response::new(slot.clone().body());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
        headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
        response.extensions_mut().insert(slot);
        response
    }

    /// Returns the subscriber at the first call.
    pub(crate) fn take(&self) -> Option<Carried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns the events as a body of unknown length, for any server.
    fn body(self) -> Body {
        enum Step {
            Greet(StreamSlot),
            Read(Subscriber, Option<WaitGuard>),
        }
        Body::from_stream(stream::unfold(Step::Greet(self), |step| async {
            let (event, subscriber, waiting) = match step {
                Step::Greet(slot) => {
                    let (subscriber, waiting) = slot.take()?;
                    (Subscriber::greeting(), subscriber, waiting)
                }
                Step::Read(mut subscriber, waiting) => (subscriber.next().await?, subscriber, waiting),
            };
            Some((Ok::<_, Infallible>(event.event()), Step::Read(subscriber, waiting)))
        }))
    }
}

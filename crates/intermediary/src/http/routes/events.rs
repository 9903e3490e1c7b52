//! `GET /checkouts/{checkoutId}/events`: the present of one checkout, as Server-Sent Events.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::{
    error::Error,
    http::{
        middleware::client_ip::{Client, Seated},
        serve::{Seat, Waiting},
        state::App,
    },
    store::CheckoutId,
    stream::event_stream::Reader,
};

/// nginx collects an answer before it passes it on, unless it is told not to.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The current snapshot on every connect, then each newer one; the stream ends after a terminal snapshot.
/// A client that reconnects after having seen the last event gets 204, which tells an `EventSource` to stay away. A
/// stream whose place goes to a newcomer ends with an event named `crowded`: better ask for the snapshot now and then.
#[utoipa::path(
    get,
    path = "/checkouts/{checkout_id}/events",
    operation_id = "watchCheckout",
    tag = "pages",
    params(
        ("checkout_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "128 random bits."),
        ("Last-Event-ID" = Option<String>, Header, description = "The version that was seen last.")
    ),
    responses(
        (
            status = 200,
            description = "Events named `status`, each with a whole snapshot; `heartbeat`; and `crowded` before an end for want of places.",
            content_type = "text/event-stream",
            body = serde_json::Value
        ),
        (status = 204, description = "The end was seen; there is nothing more to come.")
    )
)]
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    Client(address): Client,
    Seated(seat): Seated,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let id = CheckoutId::parse(&id.map_err(|_| Error::CheckoutNotFound)?)?;
    let mut subscription = app.hub.subscribe(&id);
    let checkout = app.store.checkout(&id).await?.ok_or(Error::CheckoutNotFound)?;
    if checkout.is_over() && last_event_id(&headers) == Some(checkout.version) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    app.stay(&mut subscription, address);
    Ok(Handover::response(Reader::new(app, subscription, checkout), seat))
}

/// The version that the page saw last; what is no version was never sent by this server.
pub(crate) fn last_event_id(headers: &HeaderMap) -> Option<u32> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// A reader, and what keeps its connection counted as waiting.
type Carried = (Reader, Option<Waiting>);

/// Carries a reader to the response's body, or, where the server writes streams by itself, out of the response's
/// extensions. The first to take it has it.
#[derive(Clone)]
pub(crate) struct Handover(Arc<Mutex<Option<Carried>>>);

impl Handover {
    fn response(reader: Reader, seat: Option<Arc<Seat>>) -> Response {
        // A stream has a place of its own; its connection takes no seat of those that answer requests.
        let waiting = seat.map(Seat::wait);
        let handover = Self(Arc::new(Mutex::new(Some((reader, waiting)))));
        let mut response = Response::new(handover.clone().body());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
        headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
        response.extensions_mut().insert(handover);
        response
    }

    /// Returns the reader to the first who asks.
    pub(crate) fn take(&self) -> Option<Carried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// For any server: the events as a body of unknown length.
    fn body(self) -> Body {
        enum Step {
            Greet(Handover),
            Read(Reader, Option<Waiting>),
        }
        Body::from_stream(stream::unfold(Step::Greet(self), |step| async {
            let (frame, reader, waiting) = match step {
                Step::Greet(handover) => {
                    let (reader, waiting) = handover.take()?;
                    (Reader::greeting(), reader, waiting)
                }
                Step::Read(mut reader, waiting) => (reader.next().await?, reader, waiting),
            };
            Some((Ok::<_, Infallible>(frame.event()), Step::Read(reader, waiting)))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_is_a_last_event_id() {
        let read = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert("last-event-id", HeaderValue::from_bytes(value).unwrap());
            last_event_id(&headers)
        };
        assert_eq!((read(b"3"), read(b"4294967295")), (Some(3), Some(u32::MAX)));
        for value in [&b""[..], b"-1", b" 3", b"4294967296", b"3;4", b"\xff", b"1e1"] {
            assert_eq!(read(value), None, "{value:?}");
        }
    }
}

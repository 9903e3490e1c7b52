//! `GET /checkouts/{checkoutId}/events`: the present of one checkout, as Server-Sent Events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};

use crate::{
    app::App,
    error::Error,
    hub::Subscription,
    store::{Checkout, CheckoutId},
};

/// How long a browser waits before it opens a broken stream again.
const RETRY: Duration = Duration::from_millis(2000);

/// nginx collects an answer before it passes it on, unless it is told not to.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The current snapshot on every connect, then each newer one; the stream ends after a terminal snapshot.
/// Whoever comes back having seen that one gets 204, which tells an `EventSource` to stay away.
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let id = CheckoutId::parse(&id.map_err(|_| Error::CheckoutNotFound)?)?;
    let subscription = app.hub.subscribe(&id)?;
    let checkout = app.store.checkout(&id).await?.ok_or(Error::CheckoutNotFound)?;
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    if checkout.is_over() && seen == Some(checkout.version) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let heartbeat = KeepAlive::new().interval(app.config.tuning.heartbeat).text("heartbeat");
    let reader = Reader { app, subscription, next: Next::First(Arc::new(checkout)) };
    let mut response =
        Sse::new(futures_util::stream::unfold(reader, step)).keep_alive(heartbeat).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

struct Reader {
    app: Arc<App>,
    subscription: Subscription,
    next: Next,
}

/// What a stream does next.
enum Next {
    /// Say what the store said.
    First(Arc<Checkout>),
    /// Wait for something newer than this version.
    After(u32),
    /// Nothing: the terminal snapshot was sent.
    End,
}

/// Every way on, and every way to the end.
async fn step(mut reader: Reader) -> Option<(Result<Event, Infallible>, Reader)> {
    let (checkout, event) = match reader.next {
        Next::First(checkout) => (checkout, Event::default().retry(RETRY)),
        Next::After(version) => tokio::select! {
            checkout = reader.subscription.newer_than(version) => (checkout, Event::default()),
            // The browser comes back by itself, and then finds the next instance.
            () = reader.app.stopping.cancelled() => return None,
        },
        Next::End => return None,
    };
    reader.next = if checkout.is_over() { Next::End } else { Next::After(checkout.version) };
    // The snapshot is made here and now: its serverTime is the time of writing.
    let Ok(snapshot) = serde_json::to_string(&checkout.snapshot()) else { return None };
    Some((Ok(event.event("status").id(checkout.version.to_string()).data(snapshot)), reader))
}

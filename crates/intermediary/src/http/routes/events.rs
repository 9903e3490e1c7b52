//! `GET /checkouts/{checkoutId}/events`: the snapshots of one checkout as Server-Sent Events.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use crate::{
    checkout::service::Service,
    domain::checkout::CheckoutId,
    http::error::Error,
    http::{
        middleware::client_ip::{Client, HeldPermit},
        serve::StreamSlot,
    },
    metrics::Metrics,
    stream::{event_stream::Subscriber, heartbeat::Heartbeat, hub::Subscription},
};

/// Streams the current snapshot on every connect, then each newer one.
///
/// The stream ends after a terminal snapshot. A client that reconnects after it has seen the last event gets 204, which
/// stops an `EventSource`. A stream whose permit goes to a newcomer ends with an event named `crowded`; its client
/// should poll the snapshot instead.
#[utoipa::path(
    get,
    path = "/checkouts/{checkout_id}/events",
    operation_id = "watchCheckout",
    tag = "pages",
    params(
        ("checkout_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "128 random bits."),
        ("Last-Event-ID" = Option<String>, Header, description = "The version of the last event.")
    ),
    responses(
        (
            status = 200,
            description = "Events named `status`, each with a whole snapshot; `heartbeat`; and `crowded` if a newcomer takes the permit.",
            content_type = "text/event-stream",
            body = serde_json::Value
        ),
        (status = 204, description = "The terminal snapshot was already sent.")
    )
)]
pub(crate) async fn events(
    State(service): State<Arc<Service>>,
    State(heartbeat): State<Arc<Heartbeat>>,
    Client(address): Client,
    HeldPermit(permit): HeldPermit,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let id = CheckoutId::parse(&id.map_err(|_| Error::CheckoutNotFound)?).ok_or(Error::CheckoutNotFound)?;
    let mut subscription = service.hub.subscribe(&id);
    let checkout = service.store.checkout(&id).await?.ok_or(Error::CheckoutNotFound)?;
    if checkout.is_over() && last_event_id(&headers) == Some(checkout.version) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    stay(&mut subscription, address, &service.metrics);
    Ok(StreamSlot::response(Subscriber::new(heartbeat, subscription, checkout), permit))
}

/// Takes a permit for a subscriber; an older one may lose its permit.
pub(crate) fn stay(subscription: &mut Subscription, address: Option<IpAddr>, metrics: &Metrics) {
    for _ in 0..subscription.stay(address) {
        metrics.limited("streams");
    }
}

/// Returns the version that the page saw last; ignores values that this server never sends.
pub(crate) fn last_event_id(headers: &HeaderMap) -> Option<u32> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

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

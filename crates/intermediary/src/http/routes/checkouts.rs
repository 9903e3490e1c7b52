//! `GET /checkouts/{checkoutId}`.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use wire::{Envelope, Snapshot};

use crate::{
    checkout::service::Service,
    domain::checkout::{Checkout, CheckoutId},
    http::error::Error,
    http::{
        middleware::client_ip::{Client, HeldPermit},
        response,
        routes::events,
        serve::ConnectionPermit,
    },
};

/// The maximum of `?wait=`, in seconds: proxies give up after a minute.
const LONGEST_WAIT: u64 = 30;

#[derive(Deserialize)]
pub(crate) struct Poll {
    wait: Option<u64>,
}

/// Returns the snapshot, with its version as `ETag`.
///
/// With `?wait=25` the response waits for up to 25 seconds until the checkout changes, or until a newcomer takes the
/// permit. Without `wait` the request needs no permit and is never refused. `If-None-Match` names the version that the
/// caller knows (by default the present one); 304 if it is still current.
#[utoipa::path(
    get,
    path = "/checkouts/{checkout_id}",
    operation_id = "getCheckout",
    tag = "pages",
    params(
        ("checkout_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "128 random bits."),
        ("wait" = Option<u64>, Query, minimum = 0, maximum = 30, description = "Seconds to wait for a change."),
        ("If-None-Match" = Option<String>, Header, description = "The known version.")
    ),
    responses(
        (status = 200, description = "The current snapshot.", body = Envelope<Snapshot>, headers(("ETag" = String))),
        (status = 304, description = "The known version is current.")
    )
)]
pub(crate) async fn snapshot(
    State(service): State<Arc<Service>>,
    State(stopping): State<CancellationToken>,
    Client(address): Client,
    HeldPermit(permit): HeldPermit,
    id: Result<Path<String>, PathRejection>,
    poll: Result<Query<Poll>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let id = CheckoutId::parse(&id.map_err(|_| Error::CheckoutNotFound)?).ok_or(Error::CheckoutNotFound)?;
    let wait = poll.ok().map(|Query(poll)| poll.wait.unwrap_or(0)).filter(|wait| *wait <= LONGEST_WAIT);
    let wait = wait.ok_or_else(|| Error::InvalidField("wait is wrong: send 0 to 30 seconds.".to_owned()))?;
    let mut subscription = service.hub.subscribe(&id);
    let mut checkout = service.store.checkout(&id).await?.ok_or(Error::CheckoutNotFound)?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = |checkout: &Checkout| known.is_some_and(|known| matches_etag(known, checkout.version));
    let may_wait = wait > 0 && !checkout.is_over() && (known.is_none() || is_known(&checkout));
    if may_wait {
        let version = checkout.version;
        events::stay(&mut subscription, address, &service.metrics);
        let _waiting = permit.map(ConnectionPermit::wait);
        tokio::select! {
            newer = subscription.newer_than(version) => if let Some(newer) = newer {
                checkout = newer.checkout.clone();
            },
            () = tokio::time::sleep(Duration::from_secs(wait)) => {}
            () = stopping.cancelled() => {}
        }
    }
    let mut response = if is_known(&checkout) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        response::data(&checkout.snapshot())?.into_response()
    };
    let etag = HeaderValue::try_from(etag(checkout.version))
        .map_err(|_| Error::Internal("an ETag that is no header value"))?;
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// Returns a weak tag: `serverTime` differs between responses of the same version.
fn etag(version: u32) -> String {
    format!("W/\"{version}\"")
}

fn matches_etag(known: &str, version: u32) -> bool {
    let weak = etag(version);
    known
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag == weak || tag == weak.trim_start_matches("W/"))
}

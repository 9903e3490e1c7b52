//! `GET /healthz`, `GET /readyz` and `GET /healthz/stream`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::{health::readiness::Readiness, http::error::Error};

/// Between the two events of the probe.
const PROBE_PAUSE: Duration = Duration::from_millis(1500);

/// The process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "isAlive",
    tag = "operation",
    responses((status = 200, description = "It does.", content_type = "text/plain", body = String))
)]
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// A write was committed and the worker looked for work within the last seconds; 503 otherwise.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "operation",
    responses((status = 200, description = "Ready.", content_type = "text/plain", body = String))
)]
pub(crate) async fn ready(State(readiness): State<Arc<Readiness>>) -> Result<&'static str, Error> {
    // The log has the cause already, once.
    readiness.check().map(|()| "ready\n").map_err(|_| Error::Unavailable)
}

/// Two events with a pause in between: who gets both at once has a proxy in front that collects answers, and
/// then no page learns of its payment in time.
#[utoipa::path(
    get,
    path = "/healthz/stream",
    operation_id = "probeStream",
    tag = "operation",
    responses((status = 200, description = "Two events.", content_type = "text/event-stream", body = serde_json::Value))
)]
pub(crate) async fn probe() -> Response {
    let events = stream::unfold(0, |number| async move {
        match number {
            0 => {}
            1 => tokio::time::sleep(PROBE_PAUSE).await,
            _ => return None,
        }
        let event = Bytes::from(format!("event: probe\nid: {number}\ndata: {number}\n\n"));
        Some((Ok::<_, Infallible>(event), number + 1))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}

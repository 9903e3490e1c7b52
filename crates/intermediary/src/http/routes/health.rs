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

const PROBE_PAUSE: Duration = Duration::from_millis(1500);

/// Answers 200 while the process runs.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "isAlive",
    tag = "operation",
    responses((status = 200, description = "The process runs.", content_type = "text/plain", body = String))
)]
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Answers 200 if the database committed a write and the worker ran within the last seconds, else 503.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "operation",
    responses((status = 200, description = "Ready.", content_type = "text/plain", body = String))
)]
pub(crate) async fn ready(State(readiness): State<Arc<Readiness>>) -> Result<&'static str, Error> {
    // The log already has the cause, once.
    readiness.check().map(|()| "ready\n").map_err(|_| Error::Unavailable)
}

/// Sends two events with a pause in between.
///
/// A client that receives both at once has a proxy in front that buffers responses; pages would then learn of payments
/// too late.
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

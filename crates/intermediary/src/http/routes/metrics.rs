//! `GET /metrics`, for Prometheus.

use axum::{
    extract::State,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    http::error::Error,
    http::{
        middleware::{
            bearer,
            client_ip::{self, Client},
        },
        state::AppState,
    },
    metrics::Gauges,
};

/// Returns the metrics for Prometheus.
///
/// They show how much the shop sells, so the caller must send `BANQ_METRICS_TOKEN`, or be on this machine without a
/// proxy in between.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "operation",
    security((), ("metricsToken" = [])),
    responses((status = 200, description = "OpenMetrics.", content_type = "application/openmetrics-text", body = String))
)]
pub(crate) async fn page(
    State(app): State<AppState>,
    parts: Parts,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let shown = bearer::bearer_matches(app.config.metrics_token.as_ref(), &headers);
    if !shown && !Client::is_local(client_ip::peer(&parts), &headers) {
        return Err(Error::Unauthorized);
    }
    let (since_write, since_turn) = app.readiness.ages();
    let store = &app.checkouts.store;
    let gauges = Gauges {
        streams: app.hub.subscribers(),
        connections: app.connections.total(),
        is_ready: app.readiness.check().is_ok(),
        since_write,
        since_turn,
        clock_ahead: app.checkouts.provider.clock_ahead(),
        backlog: store.backlog().await.ok(),
        trouble: store.trouble().await.ok(),
    };
    let text = app.metrics.text(&gauges).map_err(|_| Error::Internal("a metric that cannot be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

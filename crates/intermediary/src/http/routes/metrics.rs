//! `GET /metrics`, for Prometheus.

use axum::{
    extract::State,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    http::error::Error,
    http::{
        accept_header,
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
    responses((
        status = 200,
        description = "Prometheus' text format, or OpenMetrics where `Accept` asks for it.",
        content((String = "text/plain"), (String = "application/openmetrics-text"))
    ))
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
        is_nats_usable: store.is_nats_usable(),
        backlog: store.backlog().await.ok(),
        trouble: store.trouble().await.ok(),
    };
    let format = accept_header::metrics_format(&headers);
    let text = app.metrics.text(&gauges, format);
    let text = text.map_err(|_| Error::Internal("a metric that cannot be written"))?;
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept"),
    ];
    Ok((headers, text).into_response())
}

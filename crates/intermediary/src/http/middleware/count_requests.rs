//! Counts and times every response.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::metrics::Metrics;

/// Counts each response under its route's pattern.
pub(crate) async fn layer(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let route = match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        Some(path) if path.starts_with("/widget/") => "/widget/".to_owned(),
        Some(path) => path.to_owned(),
        // Clients can request any path; a path must not become a time series.
        None => "none".to_owned(),
    };
    let started = Instant::now();
    let response = next.run(request).await;
    metrics.answered(route, response.status().as_u16(), started.elapsed());
    response
}

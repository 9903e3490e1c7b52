//! Every address, on one page.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post, put},
};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{app::App, checkout, error::Error, health, orders, origin, request_id, sse, webhook, widget};

/// The largest body of a page or a shop's server, in bytes.
const JSON_LIMIT: usize = 16 * 1024;

/// The largest webhook, in bytes: the documented ones have 250.
const WEBHOOK_LIMIT: usize = 64 * 1024;

/// The routes, ready to be served or nested.
pub(crate) fn router(app: &Arc<App>) -> Router {
    // For the shop's pages.
    let pages = Router::new()
        .route(
            "/generate-payment-link",
            post(checkout::generate).layer(from_fn_with_state(Arc::clone(app), origin::guard)),
        )
        .route("/checkouts/{checkout_id}", get(checkout::snapshot))
        .route("/checkouts/{checkout_id}/events", get(sse::events))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(JSON_LIMIT))
        .layer(app.origins.cors());
    // For servers: no page has any business here, so no CORS.
    let servers = Router::new()
        .route("/orders/{order_id}", put(orders::put).layer(DefaultBodyLimit::max(JSON_LIMIT)))
        .route(
            "/your-web-hooks/payment-status",
            post(webhook::receive).layer(DefaultBodyLimit::max(WEBHOOK_LIMIT)),
        )
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    let mut router = pages.merge(servers).with_state(Arc::clone(app));
    if let Some(folder) = &app.config.widget_dir {
        router = router.merge(widget::routes(folder, app.config.environment));
    }
    let nosniff = HeaderValue::from_static("nosniff");
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, nosniff))
        .layer(from_fn(request_id::layer))
}

async fn not_found() -> Error {
    Error::NotFound
}

async fn method_not_allowed() -> Error {
    Error::MethodNotAllowed
}

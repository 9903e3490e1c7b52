//! Every address, on one page.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Response,
    routing::{get, post, put},
};

use crate::{
    app::App, checkout, error::Error, health, metrics, orders, origin, request_id, sse, webhook, widget,
};

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
        .route(webhook::PATH, post(webhook::receive).layer(DefaultBodyLimit::max(WEBHOOK_LIMIT)))
        .route("/healthz", get(health::alive))
        .route("/healthz/stream", get(health::probe))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::page));
    let mut router = pages.merge(servers).with_state(Arc::clone(app));
    if let Some(folder) = &app.config.widget_dir {
        router = router.merge(widget::routes(folder, app));
    }
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(app), metrics::count))
        .layer(map_response(harden))
        .layer(from_fn(request_id::layer))
}

/// What a browser must not do with an answer: guess its type, show it in somebody's frame, run anything in
/// it, or tell others where it came from. The widget's page has a policy of its own.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn not_found() -> Error {
    Error::NotFound
}

async fn method_not_allowed() -> Error {
    Error::MethodNotAllowed
}

//! The routes of the server.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Response,
    routing::post,
};
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::{
    http::error::Error,
    http::{
        failure_log,
        middleware::{cors, count_requests, request_id},
        openapi::{self, Document},
        routes::{
            browser_reports, checkouts, events, health, metrics, orders, payment_links, webhooks,
            widget_files, withdrawals,
        },
        state::AppState,
    },
    provider::WEBHOOK_PATH,
};

/// The maximum size of a JSON body, in bytes.
const JSON_LIMIT: usize = 16 * 1024;

/// The maximum size of a webhook, in bytes; documented ones have 250.
const WEBHOOK_LIMIT: usize = 64 * 1024;

/// The maximum size of browsers' reports, in bytes: some fifty.
const REPORTS_LIMIT: usize = 64 * 1024;

/// Returns the routes, ready to be served or nested.
pub(crate) fn router(app: &AppState) -> Router {
    // Routes for the shop's pages.
    let (pages, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(payment_links::generate).layer(from_fn_with_state(app.origins.clone(), cors::guard)))
        .routes(routes!(checkouts::snapshot))
        .routes(routes!(events::events))
        .split_for_parts();
    let pages = pages
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(JSON_LIMIT))
        .layer(app.origins.cors())
        .layer(from_fn_with_state(app.origins.clone(), cors::report));
    // Routes for servers: pages have no access, so there is no CORS.
    let (servers, rest) = OpenApiRouter::new()
        .routes(routes!(orders::put).layer(DefaultBodyLimit::max(JSON_LIMIT)))
        .routes(routes!(withdrawals::delete))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::probe))
        .routes(routes!(metrics::page))
        .split_for_parts();
    document.merge(rest);
    document.merge(app.checkouts.provider.document());
    let webhooks = Router::new()
        .route(WEBHOOK_PATH, post(webhooks::receive))
        .layer(DefaultBodyLimit::max(WEBHOOK_LIMIT));
    // Any page sends reports, and reads nothing.
    let (reports, rest) = OpenApiRouter::new().routes(routes!(browser_reports::receive)).split_for_parts();
    document.merge(rest);
    let reports = reports
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(REPORTS_LIMIT))
        .layer(browser_reports::cors());
    let mut router = pages
        .merge(reports)
        .merge(servers)
        .merge(webhooks)
        .with_state(app.clone())
        .merge(openapi::route(document));
    if let Some(widget) = &app.widget {
        router = router.merge(widget_files::routes(widget, app.origins.own(), app.config.environment));
    }
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&app.failure_log), failure_log::layer))
        .layer(from_fn_with_state(Arc::clone(&app.metrics), count_requests::layer))
        .layer(map_response(harden))
        .layer(from_fn(request_id::layer))
}

/// Adds the headers that forbid a browser to guess the type, show the response in a foreign frame, run scripts in it,
/// or send a referrer. The widget's page has its own policy.
async fn harden(mut response: Response) -> Response {
    // A 304 would replace the policy of the response that the browser has cached.
    if response.status() == StatusCode::NOT_MODIFIED {
        return response;
    }
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

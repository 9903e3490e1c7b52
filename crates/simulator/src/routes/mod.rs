//! The simulator's routes.

mod api;
mod auth;
mod control;
mod gate;
mod pages;
mod paging;
mod pay;
mod payments;
mod webhook_config;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post, put},
};

use crate::bank::Bank;

pub(crate) fn router(bank: Arc<Bank>) -> Router {
    let open_api = Router::new()
        .route("/payments/get-paid-link", post(payments::get_paid_link))
        .route("/payments/get-paid-direct", post(payments::get_paid_direct))
        .route("/payments", get(payments::payments))
        .route("/payments/{id}", get(payments::payment))
        .route("/transactions", get(payments::transactions))
        .route("/transactions/{id}", get(payments::transaction))
        .route("/users/me", get(api::users_me))
        .route(
            "/account-spaces/{id}/webhook-config",
            get(webhook_config::show).post(webhook_config::create).put(webhook_config::update),
        )
        // The quickstart's older path.
        .route(
            "/accounts/{id}/webhook-config",
            get(webhook_config::show).post(webhook_config::create_older).put(webhook_config::update_older),
        )
        .fallback(api::not_found)
        .layer(from_fn_with_state(Arc::clone(&bank), gate::require_token))
        .layer(from_fn_with_state(Arc::clone(&bank), gate::obstruct_api))
        .layer(from_fn_with_state(Arc::clone(&bank), gate::record));

    let tokens = Router::new()
        .route("/oauth/token", post(auth::token))
        .layer(from_fn_with_state(Arc::clone(&bank), gate::obstruct_auth))
        .layer(from_fn_with_state(Arc::clone(&bank), gate::record));

    let control = Router::new()
        .route("/payments", get(control::payments))
        .route("/payments/{id}/{action}", post(control::act))
        .route("/payments/{id}/answer", put(control::amend))
        .route("/scenarios", get(control::scenarios).post(control::patch_scenarios).delete(control::reset))
        .route("/webhooks", get(control::webhooks))
        .route("/webhooks/{id}/redeliver", post(control::redeliver))
        .route("/requests", get(control::requests));

    let pages = Router::new()
        .route("/", get(pages::index))
        .route("/app", get(pages::app))
        .route("/assets/{name}", get(pages::asset))
        .route("/pay/{code}", get(pay::page))
        .route("/pay/{code}/status", get(pay::status))
        .route("/pay/{code}/pay", post(pay::pay))
        .route("/pay/{code}/decline", post(pay::decline))
        .layer(from_fn(pages::harden));

    Router::new()
        .route("/healthz", get(async || "ok"))
        .merge(pages)
        .merge(tokens)
        .nest("/api/v1", open_api)
        .nest("/simulator", control)
        .with_state(bank)
}

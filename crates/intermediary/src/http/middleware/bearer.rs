//! `Authorization: Bearer`, by which the shop's own servers are known.

use axum::http::{HeaderMap, header};

use crate::{http::state::App, secret::Secret};

/// Whether the request shows the shop's API key. Without a key of its own nobody is the shop: there is no
/// default.
pub(crate) fn is_shown(app: &App, headers: &HeaderMap) -> bool {
    shows(app.config.api_key.as_ref(), headers)
}

/// Whether the request shows `secret`, which must be there.
pub(crate) fn shows(secret: Option<&Secret>, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).and_then(|value| {
        let (scheme, key) = value.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(key)
    });
    secret.zip(given).is_some_and(|(secret, given)| secret.is(given))
}

//! Checks `Authorization: Bearer`, which authenticates the shop's own servers.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use crate::{Secret, config::Config, http::error::Error};

/// Returns whether the request carries the shop's API key; always false if no key is configured.
pub(crate) fn is_authorized(config: &Config, headers: &HeaderMap) -> bool {
    bearer_matches(config.api_key.as_ref(), headers)
}

/// Returns whether the request carries `secret`; false if no secret is configured.
pub(crate) fn bearer_matches(secret: Option<&Secret>, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).and_then(|value| {
        let (scheme, key) = value.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(key)
    });
    secret.zip(given).is_some_and(|(secret, given)| secret.ct_eq(given))
}

/// Rejects a request without the API key: only the shop's server may set a price. Handlers list this extractor before
/// the body, so a stranger's body is not read.
pub(crate) struct ShopsServer;

impl<S> FromRequestParts<S> for ShopsServer
where
    Arc<Config>: FromRef<S>,
    S: Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        if is_authorized(&Arc::<Config>::from_ref(state), &parts.headers) {
            Ok(Self)
        } else {
            Err(Error::Unauthorized)
        }
    }
}

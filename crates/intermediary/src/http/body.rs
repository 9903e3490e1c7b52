//! Request bodies: limited in size and time, and read as JSON.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::de::DeserializeOwned;

use crate::{config::Config, http::error::Error};

/// The raw bytes of a body. The router limits the size; a body that trickles in to keep a connection busy is rejected.
pub(crate) struct Raw(pub(crate) Bytes);

impl<S> FromRequest<S> for Raw
where
    Arc<Config>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let read = Bytes::from_request(request, state);
        match tokio::time::timeout(Arc::<Config>::from_ref(state).tuning.body_timeout, read).await {
            Ok(Ok(bytes)) => Ok(Self(bytes)),
            Ok(Err(rejection)) => match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Err(Error::PayloadTooLarge),
                _ => Err(Error::BodyLost),
            },
            Err(_) => Err(Error::BodyLost),
        }
    }
}

/// Reads a JSON object; the content type must be JSON.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, raw: &[u8], expected: &str) -> Result<T, Error> {
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = declared.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Error::InvalidJson("Send the header Content-Type: application/json.".to_owned()));
    }
    // Not the parser's text, which may quote the body.
    serde_json::from_slice(raw)
        .map_err(|_| Error::InvalidJson(format!("The body must be a JSON object: {expected}.")))
}

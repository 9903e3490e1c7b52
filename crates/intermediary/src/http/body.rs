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

/// Returns whether the body is declared to be of this type.
pub(crate) fn is_declared(headers: &HeaderMap, kind: &str) -> bool {
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    declared.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind)
}

/// Reads a JSON object; the content type must be JSON.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, raw: &[u8], expected: &str) -> Result<T, Error> {
    if !is_declared(headers, "application/json") {
        return Err(Error::InvalidJson("Send the header Content-Type: application/json.".to_owned()));
    }
    if let Some(fault) = encoding_fault(raw) {
        return Err(Error::InvalidJson(format!("The body {fault}: send UTF-8 without a byte order mark.")));
    }
    // Not the parser's text, which may quote the body.
    serde_json::from_slice(raw)
        .map_err(|_| Error::InvalidJson(format!("The body must be a JSON object: {expected}.")))
}

/// Returns the fault of an encoding that is not plain UTF-8 (RFC 8259, 8.1); editors do not show it.
fn encoding_fault(raw: &[u8]) -> Option<&'static str> {
    match raw {
        [0xef, 0xbb, 0xbf, ..] => Some("begins with a byte order mark"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("is UTF-16, by the byte order mark at its beginning"),
        _ => std::str::from_utf8(raw).err().map(|_| "is not UTF-8"),
    }
}

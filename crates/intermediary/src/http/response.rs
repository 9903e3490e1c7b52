//! Successful responses: `{"data": …}`.

use axum::{
    body::Bytes,
    http::{HeaderName, header},
};
use serde::Serialize;
use wire::Envelope;

use crate::http::error::Error;

/// Headers and body of a response, to which axum adds a status.
pub(crate) type DataResponse = ([(HeaderName, &'static str); 2], Bytes);

/// Returns a JSON response that must not be cached.
pub(crate) fn data<T: Serialize>(data: &T) -> Result<DataResponse, Error> {
    // Serializing plain structs of strings and numbers cannot fail.
    let body =
        serde_json::to_vec(&Envelope { data }).map_err(|_| Error::Internal("an answer that is no JSON"))?;
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body.into()))
}

//! Successful answers: `{"data": …}`.

use axum::{
    body::Bytes,
    http::{HeaderName, header},
};
use serde::Serialize;
use wire::Envelope;

use crate::http::error::Error;

/// Headers and body of an answer, for axum to put a status before.
pub(crate) type DataResponse = ([(HeaderName, &'static str); 2], Bytes);

/// JSON that is for this caller, and for now.
pub(crate) fn data<T: Serialize>(data: &T) -> Result<DataResponse, Error> {
    // Plain structs of strings and numbers always are JSON.
    let body =
        serde_json::to_vec(&Envelope { data }).map_err(|_| Error::Internal("an answer that is no JSON"))?;
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body.into()))
}

//! `X-Idempotent-Id`: a repeated POST gets the first answer (000 and 001, "Idempotent headers").

use std::{collections::HashMap, time::Instant};

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::error::Error;

/// The header.
pub(crate) const HEADER: &str = "X-Idempotent-Id";

/// The first answers by their id.
pub(crate) type Answers = HashMap<Uuid, Answer>;

/// An answer that can be given again.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: Box<RawValue>,
    /// Not to be given before: a repeat that comes while the first is still on its way waits as well.
    pub(crate) ready: Instant,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self.location {
            Some(location) => (self.status, [(header::LOCATION, location)], Json(self.body)).into_response(),
            None => (self.status, Json(self.body)).into_response(),
        }
    }
}

/// The id of a request, if it has one.
///
/// # Errors
/// [`Error::Malformed`] when it is not a GUID.
pub(crate) fn id(headers: &HeaderMap) -> Result<Option<Uuid>, Error> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let id = value.to_str().ok().and_then(|value| value.parse().ok());
    id.map(Some).ok_or_else(|| Error::Malformed(format!("{HEADER} must be a GUID.")))
}

impl Answer {
    /// A success, or an error as any route answers it; the first answer is repeated whatever it was.
    pub(crate) fn of(result: Result<Answer, Error>) -> Result<Answer, Error> {
        result.or_else(|error| {
            let message = serde_json::json!({ "message": error.to_string() });
            Ok(Answer {
                status: error.status(),
                location: None,
                body: json(&message)?,
                ready: Instant::now(),
            })
        })
    }
}

/// JSON text that is written as it is.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(value).map_err(|cause| Error::Malformed(cause.to_string()))
}

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

pub(crate) const HEADER: &str = "X-Idempotent-Id";

/// The first answers by their idempotency keys.
pub(crate) type Answers = HashMap<Uuid, Answer>;

/// A repeatable answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: Box<RawValue>,
    /// When the answer is sent; a repeat that arrives before the first answer was sent waits too.
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

/// Returns a request's idempotency key, if any.
///
/// # Errors
/// [`Error::Malformed`] if it is not a GUID.
pub(crate) fn id(headers: &HeaderMap) -> Result<Option<Uuid>, Error> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let id = value.to_str().ok().and_then(|value| value.parse().ok());
    id.map(Some).ok_or_else(|| Error::Malformed(format!("{HEADER} must be a GUID.")))
}

impl Answer {
    /// Returns the answer to repeat: a success, or an error as any route answers it.
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

/// Returns the value as JSON text that is sent unchanged.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(value).map_err(|cause| Error::Malformed(cause.to_string()))
}

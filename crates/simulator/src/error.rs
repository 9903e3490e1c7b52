//! The simulator's errors, and the API's answers to them.

use std::{io, net::SocketAddr};

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use uuid::Uuid;

use crate::payment::{Action, Status};

/// Why the simulator did not start, or refused a request.
///
/// Over HTTP each is `{"message": "…"}` with the status that the vendor documents for its kind (Open API quickstart,
/// "Error Codes").
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is invalid.
    #[error("{name} {problem}")]
    Setting {
        /// The environment variable.
        name: &'static str,
        /// The problem; never the variable's value.
        problem: String,
    },
    /// Another program already listens on this address.
    #[error("{0} is taken by another program: stop that one, or set SIMULATOR_LISTEN to a free address")]
    AddressTaken(SocketAddr),
    /// The simulator cannot listen on the address for another reason.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// The operating system's error.
        cause: io::Error,
    },
    /// The HTTP client for webhooks cannot be created.
    #[error("cannot prepare the HTTP client that sends webhooks: {0}")]
    HttpClient(#[from] reqwest::Error),
    /// 400: not readable, or against a business rule.
    #[error("{0}")]
    Malformed(String),
    /// 401: the access token is missing, unknown or expired.
    #[error("The access token is missing, unknown or has expired.")]
    Unauthorized,
    /// 404: nothing has this id.
    #[error("There is no {what} {id}.")]
    NotFound {
        /// The kind of resource.
        what: &'static str,
        /// The requested id.
        id: String,
    },
    /// 422: a value is not acceptable; the text names the field.
    #[error("{0}")]
    Invalid(String),
    /// 409: not possible in the present status.
    #[error("A payment that is {status} does not take the action \"{action}\".")]
    Illegal {
        /// The requested action.
        action: Action,
        /// The payment's status.
        status: Status,
    },
    /// 503: too many webhooks of this payment wait for delivery; nothing was changed.
    #[error("Too many webhooks of this payment wait for their delivery; nothing was changed.")]
    Busy,
}

impl Error {
    pub(crate) fn no_payment(id: Uuid) -> Error {
        Error::NotFound { what: "payment", id: id.to_string() }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Error::Malformed(_) => StatusCode::BAD_REQUEST,
            Error::Unauthorized => StatusCode::UNAUTHORIZED,
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Illegal { .. } => StatusCode::CONFLICT,
            Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Error::Setting { .. } | Error::AddressTaken(_) | Error::Listen { .. } | Error::HttpClient(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(json!({ "message": self.to_string() }))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = axum::http::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

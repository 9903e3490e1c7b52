//! The errors of calls: one for every documented status (001, "Error Codes"), with the server's message.

use std::time::Duration;

/// Why a call failed. The text is Banq's own message, cut to one line: for the merchant and the logs, never for a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenApiError {
    /// 400: malformed, or against a business rule.
    #[error("400, refused: {0}")]
    BadRequest(String),
    /// 401 even with a new token, or no token for these credentials.
    #[error("the credentials were refused: {0}")]
    Credentials(String),
    /// 403: not allowed for this user.
    #[error("403, forbidden: {0}")]
    Forbidden(String),
    /// 404: does not exist.
    #[error("404, not found: {0}")]
    NotFound(String),
    /// 422: validation, or external reasons.
    #[error("422, cannot be processed: {0}")]
    Unprocessable(String),
    /// 429: too many requests; the minimum wait, if given.
    #[error("429, too many requests")]
    RateLimited(Option<Duration>),
    /// 5xx; with the minimum wait, if given.
    #[error("{status}, a fault on Banq's side")]
    ServerError {
        /// The status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The connection failed or broke.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// No response in time.
    #[error("no answer in time")]
    Timeout,
    /// An invalid response: HTML, an undocumented status, a missing field.
    #[error("an answer that cannot be understood: {0}")]
    InvalidResponse(String),
}

impl OpenApiError {
    /// Returns whether an immediate retry may succeed.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::RateLimited(_) | Self::ServerError { .. } | Self::Unreachable(_) => true,
            Self::Timeout | Self::InvalidResponse(_) => true,
            Self::BadRequest(_) | Self::Credentials(_) | Self::Forbidden(_) => false,
            Self::NotFound(_) | Self::Unprocessable(_) => false,
        }
    }

    /// Returns the wait that Banq asks for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) | Self::ServerError { retry_after: wait, .. } => *wait,
            Self::BadRequest(_) | Self::Credentials(_) | Self::Forbidden(_) => None,
            Self::NotFound(_) | Self::Unprocessable(_) | Self::Unreachable(_) => None,
            Self::Timeout | Self::InvalidResponse(_) => None,
        }
    }

    /// Returns the value of the metric's label.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad_request",
            Self::Credentials(_) => "credentials",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Unprocessable(_) => "unprocessable",
            Self::RateLimited(_) => "rate_limited",
            Self::ServerError { .. } => "server_error",
            Self::Unreachable(_) => "unreachable",
            Self::Timeout => "timeout",
            Self::InvalidResponse(_) => "invalid_response",
        }
    }
}

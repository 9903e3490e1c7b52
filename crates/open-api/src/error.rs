//! How a call can fail: every documented status is its own error (001, "Error Codes"), with the server's words.

use std::time::Duration;

/// Why Banq did not do or say what was asked. The text in it is Banq's own message, cut to one line: for the
/// merchant's eyes and logs, never for a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenApiError {
    /// 400: malformed, or against a business rule.
    #[error("400, refused: {0}")]
    BadRequest(String),
    /// 401, also with a fresh token, or no token for these credentials.
    #[error("the credentials were refused: {0}")]
    Credentials(String),
    /// 403: not for this user.
    #[error("403, forbidden: {0}")]
    Forbidden(String),
    /// 404: does not exist.
    #[error("404, not found: {0}")]
    NotFound(String),
    /// 422: validation, or external reasons.
    #[error("422, cannot be processed: {0}")]
    Unprocessable(String),
    /// 429: too many requests; wait at least so long.
    #[error("429, too many requests")]
    RateLimited(Option<Duration>),
    /// 5xx; where the answer says so, wait at least so long.
    #[error("{status}, a fault on Banq's side")]
    ServerError {
        /// The status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No connection, or it broke.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// An answer that is none: HTML, an undocumented status, a field missing.
    #[error("an answer that cannot be understood: {0}")]
    InvalidResponse(String),
}

impl OpenApiError {
    /// Whether asking again at once may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::RateLimited(_) | Self::ServerError { .. } | Self::Unreachable(_) => true,
            Self::Timeout | Self::InvalidResponse(_) => true,
            Self::BadRequest(_) | Self::Credentials(_) | Self::Forbidden(_) => false,
            Self::NotFound(_) | Self::Unprocessable(_) => false,
        }
    }

    /// The wait that Banq asks for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) | Self::ServerError { retry_after: wait, .. } => *wait,
            Self::BadRequest(_) | Self::Credentials(_) | Self::Forbidden(_) => None,
            Self::NotFound(_) | Self::Unprocessable(_) | Self::Unreachable(_) => None,
            Self::Timeout | Self::InvalidResponse(_) => None,
        }
    }

    /// A word for a metric.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad_request",
            Self::Credentials(_) => "credentials",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Unprocessable(_) => "unprocessable",
            Self::RateLimited(_) => "busy",
            Self::ServerError { .. } => "fault",
            Self::Unreachable(_) => "unreachable",
            Self::Timeout => "timeout",
            Self::InvalidResponse(_) => "nonsense",
        }
    }
}

//! How a payment provider can fail.

use std::time::Duration;

/// Why the provider did not do or say what was asked. For the log: a page only learns the kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    /// 400: malformed, or against a business rule.
    #[error("400, refused: {0}")]
    BadRequest(String),
    /// 401, also with a fresh token, or no token for our credentials.
    #[error("the credentials were refused: {0}")]
    Credentials(String),
    /// 403: not for us.
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
    /// 5xx.
    #[error("{0}, a fault on the provider's side")]
    ServerError(u16),
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

impl ProviderError {
    /// Whether the provider looked at the request and said no. Everything else is ambiguous: it may have
    /// made the payment all the same, so a repeat must keep the attempt's key.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::BadRequest(_) | Self::Forbidden(_) | Self::NotFound(_) | Self::Unprocessable(_) => true,
            Self::Credentials(_) | Self::RateLimited(_) | Self::ServerError(_) => false,
            Self::Unreachable(_) | Self::Timeout | Self::InvalidResponse(_) => false,
        }
    }

    /// Whether the provider does not know us by our credentials.
    pub(crate) fn is_about_credentials(&self) -> bool {
        matches!(self, Self::Credentials(_))
    }

    /// Whether it says nothing about what was asked: nobody was there to answer, or they did not know us. Such
    /// a failure ends for all questions at once, and asking again is right however often it takes.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Credentials(_) | Self::RateLimited(_) | Self::ServerError(_) => true,
            Self::Unreachable(_) | Self::Timeout => true,
            Self::BadRequest(_) | Self::Forbidden(_) | Self::NotFound(_) => false,
            Self::Unprocessable(_) | Self::InvalidResponse(_) => false,
        }
    }
}

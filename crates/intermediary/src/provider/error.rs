//! The failures of a payment provider.

use std::time::Duration;

/// Why the provider did not do what was asked, or did not answer. The texts are for the log: a page only learns the
/// kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    /// The provider looked at the request and refused it.
    #[error("{0}")]
    Refused(String),
    /// The provider does not know the resource, or not for this account.
    #[error("{0}")]
    NotFound(String),
    /// The provider does not accept this server's credentials.
    #[error("the credentials were refused: {0}")]
    Unauthorized(String),
    /// There were too many requests. The provider asks for at least this pause, if it names one.
    #[error("too many requests")]
    RateLimited(Option<Duration>),
    /// The provider cannot be reached, or has a fault.
    #[error("{0}")]
    Unavailable(String),
    #[error("no answer in time")]
    Timeout,
    /// The response cannot be understood: it is HTML, its status is not documented, or a field is missing.
    #[error("an answer that cannot be understood: {0}")]
    InvalidResponse(String),
    /// The id belongs to a provider that this server does not use now, so this server cannot ask about it.
    #[error("{0} is an id of another payment provider")]
    ForeignId(String),
}

impl ProviderError {
    /// Returns whether the provider looked at the request and refused it. All other failures are ambiguous: the
    /// provider may have made the payment nevertheless, so a repeat must keep the idempotency key.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::NotFound(_) => true,
            Self::Unauthorized(_) | Self::RateLimited(_) | Self::Unavailable(_) => false,
            Self::Timeout | Self::InvalidResponse(_) | Self::ForeignId(_) => false,
        }
    }

    /// Returns whether the provider does not accept this server's credentials.
    pub(crate) fn is_about_credentials(&self) -> bool {
        matches!(self, Self::Unauthorized(_))
    }

    /// Returns whether the failure says nothing about the request: the provider did not answer, or did not know this
    /// server. Such a failure ends for all requests at once, and retries are right however many it takes.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Unauthorized(_) | Self::RateLimited(_) | Self::Unavailable(_) | Self::Timeout => true,
            // A server that uses that provider may come back.
            Self::ForeignId(_) => true,
            Self::Refused(_) | Self::NotFound(_) | Self::InvalidResponse(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_id_is_no_refusal_and_waits() {
        let error = ProviderError::ForeignId("other:1".into());
        assert!(!error.is_refusal() && error.is_outage());
    }
}

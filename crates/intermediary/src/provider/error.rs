//! How a payment provider can fail.

use std::time::Duration;

/// Why the provider did not do or say what was asked. The texts are for the log: a page only learns the kind.
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
    /// Too many requests; wait at least so long.
    #[error("too many requests")]
    RateLimited(Option<Duration>),
    /// The provider cannot be reached, or has a fault.
    #[error("{0}")]
    Unavailable(String),
    /// No response in time.
    #[error("no answer in time")]
    Timeout,
    /// A response that cannot be understood: HTML, an undocumented status, a missing field.
    #[error("an answer that cannot be understood: {0}")]
    InvalidResponse(String),
    /// The id belongs to a provider that this server does not use now. Nothing is known of it.
    #[error("{0} is an id of another payment provider")]
    ForeignId(String),
}

impl ProviderError {
    /// Whether the provider looked at the request and said no. Everything else is ambiguous: it may have
    /// made the payment nevertheless, so a repeat must keep the idempotency key.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::NotFound(_) => true,
            Self::Unauthorized(_) | Self::RateLimited(_) | Self::Unavailable(_) => false,
            Self::Timeout | Self::InvalidResponse(_) | Self::ForeignId(_) => false,
        }
    }

    /// Whether the provider does not accept this server's credentials.
    pub(crate) fn is_about_credentials(&self) -> bool {
        matches!(self, Self::Unauthorized(_))
    }

    /// Whether the failure says nothing about what was asked: the provider was not there to answer, or did not know
    /// this server. Such a failure ends for all requests at once, and a retry is right however often it takes.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Unauthorized(_) | Self::RateLimited(_) | Self::Unavailable(_) | Self::Timeout => true,
            // The server that uses that provider may come back.
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

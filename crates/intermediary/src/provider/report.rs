//! The results and errors of [`crate::provider::admin`].

use serde_json::Value;

/// What a command about the provider prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For people.
    pub lines: Vec<String>,
    /// For programs.
    pub data: Value,
}

/// Why a command about the provider failed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A setting is missing that only this command needs.
    #[error("{0}")]
    Setting(&'static str),
    /// The login has no account.
    #[error("{0}")]
    NoAccount(&'static str),
    /// The HTTP client cannot be created.
    #[error("the HTTP client cannot be made: {0}")]
    HttpClient(#[from] reqwest::Error),
    /// The provider refused, or is unreachable.
    #[error("{provider}: {cause}")]
    Provider {
        /// The provider's name.
        provider: &'static str,
        /// The provider's error.
        cause: String,
    },
}

/// The reply to the first check of a server. Without one the further checks of that server are left out: each would
/// fail for the same reason, beside a fix that does not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Accepted,
    Refused,
    None,
}

/// A webhook without a payment, signed as the provider would sign it.
pub(crate) struct Probe {
    /// The name and the value of the header that holds the signature.
    pub(crate) signature: (&'static str, String),
    pub(crate) body: String,
}

/// Which secret signs a [`Probe`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedWith {
    OurSecret,
    AnotherSecret,
}

//! Why there is no payment link, or no answer about a payment.

use std::sync::Arc;

use crate::{
    provider::ProviderError,
    store::{self, OrderRefusal},
};

/// Why the service could not do its work. Requests that wait for the same work share it, so it is cheap to clone.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    #[error("no price was registered for this order")]
    OrderNotFound,
    #[error("the page sent a price for an order that is not registered")]
    ClientAmountNotAllowed,
    #[error("the order is paid already")]
    OrderAlreadyPaid,
    #[error("a link of the order was paid at another price")]
    OrderPaidOtherAmount,
    #[error("money for the order is in question")]
    OrderPaymentInQuestion,
    #[error("the order was withdrawn")]
    OrderWithdrawn,
    #[error("the payment provider failed: {0}")]
    Provider(#[from] ProviderError),
    /// The provider's link must not be shown.
    #[error("the payment provider's link is unsafe: {0}")]
    UnsafeLink(&'static str),
    /// The shop's own code cannot say what an order costs.
    #[error("the order source failed: {0}")]
    OrderSource(String),
    /// Other changes kept coming first, or another instance holds the request for too long.
    #[error("the server is busy to its limit")]
    Busy,
    #[error("a task panicked")]
    TaskPanicked,
    #[error(transparent)]
    Store(Arc<store::Error>),
}

impl Error {
    /// Whether the database is away or too busy: that passes by itself, and a retry then helps.
    pub(crate) fn is_database_away(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_away())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Order(OrderRefusal::NotFound) => Self::OrderNotFound,
            store::Error::Order(OrderRefusal::AlreadyPaid) => Self::OrderAlreadyPaid,
            store::Error::Order(OrderRefusal::PaidOtherAmount) => Self::OrderPaidOtherAmount,
            store::Error::Order(OrderRefusal::PaymentInQuestion) => Self::OrderPaymentInQuestion,
            store::Error::PaymentTaken => ProviderError::InvalidResponse(error.to_string()).into(),
            store::Error::Database(_)
            | store::Error::Commit(_)
            | store::Error::Row(_)
            | store::Error::Encode(_)
            | store::Error::Random(_) => Self::Store(Arc::new(error)),
        }
    }
}

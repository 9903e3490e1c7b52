//! The errors of routes. [`crate::http::problem`] turns them into responses.

use std::time::Duration;

use crate::{checkout, store};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The body is not the expected JSON object; the text says what is expected.
    #[error("{0}")]
    InvalidJson(String),
    /// A field is missing or wrong; the text names the field and says what is expected.
    #[error("{0}")]
    InvalidField(String),
    #[error("the link token is missing or wrong")]
    LinkTokenInvalid,
    #[error("no such checkout")]
    CheckoutNotFound,
    #[error("no such address")]
    NotFound,
    #[error("the address exists, but not for this method")]
    MethodNotAllowed,
    #[error("the API key is missing or wrong")]
    Unauthorized,
    #[error("the webhook's signature is missing or wrong")]
    InvalidSignature,
    #[error("signed, but not a webhook")]
    NotAWebhook,
    #[error("the body is larger than is read")]
    PayloadTooLarge,
    /// The body did not arrive in time, or the connection broke.
    #[error("the body did not arrive")]
    BodyLost,
    /// The origin, unless the header does not have the form of one.
    #[error("the page's origin is not on the list")]
    OriginNotAllowed(Option<String>),
    /// The client exceeds the rate limit; the time to wait.
    #[error("too many requests of one address")]
    TooManyRequests(Duration),
    /// The server is not ready, is stopping, or has reached a limit.
    #[error("the server is stopping or busy to its limit")]
    Unavailable,
    #[error("cannot happen: {0}")]
    Internal(&'static str),
    #[error(transparent)]
    Checkout(#[from] checkout::Error),
    #[error("order {order_id}: {cause}")]
    NoLink { order_id: String, cause: checkout::Error },
}

impl Error {
    /// Adds the order's id, by which a page that waits for a payment knows whether the response is about its order.
    pub(crate) fn of_order(order_id: String, cause: checkout::Error) -> Self {
        match cause {
            checkout::Error::OrderAlreadyPaid
            | checkout::Error::OrderPaidOtherAmount
            | checkout::Error::OrderPaymentInQuestion => Self::NoLink { order_id, cause },
            cause => Self::Checkout(cause),
        }
    }

    /// Returns the refused origin.
    pub(crate) fn origin(&self) -> Option<&str> {
        match self {
            Self::OriginNotAllowed(origin) => origin.as_deref(),
            _ => None,
        }
    }

    /// Returns the setting that the operator can change so that such a request is accepted.
    pub(crate) fn fix(&self) -> Option<&'static str> {
        match self {
            Self::OriginNotAllowed(_) => {
                Some("if this is a page of your shop, add its origin to BANQ_ALLOWED_ORIGINS and restart")
            }
            _ => None,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Checkout(error.into())
    }
}

//! Why a request fails. How a page sees it: [`crate::http::problem`].

use std::time::Duration;

use crate::{checkout, store};

/// The error of every route.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The body is not the JSON object that is asked for; the text says what is expected.
    #[error("{0}")]
    InvalidJson(String),
    /// A field is missing or wrong; the text names it and says what is expected.
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
    /// The body did not arrive in time, or broke off.
    #[error("the body did not arrive")]
    BodyLost,
    #[error("the page's origin is not on the list")]
    OriginNotAllowed,
    /// This client asks too often; the time to wait.
    #[error("too many requests of one address")]
    TooManyRequests(Duration),
    /// The server is not ready, stops, or is busy to its limit.
    #[error("the server is stopping or busy to its limit")]
    Unavailable,
    /// A fault of this program.
    #[error("cannot happen: {0}")]
    Internal(&'static str),
    #[error(transparent)]
    Checkout(#[from] checkout::Error),
    /// No link for this order.
    #[error("order {order_id}: {cause}")]
    NoLink { order_id: String, cause: checkout::Error },
}

impl Error {
    /// Names the order where a page that waited for a payment has to know whether the answer is about that one.
    pub(crate) fn of_order(order_id: String, cause: checkout::Error) -> Self {
        match cause {
            checkout::Error::OrderAlreadyPaid
            | checkout::Error::OrderPaidOtherAmount
            | checkout::Error::OrderPaymentInQuestion => Self::NoLink { order_id, cause },
            cause => Self::Checkout(cause),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Checkout(error.into())
    }
}

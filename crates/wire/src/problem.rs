//! Errors as `application/problem+json` (RFC 9457).

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The stable, machine-readable name of a problem. New ones may be added; existing ones are never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ProblemCode {
    /// 400: the body is not JSON, or not the expected JSON object.
    InvalidJson,
    /// 422: a field is missing or wrong; `detail` names it and says what is expected.
    InvalidField,
    /// 404: no price was registered for this order.
    OrderNotFound,
    /// 403: the order's link token is missing or wrong; does not reveal whether the order exists.
    LinkTokenInvalid,
    /// 403: the page sent `funds`, and this server accepts prices only from the shop.
    ClientAmountNotAllowed,
    /// 409: the order is already paid.
    OrderAlreadyPaid,
    /// 409: a link of this order was paid at another price than the order has now; the order is not paid, and gets
    /// no other link until that payment is settled.
    OrderPaidOtherAmount,
    /// 409: money for this order is in question; the order gets no other link until a
    /// person has settled it.
    OrderPaymentInQuestion,
    /// 410: the shop withdrew the order; it gets no further link.
    OrderWithdrawn,
    /// 404: no such checkout.
    CheckoutNotFound,
    /// 404: no such path.
    NotFound,
    /// 405: the path exists, but not for this method.
    MethodNotAllowed,
    /// 401: the API key is missing or wrong.
    Unauthorized,
    /// 401: the webhook's signature is missing or wrong; nothing was stored.
    InvalidSignature,
    /// 400: the body is signed, but is not a readable webhook.
    NotAWebhook,
    /// 413: the body exceeds the size limit.
    PayloadTooLarge,
    /// 403: this page's origin is not on the merchant's list.
    OriginNotAllowed,
    /// 429: too many requests; try again later.
    TooManyRequests,
    /// 502: the payment provider refused the request; a retry will not help.
    ProviderRejected,
    /// 502: the payment provider is unreachable or sent an invalid response; a retry may succeed.
    ProviderUnavailable,
    /// 504: the payment provider did not answer in time; a retry may succeed.
    ProviderTimeout,
    /// 503: the server is stopping or its database is unreachable; a retry may succeed.
    Unavailable,
    /// 500: a fault of the server. Its cause is in the server's log under `requestId`.
    #[cfg_attr(feature = "serde", serde(other))]
    Internal,
}

/// An error response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Problem {
    /// Always `about:blank`: the `code` is the type.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence for a person: what is wrong and what to do. Never an inner cause.
    pub detail: String,
    /// The stable name of the problem.
    pub code: ProblemCode,
    /// The order that gets no payment link because money came for it. A page that waited for a payment knows by it
    /// whether the response is about its order.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub order_id: Option<String>,
    /// The id under which the server's log has this request.
    pub request_id: String,
}

//! The evidence for a decision about money, for the operator who settles the case.

use crate::Amount;

/// The provider's statement about a payment, as far as the operator needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The payment's status in the provider's words.
    pub(crate) words: String,
    /// The order code that the provider named, if any.
    pub(crate) order_code: Option<String>,
    /// The amount that the provider named, if any.
    pub(crate) funds: Option<Amount>,
    /// The first difference between the payment and the request, if any.
    pub(crate) difference: Option<Difference>,
    /// One sentence: what was expected and what arrived.
    pub(crate) detail: String,
}

/// A difference between the payment and the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `order`, `funds` or `currency`.
    pub(crate) what: &'static str,
    /// The requested value.
    pub(crate) expected: String,
    /// The provider's value.
    pub(crate) received: String,
}

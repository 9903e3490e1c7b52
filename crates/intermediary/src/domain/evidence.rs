//! What a decision about money rests on, for the person who settles a case.

use crate::Amount;

/// What the provider said, as far as a person needs it to settle a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The provider's words for where the payment stands.
    pub(crate) words: String,
    /// The code of the order it named, if it named one.
    pub(crate) order_code: Option<String>,
    /// The amount it named, if it named one.
    pub(crate) funds: Option<Amount>,
    /// The first way in which the payment differs from what was asked for, if it does.
    pub(crate) difference: Option<Difference>,
    /// One sentence: what was expected and what came.
    pub(crate) detail: String,
}

/// What about a payment is not as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `order`, `funds` or `currency`.
    pub(crate) what: &'static str,
    /// What was asked for.
    pub(crate) expected: String,
    /// What the provider says.
    pub(crate) received: String,
}

//! The JSON between the widget and the merchant's intermediary.
//!
//! Every response of the intermediary is `{"data": …}` ([`Envelope`]) or, after an error, an `application/problem+json`
//! body ([`Problem`]). Names are camelCase. Money is a decimal string in major units (`"12.50"` is twelve dollars
//! fifty), never a float. Times are RFC 3339 in UTC, and days are `YYYY-MM-DD`.

mod problem;
mod schedule;
mod snapshot;
#[cfg(feature = "serde")]
mod words;

pub use problem::{Problem, ProblemCode};
pub use schedule::{Frequency, Schedule};
pub use snapshot::{FailReason, Issue, PaymentLink, Snapshot, Status, WATCH_MARK};

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The `{"data": …}` around every successful JSON response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Envelope<T> {
    /// The response itself.
    pub data: T,
}

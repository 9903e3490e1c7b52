//! What becomes of a checkout when something is known of its payment: a pure, total function.
//!
//! Webhooks only say "ask": each leads to an observation of the provider's present truth. So the order in
//! which they come can't matter, as long as these rules hold whatever was seen or missed in between:
//!
//! - `paid` absorbs everything but `reversed`; `reversed` is final.
//! - A late success counts: the provider's `paid` wins over an attempt that was given up here.
//! - Among the other ends the first one stays.
//! - What is over never opens again, and `processing` never falls back to `pending`: such an observation is
//!   older than what is known. `on_hold` may: that is a resume.

#![deny(clippy::wildcard_enum_match_arm)]

use banq_checkout_wire::{FailReason, Status};

/// Where a payment or a checkout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The status.
    pub(crate) status: Status,
    /// Why, where the provider gave a reason for `failed` or `reversed`.
    pub(crate) reason: Option<FailReason>,
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        Self { status, reason: None }
    }
}

/// Why a checkout might change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The provider says that the payment stands so, for the right order and amount.
    Observed(Standing),
    /// The link's time is over, and the provider was asked and knows of nothing else.
    TimeIsUp,
    /// A link with other terms takes its place, or another link has paid the order; nobody has acted on this one.
    Replaced,
}

/// The standing after `cause`; `None` when nothing changes.
pub(crate) fn transition(current: Standing, cause: Cause) -> Option<Standing> {
    match cause {
        Cause::Observed(seen) => observed(current.status, seen.status).then_some(seen),
        Cause::TimeIsUp => (current.status == Status::Pending).then_some(Status::Expired.into()),
        Cause::Replaced => (current.status == Status::Pending).then_some(Status::Canceled.into()),
    }
}

/// Whether what is seen replaces what is known.
fn observed(known: Status, seen: Status) -> bool {
    match seen {
        Status::Pending => match known {
            Status::OnHold => true,
            Status::Pending | Status::Processing => false,
            Status::Paid | Status::Declined | Status::Failed => false,
            Status::Canceled | Status::Expired | Status::Reversed => false,
        },
        Status::Processing => match known {
            Status::Pending | Status::OnHold => true,
            Status::Processing => false,
            Status::Paid | Status::Declined | Status::Failed => false,
            Status::Canceled | Status::Expired | Status::Reversed => false,
        },
        Status::OnHold => match known {
            Status::Pending | Status::Processing => true,
            Status::OnHold => false,
            Status::Paid | Status::Declined | Status::Failed => false,
            Status::Canceled | Status::Expired | Status::Reversed => false,
        },
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => !known.is_terminal(),
        Status::Paid => match known {
            Status::Pending | Status::Processing | Status::OnHold => true,
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => true,
            Status::Paid | Status::Reversed => false,
        },
        // The provider only reverses what was paid, also when that moment was missed here.
        Status::Reversed => known != Status::Reversed,
    }
}

#[cfg(test)]
#[path = "payment_tests.rs"]
mod tests;

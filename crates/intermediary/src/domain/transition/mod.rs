//! Decides how a checkout changes when something is learned of its payment: a pure, total function.
//!
//! Webhooks only say "ask": each leads to an observation of the provider's present truth. So the order in
//! which they come can't matter, as long as these rules hold whatever was seen or missed in between:
//!
//! - Only an observed success for this order and amount leads to `paid`, from wherever the checkout stands. A late
//!   success counts, and so does one that comes back after a reversal.
//! - From `paid` on, every observation that is not "still paid" changes something: to `reversed` where the provider
//!   says that the money is gone, to [`Issue::PaymentInDoubt`] where it may still be there. Order and amount guard the
//!   way to `paid` only.
//! - Money that differs in order or amount is [`Issue::PaymentMismatch`]: not paid, never forgotten, and never silent.
//! - Among the ends without money the first one stays.
//! - What is over never opens again, and `processing` never falls back to `pending`: such an observation is
//!   older than what is known. `on_hold` may: that is a resume.

#![deny(clippy::wildcard_enum_match_arm)]

use wire::{FailReason, Issue, Status};

/// Where a payment or a checkout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PaymentState {
    /// The status.
    pub(crate) status: Status,
    /// Why, where the provider gave a reason for `failed` or `reversed`.
    pub(crate) reason: Option<FailReason>,
    /// What a person has to settle. [`Issue::PaidOtherAmount`] never stands here: it follows from the price.
    pub(crate) issue: Option<Issue>,
}

impl From<Status> for PaymentState {
    fn from(status: Status) -> Self {
        Self { status, reason: None, issue: None }
    }
}

impl PaymentState {
    /// The same with an issue.
    fn with(self, issue: Issue) -> Self {
        Self { issue: Some(issue), ..self }
    }

    /// Whether money is here, or may be, that this checkout's status alone does not tell.
    pub(crate) fn is_in_question(self) -> bool {
        self.issue.is_some()
    }

    /// Whether money came through this checkout, so that the order must get no other link.
    pub(crate) fn holds_money(self) -> bool {
        self.status == Status::Paid || self.is_in_question()
    }
}

/// Why a checkout might change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The provider says that the payment stands so, for the right order and amount.
    Observed(PaymentState),
    /// The provider says that the payment stands so, but for another order, amount or currency.
    Differs(PaymentState),
    /// The provider says neither that the money is there nor that it is gone: an unknown word, or a success beside a
    /// reason to fail.
    Unclear,
    /// The link's time is over, and the provider was asked and knows of nothing else.
    TimeIsUp,
    /// A link with other terms takes its place, or another link has paid the order; nobody has acted on this one.
    Replaced,
}

/// The state after `event`; `None` when nothing changes.
pub(crate) fn transition(current: PaymentState, event: Event) -> Option<PaymentState> {
    implied(current, event).filter(|next| *next != current)
}

/// The state that `event` speaks for, which may be the current one; `None` when it speaks for nothing.
pub(crate) fn implied(current: PaymentState, event: Event) -> Option<PaymentState> {
    match event {
        Event::Observed(seen) => observed(current, seen),
        Event::Differs(seen) => differs(current, seen),
        Event::Unclear => unclear(current),
        Event::TimeIsUp => (current.status == Status::Pending).then_some(Status::Expired.into()),
        Event::Replaced => (current.status == Status::Pending).then_some(Status::Canceled.into()),
    }
}

/// The payment is this checkout's, to the cent.
fn observed(known: PaymentState, seen: PaymentState) -> Option<PaymentState> {
    match seen.status {
        Status::Pending | Status::Processing | Status::OnHold => match known.status {
            Status::Pending => (seen.status != Status::Pending).then_some(seen),
            // Money that differed is in question until the right amount is under way or the money is gone.
            Status::OnHold => (known.issue.is_none() || seen.status == Status::Processing).then_some(seen),
            Status::Processing => (seen.status == Status::OnHold).then_some(seen),
            Status::Paid => Some(known.with(Issue::PaymentInDoubt)),
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => None,
            Status::Reversed => None,
        },
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => match known.status {
            Status::Pending | Status::Processing | Status::OnHold => Some(seen),
            Status::Paid => Some(gone(seen)),
            // Its first end stays; money that differed has gone back.
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => {
                known.issue.map(|_| PaymentState { issue: None, ..known })
            }
            Status::Reversed => known.issue.map(|_| gone(seen)),
        },
        Status::Paid => Some(seen),
        // The provider only reverses what was paid, also when that moment was missed here.
        Status::Reversed => match known.status {
            Status::Reversed => known.issue.map(|_| seen),
            Status::Pending | Status::Processing | Status::OnHold | Status::Paid => Some(seen),
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => Some(seen),
        },
    }
}

/// The payment has another order, amount or currency: nothing of it leads to `paid`.
fn differs(known: PaymentState, seen: PaymentState) -> Option<PaymentState> {
    match seen.status {
        Status::Processing | Status::Paid => match known.status {
            Status::Pending | Status::Processing | Status::OnHold => {
                Some(PaymentState::from(Status::OnHold).with(Issue::PaymentMismatch))
            }
            Status::Paid => Some(known.with(Issue::PaymentInDoubt)),
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
                Some(known.with(Issue::PaymentMismatch))
            }
        },
        // No money came.
        Status::Pending | Status::OnHold => {
            (known.status == Status::Paid).then_some(known.with(Issue::PaymentInDoubt))
        }
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
            match known.status {
                Status::Paid => Some(gone(seen)),
                // An end without money can be no false gain, and without it the checkout would have none.
                Status::Pending | Status::Processing | Status::OnHold => {
                    Some(if known.is_in_question() { gone(seen) } else { seen })
                }
                Status::Declined | Status::Failed | Status::Canceled | Status::Expired => {
                    known.issue.map(|_| PaymentState { issue: None, ..known })
                }
                Status::Reversed => known.issue.map(|_| gone(seen)),
            }
        }
    }
}

/// What is known of money is contradicted or confirmed by nothing that can be understood.
fn unclear(known: PaymentState) -> Option<PaymentState> {
    match known.status {
        Status::Paid | Status::Reversed => Some(known.with(Issue::PaymentInDoubt)),
        Status::Pending | Status::Processing | Status::OnHold => None,
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => None,
    }
}

/// The money was here and is not any more, whatever the provider's word for that.
fn gone(seen: PaymentState) -> PaymentState {
    PaymentState { status: Status::Reversed, ..seen }
}

#[cfg(test)]
mod tests;

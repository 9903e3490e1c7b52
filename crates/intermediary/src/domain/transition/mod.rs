//! Decides how a checkout changes when the server learns something about its payment: a pure, total function.
//!
//! A webhook only says "ask": each leads to an observation of the provider's present state. The order of webhooks
//! cannot matter as long as these rules hold, whichever states were seen or missed in between:
//!
//! - Only an observed success for this order and amount leads to `paid`, from any state. A late success counts, and so
//!   does a success after a reversal.
//! - From `paid` on, every observation other than "still paid" changes something: to `reversed` if the provider says
//!   that the money is gone, to [`Issue::PaymentInDoubt`] if the money may still be there. Order and amount guard only
//!   the way to `paid`.
//! - Money with another order or amount is [`Issue::PaymentMismatch`]: not paid, never dropped, and always reported.
//! - Among the ends without money the first one stays.
//! - A finished checkout never opens again, and `processing` never returns to `pending`: such an observation is older
//!   than the known state. `on_hold` may return: that is a resume.

#![deny(clippy::wildcard_enum_match_arm)]

use wire::{FailReason, Issue, Status};

/// The state of a payment or a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PaymentState {
    pub(crate) status: Status,
    /// The provider's reason for `failed` or `reversed`, if it gave one.
    pub(crate) reason: Option<FailReason>,
    /// The issue that a person has to settle. Never [`Issue::PaidOtherAmount`]: that one follows from the price.
    pub(crate) issue: Option<Issue>,
}

impl From<Status> for PaymentState {
    fn from(status: Status) -> Self {
        Self { status, reason: None, issue: None }
    }
}

impl PaymentState {
    fn with(self, issue: Issue) -> Self {
        Self { issue: Some(issue), ..self }
    }

    /// Returns whether there is, or may be, money that the status alone does not show.
    pub(crate) fn is_in_question(self) -> bool {
        self.issue.is_some()
    }

    /// Returns whether money came through this checkout, so that the order must get no other link.
    pub(crate) fn holds_money(self) -> bool {
        self.status == Status::Paid || self.is_in_question()
    }
}

/// A reason to change a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The provider reports this state, for the right order and amount.
    Observed(PaymentState),
    /// The provider reports this state, but for another order, amount or currency.
    Differs(PaymentState),
    /// The provider's answer says neither that the money is there nor that it is gone: an unknown word, or a success
    /// beside a fail reason.
    Unclear,
    /// The link's time is over, and the provider, asked again, reports no payment.
    TimeIsUp,
    /// A link with other terms replaces this one, or another link has paid the order; this link was not used.
    Replaced,
}

/// Returns the state after `event`, or `None` if nothing changes.
pub(crate) fn transition(current: PaymentState, event: Event) -> Option<PaymentState> {
    implied(current, event).filter(|next| *next != current)
}

/// Returns the state that `event` implies, which may be the current one; `None` if it implies nothing.
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
            // Money that differed stays in question until the right amount is under way or the money is gone.
            Status::OnHold => (known.issue.is_none() || seen.status == Status::Processing).then_some(seen),
            Status::Processing => (seen.status == Status::OnHold).then_some(seen),
            Status::Paid => Some(known.with(Issue::PaymentInDoubt)),
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => None,
            Status::Reversed => None,
        },
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => match known.status {
            Status::Pending | Status::Processing | Status::OnHold => Some(seen),
            Status::Paid => Some(gone(seen)),
            // The first end stays; money that differed has gone back.
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => {
                known.issue.map(|_| PaymentState { issue: None, ..known })
            }
            Status::Reversed => known.issue.map(|_| gone(seen)),
        },
        Status::Paid => Some(seen),
        // The provider reverses only paid payments, so this one was paid even if the server missed it.
        Status::Reversed => match known.status {
            Status::Reversed => known.issue.map(|_| seen),
            Status::Pending | Status::Processing | Status::OnHold | Status::Paid => Some(seen),
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => Some(seen),
        },
    }
}

/// The payment has another order, amount or currency: no such state leads to `paid`.
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
        Status::Pending | Status::OnHold => {
            (known.status == Status::Paid).then_some(known.with(Issue::PaymentInDoubt))
        }
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
            match known.status {
                Status::Paid => Some(gone(seen)),
                // An end without money cannot falsely pay the order, and the checkout would otherwise never end.
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

/// The answer neither contradicts nor confirms the known state of the money.
fn unclear(known: PaymentState) -> Option<PaymentState> {
    match known.status {
        Status::Paid | Status::Reversed => Some(known.with(Issue::PaymentInDoubt)),
        Status::Pending | Status::Processing | Status::OnHold => None,
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => None,
    }
}

/// The money was here and is gone, whatever the provider's status for that.
fn gone(seen: PaymentState) -> PaymentState {
    PaymentState { status: Status::Reversed, ..seen }
}

#[cfg(test)]
mod tests;

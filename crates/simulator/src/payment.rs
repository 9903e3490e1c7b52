//! The life of a payment as a pure state machine: no clock, no network, no ids.
//!
//! The set of statuses is *assumed* (see [`crate::assumptions`]); the webhooks, and their order in a successful
//! payment, are the vendor's (Open API quickstart, "Example Cases").

use std::fmt;

use serde::Serialize;

use crate::fail_reason::FailReason;

/// A payment's status in Banq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Status {
    /// Requested; the shopper has not acted yet.
    Created,
    /// The shopper accepted; the transaction is not complete.
    Accepted,
    /// Paid.
    Completed,
    /// The shopper declined.
    Declined,
    /// Paused; a resume restores the earlier status.
    OnHold,
    /// Canceled.
    Canceled,
    /// The shopper did not act in time.
    Expired,
    /// The transaction failed; the payment's `failReason` says why.
    Failed,
    /// Paid, and taken back later.
    Reversed,
}

/// An action of the shopper, the merchant, the bank or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Accept and complete: accepted, transaction created, completed.
    Accept,
    /// Accept only; the transaction follows later.
    AcceptOnly,
    /// The transaction of an accepted payment succeeds.
    Complete,
    /// The shopper declines.
    Decline,
    /// Cancel before completion.
    Cancel,
    /// The payment's time ends.
    Expire,
    /// Pause.
    Hold,
    /// Resume.
    Resume,
    /// The transaction fails; a payment that is not yet accepted is accepted first.
    Fail(FailReason),
    /// Take a completed payment back.
    Reverse(FailReason),
    /// The next day of an accepted recurring payment is paid.
    Occur,
    /// Skip the next day of an accepted recurring payment.
    CancelOccurrence,
}

/// An event that a webhook reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    PaymentCreated,
    PaymentAccepted,
    PaymentCompleted,
    PaymentDeclined,
    PaymentOnHold,
    PaymentCanceled,
    PaymentExpired,
    PaymentResumed,
    PaymentOccurrenceCanceled,
    TransactionCreated,
    TransactionFailed,
    TransactionUpdated,
}

/// The state of a payment, with everything that later actions need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Created,
    Accepted,
    OnHold(Held),
    Completed,
    Declined,
    Canceled,
    Expired,
    Failed(FailReason),
    Reversed(FailReason),
}

/// The state before a hold, which a resume restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Created,
    Accepted,
}

impl State {
    /// Returns the state after `action` and its events, in the documented order; `None` if the action is not possible.
    pub(crate) fn apply(self, action: Action) -> Option<(State, Vec<Event>)> {
        use Event::{
            PaymentAccepted, PaymentCanceled, PaymentCompleted, PaymentDeclined, PaymentExpired,
            PaymentOnHold, PaymentResumed, TransactionCreated, TransactionFailed, TransactionUpdated,
        };
        let asked = matches!(self, State::Created | State::OnHold(Held::Created));
        let open = matches!(self, State::Created | State::Accepted | State::OnHold(_));
        match action {
            Action::Accept if self == State::Created => {
                Some((State::Completed, vec![PaymentAccepted, TransactionCreated, PaymentCompleted]))
            }
            Action::AcceptOnly if self == State::Created => Some((State::Accepted, vec![PaymentAccepted])),
            Action::Complete if self == State::Accepted => {
                Some((State::Completed, vec![TransactionCreated, PaymentCompleted]))
            }
            Action::Decline if asked => Some((State::Declined, vec![PaymentDeclined])),
            Action::Cancel if open => Some((State::Canceled, vec![PaymentCanceled])),
            Action::Expire if asked => Some((State::Expired, vec![PaymentExpired])),
            Action::Hold => match self {
                State::Created => Some((State::OnHold(Held::Created), vec![PaymentOnHold])),
                State::Accepted => Some((State::OnHold(Held::Accepted), vec![PaymentOnHold])),
                State::OnHold(_) | State::Completed | State::Declined | State::Canceled => None,
                State::Expired | State::Failed(_) | State::Reversed(_) => None,
            },
            Action::Resume => match self {
                State::OnHold(Held::Created) => Some((State::Created, vec![PaymentResumed])),
                State::OnHold(Held::Accepted) => Some((State::Accepted, vec![PaymentResumed])),
                State::Created | State::Accepted | State::Completed | State::Declined => None,
                State::Canceled | State::Expired | State::Failed(_) | State::Reversed(_) => None,
            },
            Action::Fail(reason) if self == State::Created => {
                Some((State::Failed(reason), vec![PaymentAccepted, TransactionFailed]))
            }
            Action::Fail(reason) if self == State::Accepted => {
                Some((State::Failed(reason), vec![TransactionFailed]))
            }
            Action::Reverse(reason) if self == State::Completed => {
                Some((State::Reversed(reason), vec![TransactionUpdated]))
            }
            Action::Accept | Action::AcceptOnly | Action::Complete | Action::Decline => None,
            Action::Cancel | Action::Expire | Action::Fail(_) | Action::Reverse(_) => None,
            // Only a recurring payment has days: see [`crate::occurrence`].
            Action::Occur | Action::CancelOccurrence => None,
        }
    }

    /// Returns the status as the API names it.
    pub(crate) fn status(self) -> Status {
        match self {
            State::Created => Status::Created,
            State::Accepted => Status::Accepted,
            State::OnHold(Held::Created | Held::Accepted) => Status::OnHold,
            State::Completed => Status::Completed,
            State::Declined => Status::Declined,
            State::Canceled => Status::Canceled,
            State::Expired => Status::Expired,
            State::Failed(_) => Status::Failed,
            State::Reversed(_) => Status::Reversed,
        }
    }

    /// Returns why the payment failed or was reversed, if it did.
    pub(crate) fn fail_reason(self) -> Option<FailReason> {
        match self {
            State::Failed(reason) | State::Reversed(reason) => Some(reason),
            State::Created | State::Accepted | State::OnHold(_) | State::Completed => None,
            State::Declined | State::Canceled | State::Expired => None,
        }
    }

    /// Returns the possible actions, as the control routes name them.
    pub(crate) fn actions(self) -> Vec<&'static str> {
        let candidates = [
            Action::Accept,
            Action::Complete,
            Action::Decline,
            Action::Hold,
            Action::Resume,
            Action::Cancel,
            Action::Expire,
            Action::Fail(FailReason::ProcessingFailed),
            Action::Reverse(FailReason::Reversed),
        ];
        candidates.into_iter().filter(|action| self.apply(*action).is_some()).map(Action::name).collect()
    }
}

impl Action {
    /// Returns the action's name in the control route's path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Action::Accept | Action::AcceptOnly => "accept",
            Action::Complete => "complete",
            Action::Decline => "decline",
            Action::Cancel => "cancel",
            Action::Expire => "expire",
            Action::Hold => "hold",
            Action::Resume => "resume",
            Action::Fail(_) => "fail",
            Action::Reverse(_) => "reverse",
            Action::Occur => "occur",
            Action::CancelOccurrence => "cancel-occurrence",
        }
    }
}

// The variants have the API's names, letter by letter.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
#[path = "payment_tests.rs"]
mod tests;

//! The life of a payment as a pure state machine: no clock, no network, no ids.
//!
//! Which statuses exist is *assumed* (see [`crate::assumptions`]); which webhooks exist, and in which
//! order a good run sends them, is the vendor's (Open API quickstart, "Example Cases").

use std::fmt;

use serde::Serialize;

use crate::fail_reason::FailReason;

/// A payment's status in Banq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Status {
    /// Asked for; nobody has answered yet.
    Created,
    /// The shopper agreed; the transaction is still on its way.
    Accepted,
    /// Paid.
    Completed,
    /// The shopper said no.
    Declined,
    /// Set aside; a resume brings back the status it had before.
    OnHold,
    /// Called off.
    Canceled,
    /// Nobody answered in time.
    Expired,
    /// The transaction failed; the payment's `failReason` says why.
    Failed,
    /// Paid once, and taken back since.
    Reversed,
}

/// What can be done to a payment, by the shopper, the merchant, the bank or the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The whole good run: accepted, transaction made, completed.
    Accept,
    /// Accepted only; the transaction has yet to come.
    AcceptOnly,
    /// The transaction of an accepted payment succeeds.
    Complete,
    /// The shopper says no.
    Decline,
    /// Called off before it was completed.
    Cancel,
    /// Its time is over.
    Expire,
    /// Set aside.
    Hold,
    /// Taken up again.
    Resume,
    /// The transaction fails; a payment that nobody had accepted is accepted first.
    Fail(FailReason),
    /// A completed payment is taken back.
    Reverse(FailReason),
    /// The next day of an accepted recurring payment is paid.
    Occur,
    /// The next day of an accepted recurring payment is left out.
    CancelOccurrence,
}

/// What the payment's owner is told by webhook.
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

/// Where a payment stands, with what it must remember to go on.
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

/// What a payment on hold was before, and is again when it is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Created,
    Accepted,
}

impl State {
    /// The state after `action` and the events that tell of it, in the documented order; `None` where
    /// the action is not possible.
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

    /// The status as the API names it.
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

    /// Why it failed or was taken back, if it did or was.
    pub(crate) fn fail_reason(self) -> Option<FailReason> {
        match self {
            State::Failed(reason) | State::Reversed(reason) => Some(reason),
            State::Created | State::Accepted | State::OnHold(_) | State::Completed => None,
            State::Declined | State::Canceled | State::Expired => None,
        }
    }

    /// The actions that are possible now, as the control routes name them.
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
    /// The word in the control route's path.
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

// The names of the variants are the API's words, letter by letter.
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

//! A payment with its internal state, and the effect of actions on it.

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::{
    amendment::Amendment,
    delivery::Job,
    occurrence::{self, Occurrence, OccurrenceStatus},
    payment::{Action, Event, State},
    resource::{Payment, Transaction},
};

/// A payment with the state that later actions need.
pub(crate) struct Entry {
    pub(crate) payment: Payment,
    pub(crate) state: State,
    pub(crate) transaction_at: Option<Timestamp>,
    /// The transactions of a recurring payment's earlier days.
    pub(crate) earlier: Vec<Transaction>,
    pub(crate) queue: mpsc::Sender<Job>,
    /// Replaces fields of the API's answers.
    pub(crate) amendment: Amendment,
}

impl Entry {
    /// Returns the latest transaction. While a recurring payment waits for its next day, this is the last day's.
    pub(crate) fn transaction(&self) -> Option<Transaction> {
        let state = match self.state {
            State::Accepted if !self.payment.occurrences.is_empty() => State::Completed,
            state => state,
        };
        Transaction::of(&self.payment, state, self.transaction_at?)
    }
}

/// Applies an action to a payment with these days; a single payment has none.
pub(crate) fn apply(state: State, action: Action, days: &mut [Occurrence]) -> Option<(State, Vec<Event>)> {
    match action {
        Action::Occur if state == State::Accepted => occurrence::settle(days, OccurrenceStatus::Paid),
        Action::CancelOccurrence if state == State::Accepted => {
            occurrence::settle(days, OccurrenceStatus::Canceled)
        }
        Action::Accept if state == State::Created && !days.is_empty() => {
            let (state, mut events) = occurrence::settle(days, OccurrenceStatus::Paid)?;
            events.insert(0, Event::PaymentAccepted);
            Some((state, events))
        }
        other => state.apply(other),
    }
}

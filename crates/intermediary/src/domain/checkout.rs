//! A checkout: one attempt to be paid for an order.

use std::fmt;

use uuid::Uuid;
use wire::{Issue, Snapshot, Status};

use crate::{
    Amount, Frequency, Schedule,
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
        transition::PaymentState,
    },
};

/// The maximum length of a comment, in characters.
const LONGEST_COMMENT: usize = 200;

/// The key to a checkout's stream: 128 random bits as 32 lower-case hex digits.
///
/// It is the only access check: a client that knows the id may watch the checkout. Guessing an id is infeasible.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CheckoutId(String);

impl CheckoutId {
    /// Generates an id.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0_u8; 16];
        getrandom::fill(&mut bits)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bits))))
    }

    /// Reads an id from a path; returns `None` for a text of another form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let well_formed = text.len() == 32 && text.bytes().all(hex);
        well_formed.then(|| Self(text.to_owned()))
    }

    pub(crate) fn from_store(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CheckoutId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) funds: Amount,
    /// ISO 4217 code.
    pub(crate) currency: String,
    /// The text that the shopper reads; may be empty.
    pub(crate) comment: String,
    /// How often the price is to be paid.
    pub(crate) schedule: Schedule,
}

impl Terms {
    /// Returns whether price, currency and schedule are the same; the comment may differ.
    pub(crate) fn is_same_price(&self, other: &Self) -> bool {
        self.funds == other.funds && self.currency == other.currency && self.schedule == other.schedule
    }

    /// Returns whether the shopper agrees to more than one payment.
    pub(crate) fn repeats(&self) -> bool {
        self.schedule != Schedule::ONCE
    }

    /// Returns the schedule as the page sees it; `None` for a payment that is made once.
    pub(crate) fn recurrence(&self) -> Option<wire::Schedule> {
        let frequency = match self.schedule.frequency() {
            Frequency::Once => return None,
            Frequency::Daily => wire::Frequency::Daily,
            Frequency::Weekly => wire::Frequency::Weekly,
            Frequency::Monthly => wire::Frequency::Monthly,
            Frequency::Yearly => wire::Frequency::Yearly,
        };
        // Only a payment that is made once has no first day.
        let start_date = self.schedule.start()?.to_string();
        Some(wire::Schedule {
            frequency,
            start_date,
            end_date: self.schedule.end().map(|day| day.to_string()),
        })
    }
}

/// Returns whether a text is a valid comment: one line of at most 200 characters.
pub(crate) fn is_comment(text: &str) -> bool {
    text.chars().count() <= LONGEST_COMMENT && !text.chars().any(char::is_control)
}

/// One attempt to be paid for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkout {
    pub(crate) id: CheckoutId,
    pub(crate) order_id: String,
    /// The provider's name for the order.
    pub(crate) order_code: String,
    pub(crate) terms: Terms,
    /// The provider's idempotency key for this attempt.
    pub(crate) attempt_key: Uuid,
    /// The provider's payment, once its answer is recorded.
    pub(crate) payment_id: Option<ProviderId>,
    /// The payment link, once the provider's answer is recorded.
    pub(crate) url: Option<String>,
    pub(crate) state: PaymentState,
    /// What was expected and what arrived, for the operator, if the state has an issue.
    pub(crate) issue_detail: Option<String>,
    /// Whether the paid amount was the order's price when the payment was confirmed.
    pub(crate) covers: bool,
    /// When an operator closed the case of the money in question.
    pub(crate) settled_at: Option<Millis>,
    /// How many events of this checkout's money were written for the shop.
    pub(crate) told: u32,
    /// Increases by one with every change of the state.
    pub(crate) version: u32,
    pub(crate) expires_at: Millis,
    pub(crate) created_at: Millis,
    /// When the link was recorded or the status last changed.
    pub(crate) updated_at: Millis,
}

impl Checkout {
    /// Returns the checkout as the page sees it, at the present time.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            checkout_id: self.id.to_string(),
            order_id: self.order_id.clone(),
            status: self.state.status,
            fail_reason: self.state.reason,
            issue: self.issue(),
            funds: self.terms.funds.to_string(),
            currency: self.terms.currency.clone(),
            comment: self.terms.comment.clone(),
            schedule: self.terms.recurrence(),
            expires_at: time::rfc3339(self.expires_at),
            version: self.version,
            server_time: time::rfc3339(time::now()),
        }
    }

    /// Returns the issue shown to the page and the operator beside the status.
    pub(crate) fn issue(&self) -> Option<Issue> {
        let is_uncovered = self.state.status == Status::Paid && !self.covers;
        let open = self.state.issue.filter(|_| self.settled_at.is_none());
        open.or(is_uncovered.then_some(Issue::PaidOtherAmount))
    }

    /// Returns whether no further change is expected.
    pub(crate) fn is_over(&self) -> bool {
        self.state.status.is_terminal()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
impl Checkout {
    /// Returns a checkout of order 1 over 2.00.
    pub(crate) fn for_test(state: impl Into<PaymentState>) -> Self {
        Self {
            id: CheckoutId("0".repeat(32)),
            order_id: "1".into(),
            order_code: "1".into(),
            terms: Terms {
                funds: Amount::parse("2").unwrap(),
                currency: "USD".into(),
                comment: String::new(),
                schedule: Schedule::ONCE,
            },
            attempt_key: Uuid::nil(),
            payment_id: None,
            url: None,
            state: state.into(),
            issue_detail: None,
            covers: false,
            settled_at: None,
            told: 0,
            version: 1,
            expires_at: 0,
            created_at: 0,
            updated_at: 0,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn page_learns_every_schedule_except_once() {
        for frequency in Frequency::ALL {
            let (word, is_once) = (frequency.as_str(), frequency == Frequency::Once);
            let schedule = Schedule::read(word, (!is_once).then_some("2027-01-31"), None).unwrap();
            let checkout = Checkout::for_test(Status::Pending);
            let terms = Terms { schedule, ..checkout.terms };
            let seen = terms.recurrence().map(|seen| (seen.frequency.as_str(), seen.start_date));
            assert_eq!(seen, (!is_once).then(|| (word, "2027-01-31".to_owned())));
        }
    }
}

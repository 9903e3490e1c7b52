//! A checkout: one attempt to be paid for an order.

use std::fmt;

use uuid::Uuid;
use wire::{Issue, Snapshot, Status};

use crate::{
    Amount, Schedule,
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
        transition::PaymentState,
    },
};

/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 200;

/// The key to a checkout's stream: 128 random bits as 32 lower-case hex digits.
///
/// Whoever knows it may watch this checkout, and there is no other check; guessing it is infeasible.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CheckoutId(String);

impl CheckoutId {
    /// Makes a new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0_u8; 16];
        getrandom::fill(&mut bits)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bits))))
    }

    /// Reads one from a path; returns `None` for a text of another form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let well_formed = text.len() == 32 && text.bytes().all(hex);
        well_formed.then(|| Self(text.to_owned()))
    }

    /// Takes one that this server has written down.
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

/// What is to be paid, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The price.
    pub(crate) funds: Amount,
    /// ISO 4217.
    pub(crate) currency: String,
    /// What the shopper reads; may be empty.
    pub(crate) comment: String,
    /// How often it is to be paid.
    pub(crate) schedule: Schedule,
}

impl Terms {
    /// Whether the same is to be paid, and as often, whatever it is for.
    pub(crate) fn is_same_price(&self, other: &Self) -> bool {
        self.funds == other.funds && self.currency == other.currency && self.schedule == other.schedule
    }
}

/// Returns whether a text can be a comment: at most 200 characters, in one line.
pub(crate) fn is_comment(text: &str) -> bool {
    text.chars().count() <= LONGEST_COMMENT && !text.chars().any(char::is_control)
}

/// One attempt to be paid for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkout {
    pub(crate) id: CheckoutId,
    pub(crate) order_id: String,
    /// What the provider calls the order.
    pub(crate) order_code: String,
    pub(crate) terms: Terms,
    /// The provider's idempotency key for this attempt.
    pub(crate) attempt_key: Uuid,
    /// The provider's payment, once its answer is recorded.
    pub(crate) payment_id: Option<ProviderId>,
    /// The link, likewise.
    pub(crate) url: Option<String>,
    pub(crate) state: PaymentState,
    /// What was expected and what came, for a person, where the state has an issue.
    pub(crate) issue_detail: Option<String>,
    /// Whether what was paid is what the order cost at that moment.
    pub(crate) covers: bool,
    /// When an operator closed the case of the money in question.
    pub(crate) settled_at: Option<Millis>,
    /// How many events the shop was told of it.
    pub(crate) told: u32,
    /// Grows by one with every change of the state.
    pub(crate) version: u32,
    pub(crate) expires_at: Millis,
    pub(crate) created_at: Millis,
    /// When its link was recorded or its status changed.
    pub(crate) updated_at: Millis,
}

impl Checkout {
    /// As a page sees it, written now.
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
            expires_at: time::rfc3339(self.expires_at),
            version: self.version,
            server_time: time::rfc3339(time::now()),
        }
    }

    /// What the page and the operator are told beside the status.
    pub(crate) fn issue(&self) -> Option<Issue> {
        let is_uncovered = self.state.status == Status::Paid && !self.covers;
        let open = self.state.issue.filter(|_| self.settled_at.is_none());
        open.or(is_uncovered.then_some(Issue::PaidOtherAmount))
    }

    /// Whether nothing more is expected of it.
    pub(crate) fn is_over(&self) -> bool {
        self.state.status.is_terminal()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
impl Checkout {
    /// A checkout of order 1 over 2.00, for tests of what is decided by it.
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

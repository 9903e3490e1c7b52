//! Records for operators, as the command line's `--json` prints them.

use serde::Serialize;

use crate::{
    domain::{checkout::Checkout, time},
    store,
};

/// A checkout. Times are RFC 3339, money is a decimal string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the words say it, and banq-checkout-wire explains them")]
pub struct CheckoutDetails {
    pub checkout_id: String,
    pub order_id: String,
    pub status: String,
    pub fail_reason: Option<String>,
    /// Why a person has to settle the money: an issue as in JSON.
    pub issue: Option<String>,
    /// What was expected and what arrived.
    pub issue_detail: Option<String>,
    /// When an operator closed the case.
    pub settled_at: Option<String>,
    pub funds: String,
    pub currency: String,
    pub comment: String,
    /// How often the price is to be paid: `once`, or a frequency with the first and the last day.
    pub schedule: String,
    /// The provider's payment, prefixed with the provider's name; none until the provider's answer is recorded.
    pub payment_id: Option<String>,
    pub version: u32,
    pub created_at: String,
    pub updated_at: String,
    pub expires_at: String,
}

/// One line of a checkout's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// RFC 3339.
    pub at: String,
    /// `begun`, `link`, `renewed` (the provider refused), `status`, or `settled` (by an operator).
    pub change: String,
    /// The status after the change.
    pub status: String,
    /// The provider's fail reason, if it gave one.
    pub fail_reason: Option<String>,
    /// The issue with the money after the change.
    pub issue: Option<String>,
    /// What was expected and what arrived.
    pub detail: Option<String>,
    /// The checkout's version after the change.
    pub version: u32,
    /// `webhook`, `sweep`, `request` or `operator`.
    pub cause: String,
    /// The webhook's or the request's id.
    pub cause_id: Option<String>,
}

/// A webhook that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The argument of [`crate::Operator::replay_dead_letter`].
    pub number: i64,
    /// The webhook's own id.
    pub webhook_id: String,
    /// The event in the provider's words.
    pub kind: String,
    /// The payment, if known.
    pub payment_id: Option<String>,
    /// The transaction, if the webhook is about one.
    pub transaction_id: Option<String>,
    /// RFC 3339.
    pub received_at: String,
    /// RFC 3339.
    pub died_at: String,
    /// How often the webhook was tried.
    pub attempts: u32,
    /// The last error.
    pub error: String,
    /// RFC 3339; none if it was not replayed.
    pub replayed_at: Option<String>,
}

/// A notification to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The header `webhook-id`, and the argument of [`crate::Operator::replay_notification`].
    pub id: String,
    /// The order.
    pub order_id: String,
    /// The checkout whose change it reports.
    pub checkout_id: String,
    /// `order.paid` or another of those in docs/fulfilment.md.
    pub event: String,
    /// `waiting`, `delivered`, `dead` or `unaddressed`: a [`crate::NotificationState`].
    pub state: String,
    /// How many attempts failed.
    pub attempts: u32,
    /// The last error.
    pub last_error: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// When it was delivered or given up, RFC 3339.
    pub settled_at: Option<String>,
    /// The bytes that are signed and sent.
    pub body: String,
}

/// A job that was given up: it failed too often, and is retried every hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenUpJob {
    /// `payment`, `transaction`, `attempt` or `notification`.
    pub kind: String,
    /// The payment, the transaction, the checkout or the notification.
    pub subject: String,
    /// How often in a row it was given up.
    pub times: u32,
    /// RFC 3339.
    pub next_try: String,
    /// The last error.
    pub last_error: Option<String>,
}

/// How much is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Backlog {
    /// Webhooks that are stored and not yet processed.
    pub webhooks: u64,
    /// Dead letters that were not replayed.
    pub dead_letters: u64,
    /// Notifications to be sent.
    pub notifications: u64,
    /// Notifications that were given up.
    pub dead_notifications: u64,
    /// Checkouts whose money a person has to settle.
    pub in_question: u64,
}

impl From<&Checkout> for CheckoutDetails {
    fn from(checkout: &Checkout) -> Self {
        Self {
            checkout_id: checkout.id.to_string(),
            order_id: checkout.order_id.clone(),
            status: checkout.state.status.as_str().to_owned(),
            fail_reason: checkout.state.reason.map(|reason| reason.as_str().to_owned()),
            issue: checkout.issue().map(|issue| issue.as_str().to_owned()),
            issue_detail: checkout.issue_detail.clone(),
            settled_at: checkout.settled_at.map(time::rfc3339),
            funds: checkout.terms.funds.to_string(),
            currency: checkout.terms.currency.clone(),
            comment: checkout.terms.comment.clone(),
            schedule: checkout.terms.schedule.to_string(),
            payment_id: checkout.payment_id.as_ref().map(ToString::to_string),
            version: checkout.version,
            created_at: time::rfc3339(checkout.created_at),
            updated_at: time::rfc3339(checkout.updated_at),
            expires_at: time::rfc3339(checkout.expires_at),
        }
    }
}

impl From<store::AuditLine> for AuditEntry {
    fn from(line: store::AuditLine) -> Self {
        Self {
            at: time::rfc3339(line.at),
            change: line.change,
            status: line.status,
            fail_reason: line.fail_reason,
            issue: line.issue,
            detail: line.detail,
            version: line.version,
            cause: line.cause,
            cause_id: line.cause_id,
        }
    }
}

impl From<store::DeadLetter> for DeadLetter {
    fn from(letter: store::DeadLetter) -> Self {
        Self {
            number: letter.seq,
            webhook_id: letter.webhook_id,
            kind: letter.kind,
            payment_id: letter.payment_id,
            transaction_id: letter.transaction_id,
            received_at: time::rfc3339(letter.received_at),
            died_at: time::rfc3339(letter.died_at),
            attempts: letter.attempts,
            error: letter.error,
            replayed_at: letter.replayed_at.map(time::rfc3339),
        }
    }
}

impl From<store::Notification> for Notification {
    fn from(notification: store::Notification) -> Self {
        Self {
            id: notification.id,
            order_id: notification.order_id,
            checkout_id: notification.checkout_id,
            event: notification.event,
            state: notification.state.as_str().to_owned(),
            attempts: notification.attempts,
            last_error: notification.last_error,
            created_at: time::rfc3339(notification.created_at),
            settled_at: notification.settled_at.map(time::rfc3339),
            body: notification.body,
        }
    }
}

impl From<store::GivenUpJob> for GivenUpJob {
    fn from(job: store::GivenUpJob) -> Self {
        let store::GivenUpJob { kind, subject, times, due_at, error } = job;
        Self { kind, subject, times, next_try: time::rfc3339(due_at), last_error: error }
    }
}

impl From<store::Backlog> for Backlog {
    fn from(backlog: store::Backlog) -> Self {
        let store::Backlog { webhooks, dead_letters, notifications, dead_notifications, in_question } =
            backlog;
        Self { webhooks, dead_letters, notifications, dead_notifications, in_question }
    }
}

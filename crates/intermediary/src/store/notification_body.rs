//! The body of a notification for the shop. docs/fulfilment.md documents it.

use serde::Serialize;

use super::Checkout;
use crate::{
    Frequency,
    domain::{evidence::Evidence, time},
};

/// The body of a notification (Standard Webhooks, "Payload structure").
#[derive(Serialize)]
pub(super) struct Body<'a> {
    r#type: &'static str,
    /// When the event happened, RFC 3339; the header `webhook-timestamp` says when the notification was sent.
    timestamp: String,
    data: Data<'a>,
}

impl<'a> Body<'a> {
    pub(super) fn new(after: &'a Checkout, event: &'static str, evidence: Option<&'a Evidence>) -> Self {
        let schedule = after.terms.schedule;
        Self {
            r#type: event,
            timestamp: time::rfc3339(after.updated_at),
            data: Data {
                order_id: &after.order_id,
                checkout_id: after.id.as_str(),
                payment_id: after.payment_id.as_ref().map(|id| id.as_str()),
                status: after.state.status.as_str(),
                fail_reason: after.state.reason.map(|reason| reason.as_str()),
                funds: after.terms.funds.to_string(),
                currency: &after.terms.currency,
                comment: &after.terms.comment,
                frequency: after.terms.repeats().then(|| schedule.frequency()),
                start_date: schedule.start().map(|date| date.to_string()),
                end_date: schedule.end().map(|date| date.to_string()),
                issue: after.issue().map(|issue| issue.as_str()),
                detail: after.issue_detail.as_deref(),
                received: evidence.filter(|_| after.state.is_in_question()).map(Received::of),
                version: after.version,
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    order_id: &'a str,
    checkout_id: &'a str,
    /// The provider's payment id, with the provider's name in front.
    payment_id: Option<&'a str>,
    /// The checkout's status, in the wire's words.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail_reason: Option<&'static str>,
    /// A decimal string in major units, two decimals.
    funds: String,
    /// ISO 4217.
    currency: &'a str,
    comment: &'a str,
    /// How often the payment is made; absent for a payment that is made once.
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency: Option<Frequency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
    /// Why a person has to settle the money; absent if the status tells the whole truth.
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<&'static str>,
    /// What was expected and what came, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The provider's present answer about the payment, if the money is in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<Received<'a>>,
    /// The checkout's version: of two notifications about a checkout, the one with the higher version is later.
    version: u32,
}

/// The provider's answer about a payment in question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received<'a> {
    /// The provider's own words.
    status: &'a str,
    /// A decimal string in major units; absent if the provider names no amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    funds: Option<String>,
    /// The order code that the provider names; absent if it names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_code: Option<&'a str>,
}

impl<'a> Received<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self {
            status: &evidence.words,
            funds: evidence.funds.map(|funds| funds.to_string()),
            order_code: evidence.order_code.as_deref(),
        }
    }
}

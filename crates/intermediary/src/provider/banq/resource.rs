//! What Banq's requests and answers look like, and what their words mean.
//!
//! *Assumed*, and read leniently, because the documents don't say: answers are enveloped in `data` or bare;
//! a payment repeats the fields of its request and adds `id`, `status`, `failReason`, `url` and
//! `expiresAtUtc`; the status words are the webhooks' actions, plus `Failed` and `Reversed`; a transaction
//! has `paymentId`.

use banq_checkout_wire::{FailReason, Status};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{CURRENCY, NAME};
use crate::{
    clock,
    money::{self, Amount},
    payment::Standing,
    provider::{Link, LinkRequest, Observation, ProviderError, ProviderId},
};

/// The body of get-paid-link (002, "Generate Payment Link").
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkBody<'a> {
    destination: Destination,
    comment: &'a str,
    funds: Amount,
    external_order_code: &'a str,
    frequency: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Destination {
    banq_guid: Uuid,
}

impl<'a> LinkBody<'a> {
    /// A payment to the merchant's banq, once.
    pub(super) fn new(banq_guid: Uuid, request: &'a LinkRequest) -> Self {
        // *Assumed*: a payment needs a comment, since the app shows it (002). An order without one has its id.
        let comment = Some(request.comment.as_str()).filter(|comment| !comment.trim().is_empty());
        Self {
            destination: Destination { banq_guid },
            comment: comment.unwrap_or(&request.order_id),
            funds: request.funds,
            external_order_code: &request.order_id,
            frequency: "once",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    id: Option<String>,
    url: Option<String>,
    status: Option<String>,
    fail_reason: Option<String>,
    #[serde(default, deserialize_with = "money::lenient")]
    funds: Option<Amount>,
    external_order_code: Option<String>,
    expires_at_utc: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    payment_id: String,
}

/// The answer to get-paid-link. The payment's id is in it, or in the `Location` header (001, "Error Codes").
pub(super) fn link(body: &[u8], location: Option<&str>) -> Result<Link, ProviderError> {
    let payment: Payment = read(body)?;
    let last_segment = location.and_then(|location| location.trim_end_matches('/').rsplit('/').next());
    let id = payment.id.as_deref().or(last_segment);
    Ok(Link {
        payment_id: id.and_then(|id| ProviderId::new(NAME, id)).ok_or_else(|| missing("the payment's id"))?,
        url: payment.url.ok_or_else(|| missing("url"))?,
        expires_at: payment.expires_at_utc.and_then(|at| clock::parse(&at)),
    })
}

/// The answer to `GET payment`. One about another payment is no answer: an order's earlier payment has the
/// same order and amount, and must not pay for the present one.
pub(super) fn observation(body: &[u8], asked: &ProviderId) -> Result<Observation, ProviderError> {
    let payment: Payment = read(body)?;
    if payment.id.is_some_and(|id| ProviderId::new(NAME, &id).as_ref() != Some(asked)) {
        return Err(ProviderError::Nonsense("it is about another payment".into()));
    }
    let status = payment.status.ok_or_else(|| missing("status"))?;
    Ok(Observation {
        standing: standing(&status, payment.fail_reason.as_deref()),
        order_id: payment.external_order_code,
        funds: payment.funds,
        currency: CURRENCY,
    })
}

/// The answer to `GET transaction`.
pub(super) fn payment_of(body: &[u8]) -> Result<ProviderId, ProviderError> {
    let transaction: Transaction = read(body)?;
    ProviderId::new(NAME, &transaction.payment_id).ok_or_else(|| missing("paymentId"))
}

/// What a status word means; a word that is not in the list comes back as it is, and is never a success.
fn standing(word: &str, reason: Option<&str>) -> Result<Standing, String> {
    let reason = reason.and_then(fail_reason);
    let status = match word.to_ascii_lowercase().as_str() {
        "created" | "pending" => Status::Pending,
        "accepted" => Status::Processing,
        // 000, read literally, completes a payment also after its transaction failed: then it has a reason.
        "completed" if reason.is_none() => Status::Paid,
        "completed" | "failed" => Status::Failed,
        "declined" => Status::Declined,
        "onhold" => Status::OnHold,
        "canceled" => Status::Canceled,
        "expired" => Status::Expired,
        "reversed" => Status::Reversed,
        _ => return Err(word.chars().filter(|char| !char.is_control()).take(40).collect()),
    };
    let reason = reason.filter(|_| matches!(status, Status::Failed | Status::Reversed));
    Ok(Standing { status, reason })
}

/// The vendor's transaction fail reasons (001), in the wire's words; `None` is the vendor's word for none.
fn fail_reason(word: &str) -> Option<FailReason> {
    match word.to_ascii_lowercase().as_str() {
        "none" | "" => None,
        "insufficientbalance" => Some(FailReason::InsufficientFunds),
        "limitsexceeded" => Some(FailReason::LimitExceeded),
        "accountisfrozen"
        | "externalaccountisdeactivated"
        | "custodialaccountcontactisnotapproved"
        | "fingerprintblacklisted" => Some(FailReason::AccountUnavailable),
        "plaidrequiresreauthentication" => Some(FailReason::ReauthenticationRequired),
        "reversed" => Some(FailReason::Reversed),
        "cancelled" => Some(FailReason::Canceled),
        // ProcessingFailed, BanqError, PrimeTrustError, and reasons of a later version.
        _ => Some(FailReason::ProcessingFailed),
    }
}

/// A resource in its envelope or bare.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ProviderError> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        data: Option<&'a serde_json::value::RawValue>,
    }
    let nonsense = |error: serde_json::Error| ProviderError::Nonsense(error.to_string());
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(nonsense)?;
    match envelope.data {
        Some(data) => serde_json::from_str(data.get()).map_err(nonsense),
        None => serde_json::from_slice(body).map_err(nonsense),
    }
}

fn missing(field: &str) -> ProviderError {
    ProviderError::Nonsense(format!("{field} is missing or unreadable"))
}

#[cfg(test)]
#[path = "resource_tests.rs"]
mod tests;

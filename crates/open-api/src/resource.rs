//! Banq's responses.
//!
//! *Assumed*, and read leniently, because the documents do not say: a response is enveloped in `data` or bare; a
//! payment repeats the fields of its request and adds `id`, `status`, `failReason`, `url`, `createdAtUtc` and
//! `expiresAtUtc`; a transaction has `paymentId`.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};
use uuid::Uuid;

use crate::{FailReason, OpenApiError, PaymentStatus, TransactionStatus};
use crate::{
    amount::{self, Amount},
    schedule::Frequency,
};

/// A payment. Fields that are absent or unreadable are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// A GUID, as far as is known.
    pub id: Option<String>,
    /// The payment link, unchanged and unchecked.
    pub url: Option<String>,
    /// The payment's status.
    pub status: Option<PaymentStatus>,
    /// Why the payment failed or was reversed.
    pub fail_reason: Option<FailReason>,
    /// Dollars.
    #[serde(default, deserialize_with = "amount::lenient")]
    pub funds: Option<Amount>,
    /// The text that the shopper reads.
    pub comment: Option<String>,
    /// The merchant's order code.
    pub external_order_code: Option<String>,
    /// How often to pay.
    #[serde(default, deserialize_with = "frequency")]
    pub frequency: Option<Frequency>,
    /// The first day of a recurring payment.
    #[serde(default, deserialize_with = "parsed")]
    pub start_date: Option<Date>,
    /// The last day of a recurring payment.
    #[serde(default, deserialize_with = "parsed")]
    pub end_date: Option<Date>,
    /// When the payment was created.
    #[serde(default, deserialize_with = "parsed")]
    pub created_at_utc: Option<Timestamp>,
    /// When the link expires.
    #[serde(default, deserialize_with = "parsed")]
    pub expires_at_utc: Option<Timestamp>,
}

/// A transaction: one movement of a payment's money.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// A GUID, as far as is known.
    pub id: Option<String>,
    /// The payment to which the transaction belongs.
    pub payment_id: Option<String>,
    /// The transaction's status.
    pub status: Option<TransactionStatus>,
    /// Why the transaction failed.
    pub fail_reason: Option<FailReason>,
    /// Dollars.
    #[serde(default, deserialize_with = "amount::lenient")]
    pub funds: Option<Amount>,
    /// When the transaction was created.
    #[serde(default, deserialize_with = "parsed")]
    pub created_at_utc: Option<Timestamp>,
}

/// One page of a list (000, "Pagination").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page<T> {
    /// The size of the list.
    pub meta: Meta,
    /// The items of this page.
    pub data: Vec<T>,
}

/// The size of a list (000, "Pagination").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// Items in total.
    pub resource_count: u64,
    /// Pages of the requested size.
    pub page_count: u64,
}

/// `users/me` (002), which has the merchant's ids. *Assumed* except for the names of the two lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user's name.
    pub username: Option<String>,
    /// ACCOUNT-SPACE-IDs.
    #[serde(default)]
    pub account_spaces: Vec<AccountSpace>,
    /// MERCHANT-BANQ-GUIDs.
    #[serde(default)]
    pub banq_accounts: Vec<BanqAccount>,
}

/// An account space.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccountSpace {
    /// ACCOUNT-SPACE-ID.
    pub id: u64,
    /// The owner's name for it.
    pub name: Option<String>,
}

/// A banq account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BanqAccount {
    /// MERCHANT-BANQ-GUID.
    #[serde(alias = "banqGuid", alias = "id")]
    pub guid: Uuid,
    /// The account's space.
    pub account_space_id: Option<u64>,
    /// The owner's name for it.
    pub name: Option<String>,
}

/// A webhook registration as Banq returns it, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookRegistration {
    /// The receiver.
    pub url: Option<String>,
    /// Whether webhooks are sent.
    pub enabled: Option<bool>,
    /// How often a failed webhook is retried.
    pub retry_count: Option<u32>,
    /// `payment`, `transaction`.
    #[serde(default)]
    pub web_hook_types: Vec<String>,
}

/// Reads a resource, in its envelope or bare.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, OpenApiError> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        data: Option<&'a serde_json::value::RawValue>,
    }
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| invalid(&error))?;
    match envelope.data {
        Some(data) => serde_json::from_str(data.get()).map_err(|error| invalid(&error)),
        None => serde_json::from_slice(body).map_err(|error| invalid(&error)),
    }
}

/// Reads a page, whose envelope has `meta` beside `data`.
pub(crate) fn read_page<T: DeserializeOwned>(body: &[u8]) -> Result<Page<T>, OpenApiError> {
    serde_json::from_slice(body).map_err(|error| invalid(&error))
}

fn invalid(error: &serde_json::Error) -> OpenApiError {
    // The kind and position of the mistake, but never the text, which may be confidential.
    OpenApiError::InvalidResponse(format!(
        "{:?} error in line {}, column {}",
        error.classify(),
        error.line(),
        error.column()
    ))
}

/// Deserializes an optional value; an unreadable one becomes `None`.
fn parsed<'de, T: std::str::FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(text(deserializer)?.and_then(|text| text.parse().ok()))
}

fn frequency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Frequency>, D::Error> {
    Ok(text(deserializer)?.and_then(|text| Frequency::from_word(&text)))
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lenient<'a> {
        Text(#[serde(borrow)] Cow<'a, str>),
        Other(IgnoredAny),
    }
    Ok(match Option::<Lenient<'de>>::deserialize(deserializer)? {
        Some(Lenient::Text(text)) => Some(text),
        Some(Lenient::Other(_)) | None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_read_with_everything_it_says() {
        let payment: Payment = read(include_bytes!("../../intermediary/fixtures/payment.json")).unwrap();
        assert_eq!(payment.status, Some(PaymentStatus::Completed));
        assert_eq!(payment.frequency, Some(Frequency::Once));
        assert_eq!(payment.start_date.unwrap().to_string(), "2021-06-15");
        assert!(payment.created_at_utc.is_some());
    }

    #[test]
    fn what_cannot_be_read_is_absent_and_the_rest_is_there() {
        let body = br#"{"data":{"status":"Paid","frequency":7,"startDate":"soon","createdAtUtc":null,"funds":"x","endDate":{}}}"#;
        let payment: Payment = read(body).unwrap();
        assert_eq!(payment.status, Some(PaymentStatus::Unknown("Paid".into())));
        assert_eq!(
            (payment.frequency, payment.start_date, payment.end_date, payment.funds),
            (None, None, None, None)
        );
    }
}

//! The two resources of the Open API. Their fields beyond those of the request are assumed: see [`crate::assumptions`].

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use crate::{
    fail_reason::FailReason,
    money,
    occurrence::Occurrence,
    payment::{State, Status},
};

/// A payment as `GET /v1/payments/{id}` answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Its id at Banq.
    pub id: Uuid,
    /// The payment link: the address of the hosted pay page, and the content of the QR code.
    pub url: String,
    /// The payment's status.
    pub status: Status,
    /// Why the payment failed or was reversed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_reason: Option<FailReason>,
    /// Dollars; a JSON number.
    #[serde(serialize_with = "money::as_number")]
    pub funds: Decimal,
    /// The text that the shopper reads.
    pub comment: String,
    /// The merchant's order code, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_order_code: Option<String>,
    /// How often to pay.
    pub frequency: Frequency,
    /// The first day of a recurring payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Date>,
    /// The last day of a recurring payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Date>,
    /// The days of a recurring payment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<Occurrence>,
    /// When the payment was created.
    #[serde(serialize_with = "seven_digits")]
    pub created_at_utc: Timestamp,
    /// When the payment expires if the shopper does not act.
    #[serde(serialize_with = "seven_digits")]
    pub expires_at_utc: Timestamp,
    /// The transaction that moves the money, if any. Not part of Banq's answer.
    #[serde(skip)]
    pub transaction_id: Option<Uuid>,
    /// The last part of the link. Not part of Banq's answer.
    #[serde(skip)]
    pub code: String,
}

/// A transaction as `GET /v1/transactions/{id}` answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// Its id at Banq.
    pub id: Uuid,
    /// The payment to which the transaction belongs.
    pub payment_id: Uuid,
    /// The transaction's status.
    pub status: TransactionStatus,
    /// `None` unless the transaction failed or was reversed.
    pub fail_reason: FailReason,
    /// Dollars; a JSON number.
    #[serde(serialize_with = "money::as_number")]
    pub funds: Decimal,
    /// When the transaction was created.
    #[serde(serialize_with = "seven_digits")]
    pub created_at_utc: Timestamp,
}

/// A transaction's status; the words are assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub enum TransactionStatus {
    Created,
    Failed,
    Reversed,
}

/// How often to pay; the words other than `once` are assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Frequency {
    Once,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Transaction {
    /// Returns the transaction of `payment` in the state `state`, if it has one.
    pub(crate) fn of(payment: &Payment, state: State, created_at_utc: Timestamp) -> Option<Transaction> {
        let status = match state {
            State::Completed => TransactionStatus::Created,
            State::Failed(_) => TransactionStatus::Failed,
            State::Reversed(_) => TransactionStatus::Reversed,
            State::Created | State::Accepted | State::OnHold(_) => return None,
            State::Declined | State::Canceled | State::Expired => return None,
        };
        Some(Transaction {
            id: payment.transaction_id?,
            payment_id: payment.id,
            status,
            fail_reason: state.fail_reason().unwrap_or(FailReason::None),
            funds: payment.funds,
            created_at_utc,
        })
    }
}

/// Formats a time as in the vendor's webhook example: `2021-01-11T12:12:12.5431424+00:00`.
pub(crate) fn timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.7f+00:00").to_string()
}

/// Serializes a time with [`timestamp`].
pub(crate) fn seven_digits<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&timestamp(*at))
}

/// Serializes a time that may be missing, as `null` or with [`timestamp`].
pub(crate) fn seven_digits_if_any<S: Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    at.map(timestamp).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_fractional_digits() {
        let at: Timestamp = "2021-01-11T12:12:12.5431424Z".parse().unwrap();
        assert_eq!(timestamp(at), "2021-01-11T12:12:12.5431424+00:00");
        assert_eq!(timestamp(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.0000000+00:00");
    }
}

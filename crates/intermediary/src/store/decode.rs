//! Reads a checkout from its row.

use wire::{FailReason, Issue, Status};

use super::statement::Row;
use crate::{
    Amount, Schedule,
    domain::{
        checkout::{Checkout, CheckoutId, Terms},
        provider_id::ProviderId,
        transition::PaymentState,
    },
    store::Error,
};

impl Terms {
    pub(super) const COLUMNS: &'static str = "funds, currency, comment, schedule";

    pub(super) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            funds: Amount::parse(&row.text("funds")?).ok_or(Error::Row("funds"))?,
            currency: row.text("currency")?,
            comment: row.text("comment")?,
            schedule: Schedule::parse(&row.text("schedule")?).ok_or(Error::Row("schedule"))?,
        })
    }
}

impl Checkout {
    pub(super) const COLUMNS: &'static str = "checkout_id, order_id, order_code, funds, currency, comment, \
        schedule, attempt_key, payment_id, url, status, fail_reason, issue, issue_detail, covers, settled_at, told, \
        version, expires_at, created_at, updated_at";

    pub(super) fn from_row(row: &Row) -> Result<Self, Error> {
        let status = Status::from_word(&row.text("status")?).ok_or(Error::Row("status"))?;
        let reason = row.maybe_text("fail_reason")?.map(|word| FailReason::from_word(&word));
        let issue = row.maybe_text("issue")?.map(|word| Issue::from_word(&word));
        Ok(Self {
            id: CheckoutId::from_store(row.text("checkout_id")?),
            order_id: row.text("order_id")?,
            order_code: row.text("order_code")?,
            terms: Terms::from_row(row)?,
            attempt_key: row.text("attempt_key")?.parse().map_err(|_| Error::Row("attempt_key"))?,
            payment_id: row.maybe_text("payment_id")?.map(ProviderId::from_store),
            url: row.maybe_text("url")?,
            state: PaymentState { status, reason, issue },
            issue_detail: row.maybe_text("issue_detail")?,
            covers: row.int("covers")? == 1,
            settled_at: row.maybe_int("settled_at")?,
            told: row.count("told")?,
            version: row.count("version")?,
            expires_at: row.int("expires_at")?,
            created_at: row.int("created_at")?,
            updated_at: row.int("updated_at")?,
        })
    }
}

//! Webhooks, from arrival to outcome.

use sqlx::Row;

use super::Store;
use crate::{
    clock::{self, Millis},
    error::Error,
    provider::{ProviderId, Subject},
    webhook::VerifiedEvent,
};

/// What became of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// Stored.
    New,
    /// It was here before: nothing to do.
    Duplicate,
}

/// How the work on a webhook ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is about nothing that this version knows.
    Ignored,
    /// The provider's truth changed the checkout.
    Changed,
    /// The provider's truth was known already.
    Unchanged,
    /// The provider's payment is for another order or amount.
    Mismatch,
    /// The provider has a status that this version does not know.
    UnknownStatus,
    /// After a day no checkout of ours has this payment.
    Unmatched,
}

impl Outcome {
    /// The word in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Mismatch => "mismatch",
            Self::UnknownStatus => "unknown_status",
            Self::Unmatched => "unmatched",
        }
    }
}

/// A webhook without an outcome yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) seq: i64,
    pub(crate) attempts: u32,
    pub(crate) received_at: Millis,
}

impl Store {
    /// Writes a webhook down, once. When this returns, it is on disk.
    pub(crate) async fn receive(&self, event: &VerifiedEvent) -> Result<Received, Error> {
        let now = clock::now();
        let event = event.event();
        let (payment, transaction, outcome) = match &event.subject {
            Subject::Payment(id) => (Some(id.as_str()), None, None),
            Subject::Transaction(id) => (None, Some(id.as_str()), None),
            Subject::Unknown => (None, None, Some(Outcome::Ignored.as_str())),
        };
        let inserted = sqlx::query(
            "INSERT INTO inbox (webhook_id, kind, payment_id, transaction_id, received_at, next_attempt_at,
             outcome, processed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (webhook_id) DO NOTHING",
        )
        .bind(event.id.as_str())
        .bind(&event.kind)
        .bind(payment)
        .bind(transaction)
        .bind(now)
        .bind(outcome.is_none().then_some(now))
        .bind(outcome)
        .bind(outcome.is_some().then_some(now))
        .execute(&self.pool)
        .await?;
        Ok(if inserted.rows_affected() == 1 { Received::New } else { Received::Duplicate })
    }

    /// The webhooks of a payment that have no outcome yet.
    pub(crate) async fn waiting(&self, payment: &ProviderId) -> Result<Vec<Waiting>, Error> {
        let query = sqlx::query(
            "SELECT seq, attempts, received_at FROM inbox
             WHERE payment_id = ? AND next_attempt_at IS NOT NULL ORDER BY seq",
        );
        let rows = query.bind(payment.as_str()).fetch_all(&self.pool).await?;
        let waiting = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Waiting {
                seq: row.try_get("seq")?,
                attempts: row.try_get("attempts")?,
                received_at: row.try_get("received_at")?,
            })
        };
        rows.iter().map(waiting).collect()
    }

    /// The payment of a transaction's webhook is known now: from here on it is that payment's webhook.
    pub(crate) async fn assign(&self, seq: i64, payment: &ProviderId) -> Result<(), Error> {
        sqlx::query("UPDATE inbox SET payment_id = ?, attempts = 0, next_attempt_at = ? WHERE seq = ?")
            .bind(payment.as_str())
            .bind(clock::now())
            .bind(seq)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The work on these failed; it is due again at `next`.
    pub(crate) async fn retry(&self, waiting: &[Waiting], next: Millis) -> Result<(), Error> {
        let mut tx = self.write().await?;
        for webhook in waiting {
            sqlx::query("UPDATE inbox SET attempts = attempts + 1, next_attempt_at = ? WHERE seq = ? AND outcome IS NULL")
                .bind(next)
                .bind(webhook.seq)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The work on these is over.
    pub(crate) async fn settle(&self, waiting: &[Waiting], outcome: Outcome) -> Result<(), Error> {
        let mut tx = self.write().await?;
        settle(&mut tx, waiting, outcome).await?;
        Ok(tx.commit().await?)
    }
}

/// As part of a larger transaction.
pub(super) async fn settle(
    tx: &mut sqlx::Transaction<'_, sqlx::Sqlite>,
    waiting: &[Waiting],
    outcome: Outcome,
) -> Result<(), Error> {
    for webhook in waiting {
        sqlx::query("UPDATE inbox SET outcome = ?, next_attempt_at = NULL, processed_at = ? WHERE seq = ?")
            .bind(outcome.as_str())
            .bind(clock::now())
            .bind(webhook.seq)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

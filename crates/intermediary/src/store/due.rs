//! What there is to do, and when.

use sqlx::Row;

use super::{CheckoutId, Store};
use crate::{
    clock::{self, Millis},
    error::Error,
    provider::ProviderId,
};

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Due {
    /// Ask the provider about a payment: webhooks wait, or it is time to look.
    Payment(ProviderId),
    /// Ask the provider which payment this transaction, of one webhook, belongs to.
    Transaction { seq: i64, transaction: ProviderId, attempts: u32, received_at: Millis },
}

impl Store {
    /// What is due at `now`, at most `limit` of each kind; webhooks first, in the order they came.
    pub(crate) async fn due(&self, now: Millis, limit: u32) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        let webhooks = sqlx::query(
            "SELECT seq, payment_id, transaction_id, attempts, received_at FROM inbox
             WHERE next_attempt_at <= ? ORDER BY seq LIMIT ?",
        );
        for row in webhooks.bind(now).bind(limit).fetch_all(&self.pool).await? {
            let payment: Option<String> = row.try_get("payment_id")?;
            let transaction: Option<String> = row.try_get("transaction_id")?;
            due.push(match (payment, transaction) {
                (Some(payment), _) => Due::Payment(ProviderId::from_store(payment)),
                (None, Some(transaction)) => Due::Transaction {
                    seq: row.try_get("seq")?,
                    transaction: ProviderId::from_store(transaction),
                    attempts: row.try_get("attempts")?,
                    received_at: row.try_get("received_at")?,
                },
                (None, None) => return Err(Error::Row("a due webhook about nothing")),
            });
        }
        let checks = sqlx::query(
            "SELECT payment_id FROM checkouts WHERE next_check_at <= ? AND payment_id IS NOT NULL
             ORDER BY next_check_at LIMIT ?",
        );
        for row in checks.bind(now).bind(limit).fetch_all(&self.pool).await? {
            due.push(Due::Payment(ProviderId::from_store(row.try_get("payment_id")?)));
        }
        Ok(due)
    }

    /// When something that is not due at `now` will be. With the same `now` as [`Store::due`]: what became due
    /// between two looks at the clock would be in neither answer, and wait until something else happens.
    pub(crate) async fn next_due(&self, now: Millis) -> Result<Option<Millis>, Error> {
        let row = sqlx::query(
            "SELECT MIN(at) AS at FROM (
             SELECT MIN(next_attempt_at) AS at FROM inbox WHERE next_attempt_at > ?
             UNION ALL SELECT MIN(next_check_at) FROM checkouts WHERE next_check_at > ?)",
        );
        Ok(row.bind(now).bind(now).fetch_one(&self.pool).await?.try_get("at")?)
    }

    /// The provider could not be asked about this checkout unprompted; try at `next`.
    pub(crate) async fn postpone_check(&self, checkout: &CheckoutId, next: Millis) -> Result<(), Error> {
        sqlx::query(
            "UPDATE checkouts SET next_check_at = ?, check_attempts = check_attempts + 1
             WHERE checkout_id = ? AND next_check_at <= ?",
        )
        .bind(next)
        .bind(checkout.as_str())
        .bind(clock::now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// After a start: whatever waited for its next try is due now, since what it waited for may be mended.
    pub(crate) async fn resume(&self) -> Result<u64, Error> {
        let resumed = sqlx::query("UPDATE inbox SET next_attempt_at = ? WHERE next_attempt_at IS NOT NULL");
        Ok(resumed.bind(clock::now()).execute(&self.pool).await?.rows_affected())
    }
}

//! The one way by which a checkout's status changes, in one transaction with the webhooks that led to it.

use sqlx::{Sqlite, Transaction};

use super::{Checkout, Outcome, Store, Waiting, inbox::settle};
use crate::{
    clock::{self, Millis},
    error::Error,
    payment::Standing,
};

/// What the provider's answer means for a checkout.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    /// The checkout as it was when the provider was asked.
    pub(crate) checkout: &'a Checkout,
    /// Its new standing, if that changes.
    pub(crate) standing: Option<Standing>,
    /// When to ask unprompted again.
    pub(crate) next_check_at: Option<Millis>,
    /// The webhooks that this settles.
    pub(crate) settles: &'a [Waiting],
    /// How.
    pub(crate) outcome: Outcome,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Written; the checkout as it is now.
    Done(Checkout),
    /// Another change came first, so the answer may be older than what is known: ask the provider again.
    Overtaken,
}

impl Store {
    /// Writes all of it, or nothing.
    pub(crate) async fn apply(&self, change: Change<'_>) -> Result<Applied, Error> {
        let now = clock::now();
        let mut tx = self.write().await?;
        let mut checkout = change.checkout.clone();
        // The version that was seen before the provider was asked guards against two answers that overtake
        // each other, also between instances.
        let same = sqlx::query(
            "UPDATE checkouts SET next_check_at = ?, check_attempts = 0 WHERE checkout_id = ? AND version = ?",
        )
        .bind(change.next_check_at)
        .bind(checkout.id.as_str())
        .bind(checkout.version)
        .execute(&mut *tx)
        .await?;
        if same.rows_affected() == 0 {
            return Ok(Applied::Overtaken);
        }
        if let Some(standing) = change.standing {
            write_standing(&mut tx, &checkout, standing, now).await?;
            checkout.standing = standing;
            checkout.version += 1;
        }
        settle(&mut tx, change.settles, change.outcome).await?;
        tx.commit().await?;
        Ok(Applied::Done(checkout))
    }
}

/// The only statement that changes a status.
pub(super) async fn write_standing(
    tx: &mut Transaction<'_, Sqlite>,
    checkout: &Checkout,
    standing: Standing,
    now: Millis,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE checkouts SET status = ?, fail_reason = ?, version = version + 1, updated_at = ?
         WHERE checkout_id = ? AND version = ?",
    )
    .bind(standing.status.as_str())
    .bind(standing.reason.map(|reason| reason.as_str()))
    .bind(now)
    .bind(checkout.id.as_str())
    .bind(checkout.version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

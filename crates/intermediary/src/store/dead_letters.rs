//! Keeps dead letters: webhooks that were given up, for a person to inspect and to replay.

use super::{
    Job, Outcome, PendingWebhook, Store,
    inbox::settle,
    jobs::{enqueue_by_operator, truncate},
    statement::{Row, sql},
};
use crate::{
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
    },
    store::Error,
};

/// A webhook that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetter {
    pub(crate) seq: i64,
    pub(crate) webhook_id: String,
    /// The provider's words for the event.
    pub(crate) kind: String,
    pub(crate) payment_id: Option<String>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) received_at: Millis,
    pub(crate) died_at: Millis,
    pub(crate) attempts: u32,
    /// The error for which it was given up.
    pub(crate) error: String,
    pub(crate) replayed_at: Option<Millis>,
}

impl Store {
    /// Gives these webhooks up.
    pub(crate) async fn dead_letter(
        &self,
        waiting: &[PendingWebhook],
        attempts: u32,
        error: &str,
    ) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        for webhook in waiting {
            sql("INSERT INTO dead_letters (webhook_id, kind, payment_id, transaction_id, received_at, died_at,
                     attempts, error)
                 SELECT webhook_id, kind, payment_id, transaction_id, received_at, $1, $2, $3 FROM inbox
                 WHERE seq = $4 AND outcome IS NULL")
            .bind(time::now())
            .bind(attempts)
            .bind(truncate(error))
            .bind(webhook.seq)
            .run(&mut tx)
            .await?;
        }
        settle(&mut tx, waiting, Outcome::Dead).await?;
        tx.commit().await
    }

    /// Returns the newest dead letters, including those that were replayed.
    pub(crate) async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, Error> {
        let query =
            sql("SELECT seq, webhook_id, kind, payment_id, transaction_id, received_at, died_at, attempts,
                 error, replayed_at FROM dead_letters ORDER BY seq DESC LIMIT $1");
        query.bind(limit).all(&self.db).await?.iter().map(letter).collect()
    }

    /// Makes the webhook of a dead letter due again. Returns false if no letter has this number, or if it is being
    /// replayed already.
    pub(crate) async fn replay_dead_letter(&self, seq: i64) -> Result<bool, Error> {
        let mut tx = self.db.write().await?;
        let taken = sql("UPDATE dead_letters SET replayed_at = $1 WHERE seq = $2 AND replayed_at IS NULL
             RETURNING webhook_id");
        let Some(row) = taken.bind(time::now()).bind(seq).first(&mut tx).await? else { return Ok(false) };
        let revived = sql(
            "UPDATE inbox SET outcome = NULL, processed_at = NULL WHERE webhook_id = $1 AND outcome = 'dead'
             RETURNING payment_id, transaction_id",
        );
        let Some(row) = revived.bind(row.text("webhook_id")?).first(&mut tx).await? else {
            return Ok(false);
        };
        let job = match (row.maybe_text("payment_id")?, row.maybe_text("transaction_id")?) {
            (Some(payment), _) => Job::Payment(ProviderId::from_store(payment)),
            (None, Some(transaction)) => Job::Transaction(ProviderId::from_store(transaction)),
            (None, None) => return Err(Error::Row("a dead webhook about nothing")),
        };
        enqueue_by_operator(&mut tx, &job).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn letter(row: &Row) -> Result<DeadLetter, Error> {
    Ok(DeadLetter {
        seq: row.int("seq")?,
        webhook_id: row.text("webhook_id")?,
        kind: row.text("kind")?,
        payment_id: row.maybe_text("payment_id")?,
        transaction_id: row.maybe_text("transaction_id")?,
        received_at: row.int("received_at")?,
        died_at: row.int("died_at")?,
        attempts: row.count("attempts")?,
        error: row.text("error")?,
        replayed_at: row.maybe_int("replayed_at")?,
    })
}

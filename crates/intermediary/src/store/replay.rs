//! Replays many rows, in batches, so that no other writer waits for long. An interrupted replay has done its first
//! batches; the same command does the rest.

use wire::Status;

use super::{
    CheckoutId, Job, NotificationState, Outcome, Store,
    db::Tx,
    jobs::enqueue_by_operator,
    statement::{Row, sql},
};
use crate::{
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
    },
    store::Error,
};

/// How many rows one transaction replays.
const BATCH: u32 = 100;

/// The result of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// How many rows are due now.
    pub(crate) count: u64,
    /// Whether no rows are left.
    pub(crate) is_done: bool,
}

/// Where the next batch begins: after the last row of the batch before. Rows that are newer than the replay itself are
/// left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    since: Millis,
    until: Millis,
    /// The id of the last row: a text, or a number in digits.
    last: String,
}

impl Cursor {
    /// Returns a cursor for all rows that are dated `since` or later.
    pub(crate) fn since(since: Option<Millis>) -> Self {
        Self { since: since.unwrap_or(i64::MIN), until: time::now(), last: String::new() }
    }

    fn seq(&self) -> i64 {
        self.last.parse().unwrap_or(i64::MIN)
    }

    /// Moves the cursor behind these rows.
    fn pass(&mut self, ids: &[String], count: u64) -> Replayed {
        if let Some(last) = ids.last() {
            self.last.clone_from(last);
        }
        Replayed { count, is_done: ids.len() < BATCH as usize }
    }
}

impl Store {
    /// Makes a batch of notifications in this state due again, each under its id.
    pub(crate) async fn replay_notifications(
        &self,
        state: NotificationState,
        cursor: &mut Cursor,
    ) -> Result<Replayed, Error> {
        let mut tx = self.db.write().await?;
        let rows = sql("SELECT notification_id FROM notifications
             WHERE state = $1 AND created_at >= $2 AND created_at <= $3 AND notification_id > $4
             ORDER BY notification_id LIMIT $5")
        .bind(state.as_str())
        .bind(cursor.since)
        .bind(cursor.until)
        .bind(&cursor.last)
        .bind(BATCH)
        .all(&mut tx)
        .await?;
        let ids = texts(&rows, "notification_id")?;
        let mut count = 0;
        for id in &ids {
            let revived = sql("UPDATE notifications SET state = $1, attempts = 0, settled_at = NULL
                 WHERE notification_id = $2 AND state = $3");
            let revived = revived.bind(NotificationState::Waiting.as_str()).bind(id).bind(state.as_str());
            if revived.run(&mut tx).await? == 1 {
                enqueue_by_operator(&mut tx, &Job::Notification(id.clone())).await?;
                count += 1;
            }
        }
        tx.commit().await?;
        Ok(cursor.pass(&ids, count))
    }

    /// Makes the webhooks of a batch of dead letters due again.
    pub(crate) async fn replay_dead_letters(&self, cursor: &mut Cursor) -> Result<Replayed, Error> {
        let mut tx = self.db.write().await?;
        let rows = sql("SELECT seq, webhook_id FROM dead_letters
             WHERE replayed_at IS NULL AND died_at >= $1 AND died_at <= $2 AND seq > $3 ORDER BY seq LIMIT $4")
        .bind(cursor.since)
        .bind(cursor.until)
        .bind(cursor.seq())
        .bind(BATCH)
        .all(&mut tx)
        .await?;
        let mut ids = Vec::new();
        let mut count = 0;
        for row in &rows {
            let seq = row.int("seq")?;
            ids.push(seq.to_string());
            let webhook = sql("SELECT seq FROM inbox WHERE webhook_id = $1");
            let webhook = webhook.bind(row.text("webhook_id")?).first(&mut tx).await?;
            let Some(webhook) = webhook else { continue };
            if revive(&mut tx, webhook.int("seq")?, Outcome::Dead).await? {
                let replayed = sql("UPDATE dead_letters SET replayed_at = $1 WHERE seq = $2");
                count += replayed.bind(time::now()).bind(seq).run(&mut tx).await?;
            }
        }
        tx.commit().await?;
        Ok(cursor.pass(&ids, count))
    }

    /// Makes a batch of webhooks with this outcome due again.
    pub(crate) async fn replay_webhooks(
        &self,
        outcome: Outcome,
        cursor: &mut Cursor,
    ) -> Result<Replayed, Error> {
        let mut tx = self.db.write().await?;
        let rows = sql("SELECT seq FROM inbox
             WHERE outcome = $1 AND received_at >= $2 AND received_at <= $3 AND seq > $4 ORDER BY seq LIMIT $5")
        .bind(outcome.as_str())
        .bind(cursor.since)
        .bind(cursor.until)
        .bind(cursor.seq())
        .bind(BATCH)
        .all(&mut tx)
        .await?;
        let mut ids = Vec::new();
        let mut count = 0;
        for row in &rows {
            let seq = row.int("seq")?;
            ids.push(seq.to_string());
            count += u64::from(revive(&mut tx, seq, outcome).await?);
        }
        tx.commit().await?;
        Ok(cursor.pass(&ids, count))
    }

    /// Makes a question to the provider due for a batch of checkouts with this status.
    pub(crate) async fn replay_checkouts(
        &self,
        status: Status,
        cursor: &mut Cursor,
    ) -> Result<Replayed, Error> {
        let mut tx = self.db.write().await?;
        let rows = sql("SELECT checkout_id, payment_id FROM checkouts
             WHERE status = $1 AND updated_at >= $2 AND updated_at <= $3 AND checkout_id > $4
             ORDER BY checkout_id LIMIT $5")
        .bind(status.as_str())
        .bind(cursor.since)
        .bind(cursor.until)
        .bind(&cursor.last)
        .bind(BATCH)
        .all(&mut tx)
        .await?;
        let ids = texts(&rows, "checkout_id")?;
        for row in &rows {
            let job = match row.maybe_text("payment_id")? {
                Some(payment) => Job::Payment(ProviderId::from_store(payment)),
                None => Job::Attempt(
                    CheckoutId::parse(&row.text("checkout_id")?).ok_or(Error::Row("checkout_id"))?,
                ),
            };
            enqueue_by_operator(&mut tx, &job).await?;
        }
        tx.commit().await?;
        let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        Ok(cursor.pass(&ids, count))
    }
}

fn texts(rows: &[Row], column: &'static str) -> Result<Vec<String>, Error> {
    rows.iter().map(|row| row.text(column)).collect()
}

/// Makes a webhook with this outcome due again. Returns false if it has another outcome, or is about nothing that the
/// provider can be asked about.
async fn revive(tx: &mut Tx, seq: i64, outcome: Outcome) -> Result<bool, Error> {
    let revived = sql("UPDATE inbox SET outcome = NULL, processed_at = NULL WHERE seq = $1 AND outcome = $2
         AND (payment_id IS NOT NULL OR transaction_id IS NOT NULL) RETURNING payment_id, transaction_id");
    let revived = revived.bind(seq).bind(outcome.as_str()).first(&mut *tx).await?;
    let Some(row) = revived else { return Ok(false) };
    let job = match (row.maybe_text("payment_id")?, row.maybe_text("transaction_id")?) {
        (Some(payment), _) => Job::Payment(ProviderId::from_store(payment)),
        (None, Some(transaction)) => Job::Transaction(ProviderId::from_store(transaction)),
        (None, None) => return Ok(false),
    };
    enqueue_by_operator(tx, &job).await?;
    Ok(true)
}

//! Repairs jobs after a start, after a failure, and after a wrong clock.

use std::time::Duration;

use super::{Store, statement::sql};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

impl Store {
    /// Releases the leases of this instance on jobs that it no longer works on, after a failure.
    pub(crate) async fn release(&self) -> Result<(), Error> {
        let query = sql("UPDATE jobs SET leased_by = NULL, leased_until = NULL WHERE leased_by = $1");
        query.bind(self.instance.as_ref()).run(self.db.writer()).await?;
        Ok(())
    }

    /// Moves all future times back by `by`, after the clock was set back: jobs stay as far from now as before.
    pub(crate) async fn clock_went_back(&self, by: Millis) -> Result<(), Error> {
        sql("UPDATE jobs SET due_at = due_at - $1, leased_until = leased_until - $1 WHERE due_at > $2")
            .bind(by)
            .bind(time::now())
            .run(self.db.writer())
            .await?;
        Ok(())
    }

    /// Makes retries of notifications due at once, after the clock was set: a shop that checks their time may have
    /// refused them because of the wrong clock.
    pub(crate) async fn clock_was_set(&self) -> Result<(), Error> {
        sql("UPDATE jobs SET due_at = $1 WHERE due_at > $1 AND attempts > 0 AND kind = 'notification'")
            .bind(time::now())
            .run(self.db.writer())
            .await?;
        Ok(())
    }

    /// Makes jobs due whose times a transaction wrote by the clock from before it was set back, after
    /// [`Store::clock_went_back`] had moved the others.
    pub(crate) async fn repair_stragglers(&self, longest_pause: Duration) -> Result<(), Error> {
        self.make_due(time::now(), longest_pause).await?;
        self.clock_was_set().await
    }

    /// Makes jobs due after a start, and returns how many are due. Due are retries at the provider, because the cause
    /// of the failure may be gone; and jobs that were due at once, but by a clock that was ahead. A job that the
    /// process died of keeps its pause: otherwise a crash loop by one job would also stop all others. A SQLite file has
    /// only this instance, so all leases on it belong to dead ones and are released. `longest_pause` is the longest one
    /// before a retry.
    pub(crate) async fn resume(&self, longest_pause: Duration) -> Result<u64, Error> {
        let now = time::now();
        if self.is_alone() {
            sql("UPDATE jobs SET leased_by = NULL, leased_until = NULL WHERE leased_by IS NOT NULL")
                .run(self.db.writer())
                .await?;
        }
        self.make_due(now, longest_pause).await?;
        let row =
            sql("SELECT COUNT(*) AS jobs FROM jobs WHERE due_at <= $1").bind(now).first(&self.db).await?;
        let jobs = row.map(|row| row.int("jobs")).transpose()?.unwrap_or_default();
        Ok(jobs.unsigned_abs())
    }

    /// Makes jobs due that were due at once by a clock that was ahead, and retries at the provider that are due within
    /// `longest_pause`.
    async fn make_due(&self, now: Millis, longest_pause: Duration) -> Result<(), Error> {
        // Every paid checkout has a payment job for weeks, so each statement finds its jobs by an index.
        let retries = "kind = 'payment' AND attempts > 0 AND due_at <= $2";
        let with_webhooks = "kind = 'payment' AND subject IN (
             SELECT payment_id FROM inbox WHERE outcome IS NULL AND payment_id IS NOT NULL)";
        let others =
            "kind IN ('transaction', 'attempt', 'notification') AND (kind = 'transaction' OR attempts = 0)";
        for which in [retries, with_webhooks, others] {
            let update =
                sql(format!("UPDATE jobs SET due_at = $1 WHERE {which} AND due_at > $1 AND deaths = 0"));
            update.bind(now).bind(time::after(now, longest_pause)).run(self.db.writer()).await?;
        }
        Ok(())
    }
}

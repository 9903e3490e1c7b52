//! Repairs jobs after a start, after a failure, and after a wrong clock.

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

    /// Makes jobs due after a start, and returns how many are due. Due are retries at the provider, because the cause
    /// of the failure may be gone; and jobs that were due at once, but by a clock that was ahead. A job that the
    /// process died of keeps its pause: otherwise a crash loop by one job would also stop all others. A SQLite file has
    /// only this instance, so all leases on it belong to dead ones and are released.
    pub(crate) async fn resume(&self) -> Result<u64, Error> {
        let now = time::now();
        if self.is_alone() {
            sql("UPDATE jobs SET leased_by = NULL, leased_until = NULL WHERE leased_by IS NOT NULL")
                .run(self.db.writer())
                .await?;
        }
        sql("UPDATE jobs SET due_at = $1 WHERE due_at > $1 AND deaths = 0
                 AND ((attempts > 0 AND kind IN ('payment', 'transaction'))
                     OR (attempts = 0 AND kind IN ('transaction', 'attempt', 'notification'))
                     OR (kind = 'payment' AND EXISTS (
                         SELECT 1 FROM inbox WHERE inbox.payment_id = jobs.subject AND inbox.outcome IS NULL)))")
            .bind(now)
            .run(self.db.writer())
            .await?;
        let row =
            sql("SELECT COUNT(*) AS jobs FROM jobs WHERE due_at <= $1").bind(now).first(&self.db).await?;
        let jobs = row.map(|row| row.int("jobs")).transpose()?.unwrap_or_default();
        Ok(jobs.unsigned_abs())
    }
}

//! Jobs after a start, after a failure, and after a clock that was wrong.

use super::{Store, query::sql};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

impl Store {
    /// Gives back what this instance has claimed and, after a failure, does not know of.
    pub(crate) async fn release(&self) -> Result<(), Error> {
        let query = sql("UPDATE jobs SET leased_by = NULL, leased_until = NULL WHERE leased_by = $1");
        query.bind(self.instance.as_ref()).run(self.db.writer()).await?;
        Ok(())
    }

    /// The clock was set back by so much: what is to come keeps its distance from now.
    pub(crate) async fn clock_went_back(&self, by: Millis) -> Result<(), Error> {
        sql("UPDATE jobs SET due_at = due_at - $1, leased_until = leased_until - $1 WHERE due_at > $2")
            .bind(by)
            .bind(time::now())
            .run(self.db.writer())
            .await?;
        Ok(())
    }

    /// The clock was set: a shop that checks the time of what it is told may have refused it because of that, and is told
    /// again at once.
    pub(crate) async fn clock_was_set(&self) -> Result<(), Error> {
        sql("UPDATE jobs SET due_at = $1 WHERE due_at > $1 AND attempts > 0 AND kind = 'notification'")
            .bind(time::now())
            .run(self.db.writer())
            .await?;
        Ok(())
    }

    /// After a start: what waits for its next try at the provider is due now, since what it waits for may be
    /// mended; so is what was to be done at once, by a clock that was ahead of today's. What the process died of is not,
    /// or a loop of deaths would be one of all jobs. A SQLite file has one instance: the holder of any lease on it is
    /// dead.
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

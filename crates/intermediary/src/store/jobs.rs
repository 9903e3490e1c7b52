//! Keeps the jobs, and gives them to the instances.
//!
//! An instance claims a job with a lease, and during the lease no other instance works on it. The lease of an instance
//! that dies ends by itself, and another instance takes over. All work can be done twice without harm (versions,
//! attempt keys and notification ids ensure that), so a lease only saves work; nothing depends on it.

use std::time::Duration;

use super::{
    Claim, Job, JobResult, Queue, Store,
    db::Tx,
    statement::{Query, sql},
};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

/// Returns the condition that no instance works on a job at `$1`. A lease that ends after `latest`, much later than one
/// that begins now, was given by a wrong clock.
fn is_free(latest: &str) -> String {
    format!("(leased_until IS NULL OR leased_until <= $1 OR leased_until > {latest})")
}

/// Returns the latest plausible end of a lease.
fn latest_end(lease: Duration, now: Millis) -> Millis {
    time::after(now, lease.saturating_mul(2))
}

impl Store {
    /// Claims up to `limit` jobs that are due `now`, for `lease`; the longest overdue first.
    pub(crate) async fn claim(
        &self,
        queue: Queue,
        limit: usize,
        lease: Duration,
        now: Millis,
    ) -> Result<Vec<Claim>, Error> {
        // Most looks find nothing. In a file, reading that costs less than a claim, which waits for its turn to write.
        if self.is_alone() && !self.is_due(queue, lease, now).await? {
            return Ok(Vec::new());
        }
        // One part per kind, because the index has the longest overdue jobs of a kind first, but not those of all kinds.
        let parts = queue.kinds().iter().map(|kind| {
            format!(
                "{kind}s AS MATERIALIZED (
                     SELECT kind, subject, due_at FROM jobs WHERE kind = '{kind}' AND due_at <= $1 AND {free}
                     ORDER BY due_at LIMIT $2 {for_update}
                 )",
                free = is_free("$5"),
                for_update = self.db.for_update_skip_locked(),
            )
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        let all = queue.kinds().iter().map(|kind| format!("SELECT kind, subject, due_at FROM {kind}s"));
        let all = all.collect::<Vec<_>>().join(" UNION ALL ");
        let text = format!(
            "WITH {parts}, picked AS MATERIALIZED ({all} ORDER BY due_at LIMIT $2)
             UPDATE jobs SET leased_by = $3, leased_until = $4, attempts = jobs.attempts + 1,
                 faults = jobs.faults + 1, deaths = jobs.deaths + 1,
                 faults_since = CASE WHEN jobs.faults = 0 THEN $1 ELSE COALESCE(jobs.faults_since, $1) END
             FROM picked WHERE jobs.kind = picked.kind AND jobs.subject = picked.subject
             RETURNING jobs.kind AS kind, jobs.subject AS subject, wanted, since, attempts, faults,
                 faults_since, deaths, prompt"
        );
        let query = sql(text).bind(now).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let query = query.bind(self.instance.as_ref()).bind(time::after(now, lease));
        let rows = query.bind(latest_end(lease, now)).all(self.db.writer()).await?;
        rows.iter().map(Claim::read).collect()
    }

    /// Returns whether a job is due `now` that no instance works on.
    async fn is_due(&self, queue: Queue, lease: Duration, now: Millis) -> Result<bool, Error> {
        // One part per kind, because the index has the jobs of a kind in the order in which they are due.
        let parts = queue.kinds().iter().map(|kind| {
            let free = is_free("$2");
            format!("EXISTS (SELECT 1 FROM jobs WHERE kind = '{kind}' AND due_at <= $1 AND {free})")
        });
        let any = parts.collect::<Vec<_>>().join(" OR ");
        let query = sql(format!("SELECT 1 AS due WHERE {any}")).bind(now).bind(latest_end(lease, now));
        Ok(query.brief().first(&self.db).await?.is_some())
    }

    /// Delays the next attempt at a claimed job until `until`, in case the process dies during this one.
    pub(crate) async fn put_off(&self, claim: &Claim, until: Millis) -> Result<(), Error> {
        sql("UPDATE jobs SET due_at = $1 WHERE kind = $2 AND subject = $3 AND leased_by = $4")
            .bind(until)
            .bind(claim.job.kind())
            .bind(claim.job.subject())
            .bind(self.instance.as_ref())
            .run(self.db.writer())
            .await?;
        Ok(())
    }

    /// Returns when the next job is due that is not due `now`, or when the next lease ends.
    pub(crate) async fn next_due(&self, now: Millis) -> Result<Option<Millis>, Error> {
        // One minimum per kind, because the index finds each at once, but not the minimum of all kinds.
        let parts = Job::KINDS
            .map(|kind| format!("SELECT MIN(due_at) AS at FROM jobs WHERE kind = '{kind}' AND due_at > $1"));
        let lease = "SELECT MIN(leased_until) AS at FROM jobs WHERE leased_until > $1";
        let text =
            format!("SELECT MIN(at) AS at FROM ({} UNION ALL {lease}) parts", parts.join(" UNION ALL "));
        let row = sql(text).bind(now).brief().first(&self.db).await?;
        row.map(|row| row.maybe_int("at")).transpose().map(Option::flatten)
    }

    /// Ends the work on a job.
    pub(crate) async fn finish(&self, claim: &Claim, end: JobResult<'_>) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        finish(&mut tx, self, claim, end).await?;
        tx.commit().await
    }
}

/// Requests a job. It is due at `at`, or earlier if it was due earlier. A job that the process died of keeps its pause.
pub(super) async fn enqueue(tx: &mut Tx, job: &Job, at: Millis) -> Result<(), Error> {
    tx.later(request(job, at, Source::Values)).await
}

/// Returns the statement of [`enqueue`].
pub(super) fn request(job: &Job, at: Millis, source: Source) -> Query {
    let query = sql(format!(
        "INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults) {source}
         ON CONFLICT (kind, subject) DO UPDATE SET wanted = jobs.wanted + 1,
             due_at = CASE WHEN excluded.due_at < jobs.due_at AND jobs.deaths = 0 THEN excluded.due_at
                 ELSE jobs.due_at END,
             since = CASE WHEN excluded.due_at < jobs.since THEN excluded.due_at ELSE jobs.since END",
        source = source.of("$1, $2, $3, 1, $3, 0, 0"),
    ));
    query.bind(job.kind()).bind(job.subject()).bind(at)
}

/// Requests a job for an operator: it is due at once, and the operator is recorded as the cause of its changes.
pub(super) async fn enqueue_by_operator(tx: &mut Tx, job: &Job) -> Result<(), Error> {
    let now = time::now();
    request(job, now, Source::Values).run(&mut *tx).await?;
    let query = sql("UPDATE jobs SET prompt = 'operator', attempts = 0, faults = 0, deaths = 0,
             due_at = CASE WHEN $1 < due_at THEN $1 ELSE due_at END WHERE kind = $2 AND subject = $3");
    query.bind(now).bind(job.kind()).bind(job.subject()).run(tx).await?;
    Ok(())
}

/// Requests a job and claims it at once, for this instance to work on. Returns `None` if another has it.
pub(super) async fn enqueue_and_claim(
    tx: &mut Tx,
    store: &Store,
    job: Job,
    now: Millis,
    lease: Duration,
) -> Result<Option<Claim>, Error> {
    let claim = claim_one(store, &job, now, lease, Source::Values, "", "").first(tx).await?;
    claim.as_ref().map(Claim::read).transpose()
}

/// Requests a job that is due now, and claims it for this instance. Returns `None` if the job was requested only: another
/// has it, or the process died of it before.
pub(super) async fn enqueue_or_claim(
    tx: &mut Tx,
    store: &Store,
    job: &Job,
    now: Millis,
    lease: Duration,
) -> Result<Option<Claim>, Error> {
    let claim = request_or_claim(store, job, now, lease, Source::Values).first(&mut *tx).await?;
    if claim.is_none() {
        enqueue(tx, job, now).await?;
    }
    claim.as_ref().map(Claim::read).transpose()
}

/// Where a statement takes the values of its new row from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    Values,
    /// From a query with this end, such as ` FROM new`: no row, if that has none.
    Select(&'static str),
}

impl Source {
    fn of(self, values: &str) -> String {
        match self {
            Self::Values => format!("VALUES ({values})"),
            Self::Select(end) => format!("SELECT {values}{end}"),
        }
    }
}

/// Returns the statement that requests a job which is due now, and claims it. It has no row, and changes none, if another
/// has the job, or if the process died of it before.
pub(super) fn request_or_claim(
    store: &Store,
    job: &Job,
    now: Millis,
    lease: Duration,
    source: Source,
) -> Query {
    // As in [`request`]: after a crash the job is due when the lease ends.
    let due = "due_at = CASE WHEN $3 < jobs.due_at THEN $3 ELSE jobs.due_at END,
             since = CASE WHEN $3 < jobs.since THEN $3 ELSE jobs.since END,";
    claim_one(store, job, now, lease, source, due, "jobs.deaths = 0 AND")
}

/// Returns the statement that requests a job and claims it, unless another has it. If the job was requested before,
/// `sets` (`column = value,`) changes it further, and it is claimed only on a condition (`condition AND`).
fn claim_one(
    store: &Store,
    job: &Job,
    now: Millis,
    lease: Duration,
    source: Source,
    sets: &'static str,
    condition: &'static str,
) -> Query {
    let query = sql(format!(
        "INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults, faults_since, deaths, leased_by,
             leased_until)
         {source}
         ON CONFLICT (kind, subject) DO UPDATE SET wanted = jobs.wanted + 1, attempts = jobs.attempts + 1,
             faults = jobs.faults + 1, deaths = jobs.deaths + 1, {sets}
             faults_since = CASE WHEN jobs.faults = 0 THEN $3 ELSE COALESCE(jobs.faults_since, $3) END,
             leased_by = excluded.leased_by, leased_until = excluded.leased_until
             WHERE {condition} (jobs.leased_until IS NULL OR jobs.leased_until <= $3 OR jobs.leased_until > $6)
         RETURNING kind, subject, wanted, since, attempts, faults, faults_since, deaths, prompt",
        source = source.of("$1, $2, $3, 1, $3, 1, 1, $3, 1, $4, $5"),
    ));
    let query = query.bind(job.kind()).bind(job.subject()).bind(now).bind(store.instance.as_ref());
    query.bind(time::after(now, lease)).bind(latest_end(lease, now))
}

/// Ends the work on a job as part of a larger transaction. If the job was requested again meanwhile, it is due at once.
/// Does nothing if the lease has ended and another instance has the job. A recorded end also proves that the process
/// did not die of this job before.
pub(super) async fn finish(
    tx: &mut Tx,
    store: &Store,
    claim: &Claim,
    end: JobResult<'_>,
) -> Result<(), Error> {
    let job = &claim.job;
    let mine = "kind = $1 AND subject = $2 AND leased_by = $3";
    let own = |text: String| sql(text).bind(job.kind()).bind(job.subject()).bind(store.instance.as_ref());
    let next = match end {
        JobResult::Done(None) | JobResult::GivenUp(None, _) => {
            let done = own(format!("DELETE FROM jobs WHERE {mine} AND wanted = $4"));
            if done.bind(claim.wanted).run(&mut *tx).await? == 1 {
                return Ok(());
            }
            time::now()
        }
        JobResult::Done(Some(next)) | JobResult::GivenUp(Some(next), _) => next,
        JobResult::RetryAt(next, _) | JobResult::Failed(next, _) => next,
    };
    let own_faults = claim.faults.saturating_sub(claim.deaths);
    let free = "leased_by = NULL, leased_until = NULL, due_at = CASE WHEN wanted = $4 THEN $5 ELSE $6 END";
    let begins_again = "since = CASE WHEN wanted = $4 THEN $5 ELSE $6 END, attempts = 0,
        prompt = CASE WHEN wanted = $4 THEN NULL ELSE prompt END";
    let (outcome, faults, error) = match end {
        JobResult::Done(_) => (format!("{begins_again}, given_up = 0"), 0, None),
        JobResult::GivenUp(_, error) => (format!("{begins_again}, given_up = given_up + 1"), 0, Some(error)),
        JobResult::RetryAt(_, error) => ("prompt = prompt".to_owned(), own_faults, Some(error)),
        JobResult::Failed(_, error) => ("prompt = prompt".to_owned(), own_faults + 1, Some(error)),
    };
    let update = own(format!(
        "UPDATE jobs SET {free}, {outcome}, faults = $7, deaths = 0, last_error = $8 WHERE {mine}"
    ));
    let update = update.bind(claim.wanted).bind(next).bind(time::now());
    tx.later(update.bind(faults).bind(error.map(truncate))).await
}

/// Shortens an error to what is stored of it: enough for a person to read.
pub(super) fn truncate(error: &str) -> &str {
    let end = error.char_indices().nth(300).map_or(error.len(), |(at, _)| at);
    &error[..end]
}

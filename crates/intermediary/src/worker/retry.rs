//! Decides when a job is retried and when it is given up.

use std::time::Duration;

use super::Worker;
use crate::{
    backoff,
    checkout::poll_schedule::next_poll_at,
    domain::time::{self, Millis},
    store::{self, Claim, Job, JobResult},
};

/// The longest pause after a crash during the job: short, since after a crash loop most of the running jobs are
/// innocent, and long enough that other jobs run between two crashes caused by a guilty one.
const LONGEST_AFTER_DEATH: Duration = Duration::from_secs(8);

impl Worker {
    /// Retries a transient failure until `dead_after`, then gives the job up.
    pub(super) async fn later(&self, claim: &Claim, error: &str) -> Result<(), store::Error> {
        if time::after(claim.since, self.service.tuning.dead_after) < time::now() {
            return self.give_up(claim, error).await;
        }
        self.service.store.finish(claim, JobResult::RetryAt(self.next_try(claim), error)).await
    }

    /// Counts a failure that may be the job's own, and gives the job up after too many.
    pub(super) async fn fault(&self, claim: &Claim, error: &str) -> Result<(), store::Error> {
        if self.is_given_up(claim, claim.faults + 1) {
            return self.give_up(claim, error).await;
        }
        self.service.store.finish(claim, JobResult::Failed(self.next_try(claim), error)).await
    }

    /// Returns whether the job was started too often without a recorded end.
    pub(super) fn is_poison(&self, claim: &Claim) -> bool {
        self.is_given_up(claim, claim.faults)
    }

    /// Returns whether so many failures, over so long a time, are enough. Time counts too: a crash loop adds ten
    /// failures to every innocent job within ten seconds.
    fn is_given_up(&self, claim: &Claim, faults: u32) -> bool {
        let tuning = &self.service.tuning;
        let is_long = time::after(claim.faults_since, tuning.dead_after_faults_for) <= time::now();
        faults >= tuning.dead_after_faults && is_long
    }

    /// Returns when a job is due again during which the process crashed. The first crash costs no wait: most jobs are
    /// innocent of it.
    pub(super) fn after_death(&self, claim: &Claim, now: Millis) -> Millis {
        let tuning = &self.service.tuning;
        let earlier = claim.deaths.saturating_sub(1);
        let longest = tuning.worker_longest_pause.min(LONGEST_AFTER_DEATH);
        time::after(now, backoff::delay(tuning.worker_pause, earlier, longest))
    }

    /// Gives a job up. Its webhooks become dead letters. A checkout is never given up: the worker asks about its
    /// payment again later, as long as the checkout is watched. Notifications have their own end.
    pub(super) async fn give_up(&self, claim: &Claim, error: &str) -> Result<(), store::Error> {
        let later = time::after(time::now(), self.service.tuning.poll_interval.saturating_mul(60));
        self.service.metrics.given_up(claim.job.kind());
        tracing::error!(job = ?claim.job, error, "given up: a person has to look");
        let (webhooks, next) = match &claim.job {
            Job::Payment(payment) => {
                // The worker asks about a finished checkout only while the provider may still change it.
                let checkout = self.service.store.checkout_of(payment).await?;
                let next = checkout
                    .and_then(|checkout| next_poll_at(&checkout, None, time::now(), &self.service.tuning));
                let next = next.map(|next| next.max(later));
                (self.service.store.waiting(payment).await?, next)
            }
            Job::Transaction(transaction) => (self.service.store.unassigned(transaction).await?, None),
            Job::Attempt(_) | Job::Notification(_) => (Vec::new(), Some(later)),
        };
        if !webhooks.is_empty() {
            tracing::error!(webhooks = webhooks.len(), error, "given up: dead letters");
            self.service.store.dead_letter(&webhooks, claim.attempts + 1, error).await?;
        }
        self.service.store.finish(claim, JobResult::GivenUp(next, error)).await
    }

    pub(super) fn next_try(&self, claim: &Claim) -> Millis {
        let tuning = &self.service.tuning;
        time::after(
            time::now(),
            backoff::delay(tuning.worker_pause, claim.attempts, tuning.worker_longest_pause),
        )
    }
}

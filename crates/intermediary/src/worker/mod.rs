//! Does what is due: asks the provider about payments that webhooks speak of or that it is time to look at, asks
//! again for links whose answer was lost, tells the shop.
//!
//! Nothing is kept in memory that would be missed: what is due stands in the store until it is done, so a
//! `kill -9` at any instruction loses nothing. Several jobs are worked on at a time, each by one instance.

pub(crate) mod alerts;
pub(crate) mod notify_shop;
pub(crate) mod retention;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::notify_shop::Fulfilment;
use crate::{
    backoff,
    checkout::{confirm::ConfirmRequest, poll_schedule::next_poll_at, service::Service},
    domain::{
        provider_id::ProviderId,
        time::{self, Millis, WallClock},
    },
    error::Error,
    health::readiness::Readiness,
    store::{Claim, Job, JobResult, Outcome, PendingWebhook, Queue, Trigger},
};

/// How many jobs of a queue run at a time in one instance.
const PARALLEL: usize = 8;

/// How long a job waits at most that the process may have died of: short, since after a loop of crashes most jobs that
/// ran are innocent, and long enough that the others get their turn between two deaths by a guilty one.
const LONGEST_AFTER_DEATH: Duration = Duration::from_secs(8);

/// A webhook whose payment is none of ours after so long belongs to another system on the same account.
const UNMATCHED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The running jobs of one queue. Lanes do not hold each other up: a shop that takes its time for each
/// notification must not delay the next shopper's "paid".
struct Running {
    queue: Queue,
    jobs: JoinSet<()>,
}

/// The worker of one server.
pub(crate) struct Worker {
    pub(crate) service: Arc<Service>,
    /// Notifies the shop, if it wants to be notified.
    pub(crate) fulfilment: Option<Fulfilment>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) stopping: CancellationToken,
}

impl Worker {
    /// Works until the server stops; then finishes the jobs under way.
    pub(crate) async fn run(self: &Arc<Self>) {
        match self.service.store.resume().await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "resuming unfinished work"),
            Err(error) => tracing::error!(%error, "cannot resume unfinished work yet"),
        }
        let mut wall = WallClock::new();
        // Whether a claim may have been made whose answer was lost.
        let mut is_unsure = false;
        let mut provider = Running { queue: Queue::Provider, jobs: JoinSet::new() };
        let mut shop = Running { queue: Queue::Shop, jobs: JoinSet::new() };
        loop {
            let is_idle = provider.jobs.is_empty() && shop.jobs.is_empty();
            let turn = async {
                let ahead = wall.moved();
                if ahead < -WallClock::SMALL {
                    self.service.store.clock_went_back(-ahead).await?;
                }
                if ahead.abs() > WallClock::NOTICEABLE {
                    tracing::warn!(milliseconds = ahead, "the clock of this machine was set");
                    self.service.store.clock_was_set().await?;
                }
                wall = WallClock::new();
                if is_unsure && is_idle {
                    self.service.store.release().await?;
                    is_unsure = false;
                }
                self.start_due([&mut provider, &mut shop]).await
            };
            let sleep = match turn.await {
                Ok(sleep) => {
                    self.readiness.turned();
                    sleep
                }
                Err(error) => {
                    tracing::error!(%error, "cannot look for work");
                    is_unsure = true;
                    self.service.tuning.worker_pause
                }
            };
            tokio::select! {
                () = self.stopping.cancelled() => break,
                () = self.service.wake.notified() => {}
                Some(ended) = provider.jobs.join_next() => report(ended),
                Some(ended) = shop.jobs.join_next() => report(ended),
                () = tokio::time::sleep(sleep) => {}
            }
        }
        for queue in [&mut provider, &mut shop] {
            while let Some(ended) = queue.jobs.join_next().await {
                report(ended);
            }
        }
    }

    /// Starts what is due and nobody's; how long to sleep if nothing else happens.
    async fn start_due(self: &Arc<Self>, queues: [&mut Running; 2]) -> Result<Duration, Error> {
        // One look at the clock: what became due between two would be neither claimed nor waited for.
        let now = time::now();
        for Running { queue, jobs } in queues {
            // Another instance may have the address to tell.
            if *queue == Queue::Shop && self.fulfilment.is_none() {
                continue;
            }
            let free = PARALLEL.saturating_sub(jobs.len());
            if free == 0 {
                continue;
            }
            let claims = self.service.store.claim(*queue, free, self.service.tuning.lease, now).await?;
            // Before any of the work begins: the process may die of it at once.
            for claim in claims.iter().filter(|claim| claim.deaths > 0) {
                // The claims stay valid.
                if let Err(error) = self.service.store.put_off(claim, self.after_death(claim, now)).await {
                    tracing::warn!(%error, job = ?claim.job, "a job that the process died of could not be put off");
                }
            }
            for claim in claims {
                let span = tracing::info_span!("job", job = ?claim.job);
                let worker = Arc::clone(self);
                jobs.spawn(async move { worker.work(claim).await }.instrument(span));
            }
        }
        // What is due already gets its turn when a job ends, which wakes the worker.
        let wait = self.service.store.next_due(now).await?;
        let wait = wait.map(|next| next.saturating_sub(time::now()).max(0).unsigned_abs());
        let longest = self.service.tuning.worker_max_sleep;
        Ok(wait.map_or(longest, Duration::from_millis).min(longest))
    }

    async fn work(&self, claim: Claim) {
        // Not longer than nobody else works on it.
        let within = self.service.tuning.lease.mul_f64(0.8);
        let started = Instant::now();
        let result = tokio::time::timeout(within, self.attempt_job(&claim)).await;
        let (failure, error) = match result {
            Ok(Ok(())) => return,
            Ok(Err(Error::Provider(failure))) if failure.0.is_outage() => {
                tracing::warn!(error = %failure, "the provider could not be asked; trying again later");
                (Failure::Passes, failure.to_string())
            }
            Ok(Err(error @ Error::OrderSource(_))) => {
                tracing::error!(%error, "the shop could not say what an order costs; trying again later");
                (Failure::Passes, error.to_string())
            }
            Ok(Err(error)) if error.is_database_away() => {
                tracing::warn!(%error, "the database is away; trying again later");
                (Failure::Passes, error.to_string())
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "a job failed");
                (Failure::MayBeItsOwn, error.to_string())
            }
            Err(_) => {
                tracing::warn!("a job took too long; trying again later");
                (Failure::Passes, "it took too long".to_owned())
            }
        };
        loop {
            let ended = match failure {
                Failure::Passes => self.later(&claim, &error).await,
                Failure::MayBeItsOwn => self.fault(&claim, &error).await,
            };
            match ended {
                Ok(()) => return,
                // While the lease holds, the job need not wait for its end.
                Err(away) if away.is_database_away() && started.elapsed() < self.service.tuning.lease => {
                    tokio::time::sleep(self.service.tuning.worker_pause).await;
                }
                Err(error) => {
                    // The lease ends by itself, and then it is tried again.
                    tracing::error!(%error, "the end of a job could not be written down");
                    return;
                }
            }
        }
    }

    async fn attempt_job(&self, claim: &Claim) -> Result<(), Error> {
        if self.is_poison(claim) {
            return self.give_up(claim, "the process died each time, or it never ended").await;
        }
        match &claim.job {
            Job::Payment(payment) => self.look(payment, claim).await,
            Job::Transaction(transaction) => self.resolve(transaction, claim).await,
            Job::Attempt(checkout) => match self.service.store.checkout(checkout).await? {
                Some(checkout) => self.service.repeat_link(&checkout, claim).await,
                None => self.service.store.finish(claim, JobResult::Done(None)).await,
            },
            Job::Notification(id) => {
                notify_shop::tell(
                    &self.service.store,
                    self.fulfilment.as_ref(),
                    &self.service.tuning,
                    id,
                    claim,
                )
                .await
            }
        }
    }

    /// Asks about a payment, for all its webhooks at once.
    async fn look(&self, payment: &ProviderId, claim: &Claim) -> Result<(), Error> {
        let webhooks = self.service.store.waiting(payment).await?;
        let last = webhooks.last().map(|webhook| Trigger::Webhook(webhook.webhook_id.clone()));
        let trigger = claim.trigger.clone().or(last).unwrap_or(Trigger::Sweep);
        let request = ConfirmRequest { trigger, claim: Some(claim), webhooks: &webhooks };
        if self.service.confirm(payment, request).await?.is_some() {
            return Ok(());
        }
        // Its webhook was faster than the link's own answer, or it is none of ours.
        let now = time::now();
        let (old, recent_links): (Vec<_>, Vec<_>) =
            webhooks.into_iter().partition(|webhook| is_old(webhook, now));
        if !old.is_empty() {
            tracing::warn!(%payment, "no checkout has this payment: its webhooks are given up");
            self.service.metrics.unmatched(old.len());
            self.service.store.settle(&old, Outcome::Unmatched).await?;
        }
        if recent_links.is_empty() {
            return self.service.store.finish(claim, JobResult::Done(None)).await;
        }
        self.service
            .store
            .finish(claim, JobResult::RetryAt(self.next_try(claim), "no checkout has this payment yet"))
            .await
    }

    /// Asks which payment a transaction's webhooks are about; from then on they are webhooks of that payment.
    async fn resolve(&self, transaction: &ProviderId, claim: &Claim) -> Result<(), Error> {
        let webhooks = self.service.store.unassigned(transaction).await?;
        if !webhooks.is_empty() {
            let payment = self.service.provider.payment_of(transaction).await?;
            self.service.store.assign(transaction, &payment, claim.trigger.as_ref()).await?;
            self.service.wake.notify_one();
        }
        self.service.store.finish(claim, JobResult::Done(None)).await
    }

    /// The reason passes by itself, but not if that takes days.
    async fn later(&self, claim: &Claim, error: &str) -> Result<(), Error> {
        if time::after(claim.since, self.service.tuning.dead_after) < time::now() {
            return self.give_up(claim, error).await;
        }
        self.service.store.finish(claim, JobResult::RetryAt(self.next_try(claim), error)).await
    }

    /// The reason may be the job itself.
    async fn fault(&self, claim: &Claim, error: &str) -> Result<(), Error> {
        if self.is_given_up(claim, claim.faults + 1) {
            return self.give_up(claim, error).await;
        }
        self.service.store.finish(claim, JobResult::Failed(self.next_try(claim), error)).await
    }

    /// Whether it was begun as often as that and never came to an end that could be written down.
    fn is_poison(&self, claim: &Claim) -> bool {
        self.is_given_up(claim, claim.faults)
    }

    /// Whether so many faults, over so long a time, are enough. Time counts too: a loop of crashes adds ten faults to
    /// every innocent job in ten seconds.
    fn is_given_up(&self, claim: &Claim, faults: u32) -> bool {
        let tuning = &self.service.tuning;
        let is_long = time::after(claim.faults_since, tuning.dead_after_faults_for) <= time::now();
        faults >= tuning.dead_after_faults && is_long
    }

    /// When a job is due again that the process may die of a second time or oftener. The first death costs no wait: most
    /// jobs are innocent of it.
    fn after_death(&self, claim: &Claim, now: Millis) -> Millis {
        let tuning = &self.service.tuning;
        let earlier = claim.deaths.saturating_sub(1);
        let longest = tuning.worker_longest_pause.min(LONGEST_AFTER_DEATH);
        time::after(now, backoff::delay(tuning.worker_pause, earlier, longest))
    }

    /// Webhooks become dead letters. A checkout is never given up: its payment is looked at again later, as long
    /// as it is watched at all. The shop's notifications have their own end.
    async fn give_up(&self, claim: &Claim, error: &str) -> Result<(), Error> {
        let later = time::after(time::now(), self.service.tuning.poll_interval.saturating_mul(60));
        self.service.metrics.given_up(claim.job.kind());
        tracing::error!(job = ?claim.job, error, "given up: a person has to look");
        let (webhooks, next) = match &claim.job {
            Job::Payment(payment) => {
                // What is over is looked at as long as the provider may not be done with it, and then no more.
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

    fn next_try(&self, claim: &Claim) -> Millis {
        let tuning = &self.service.tuning;
        time::after(
            time::now(),
            backoff::delay(tuning.worker_pause, claim.attempts, tuning.worker_longest_pause),
        )
    }
}

/// A job that panicked keeps its lease until that ends, and has one fault more.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job died");
    }
}

/// Why a job did not end well.
#[derive(Debug, Clone, Copy)]
enum Failure {
    /// The reason passes by itself.
    Passes,
    /// The reason may be the job itself.
    MayBeItsOwn,
}

fn is_old(webhook: &PendingWebhook, now: Millis) -> bool {
    time::after(webhook.received_at, UNMATCHED_AFTER) < now
}

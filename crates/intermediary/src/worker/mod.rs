//! Processes due jobs: asks the provider about payments after a webhook or at intervals, repeats link requests whose
//! response was lost, and notifies the shop.
//!
//! A job stays in the store until it is done, and nothing in memory matters, so a `kill -9` at any instruction loses
//! nothing. Several jobs run at a time, each in one instance.

pub(crate) mod alerts;
pub(crate) mod notify_shop;
pub(crate) mod retention;
mod retry;
mod run_job;

use std::{sync::Arc, time::Duration};

use tokio::{sync::OwnedSemaphorePermit, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::notify_shop::Fulfilment;
use crate::{
    checkout::{Error, question::EarlyQuestion, service::Service},
    domain::time::{self, Millis, WallClock},
    health::readiness::Readiness,
    store::{Claim, Queue},
};

/// Concurrent notifications per instance.
const NOTIFICATIONS: usize = 8;

/// The time between two looks for due jobs while jobs run: a look that claims costs about as much as a job. A job that
/// becomes due by what another job did waits so long.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// The same while more jobs are due than there were places for, and half of the places are free again.
const BACKLOG_LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// How long after the clock was set back a transaction may still write times by the clock from before.
const STRAGGLERS: Duration = Duration::from_secs(2);

/// What a look for due jobs found.
struct Look {
    /// How long to sleep if nothing else happens.
    sleep: Duration,
    /// Whether all places that ask the provider were taken, so that more such jobs may be due.
    is_provider_full: bool,
    /// Likewise for those that notify the shop.
    is_shop_full: bool,
}

/// The running jobs. The queues do not delay each other: a shop that answers notifications slowly must not delay the next
/// shopper's "paid".
#[derive(Default)]
struct Running {
    provider: JoinSet<()>,
    shop: JoinSet<()>,
}

pub(crate) struct Worker {
    pub(crate) service: Arc<Service>,
    /// Notifies the shop; `None` if no address is configured.
    pub(crate) fulfilment: Option<Fulfilment>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) stopping: CancellationToken,
}

impl Worker {
    /// Works until the server stops, then finishes the running jobs.
    pub(crate) async fn run(self: &Arc<Self>) {
        match self.service.store.resume(self.service.tuning.worker_longest_pause).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "resuming unfinished work"),
            Err(error) => tracing::error!(%error, "cannot resume unfinished work yet"),
        }
        let mut wall = WallClock::new();
        // Whether a claim may have been committed although its response was lost.
        let mut is_unsure = false;
        // When to look for jobs with times by a clock that was ahead.
        let mut stragglers: Option<Instant> = None;
        let mut running = Running::default();
        let mut handed = self.service.handoff.receiver().await;
        while !self.stopping.is_cancelled() {
            let looked = Instant::now();
            let is_idle = running.provider.is_empty() && running.shop.is_empty();
            let turn = async {
                let ahead = wall.moved();
                if ahead < -WallClock::SMALL {
                    self.service.store.clock_went_back(-ahead).await?;
                    stragglers = Some(looked + STRAGGLERS);
                }
                if stragglers.is_some_and(|at| at <= looked) {
                    let longest_pause = self.service.tuning.worker_longest_pause;
                    self.service.store.repair_stragglers(longest_pause).await?;
                    stragglers = None;
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
                self.start_due(&mut running).await
            };
            let Look { sleep, is_provider_full, is_shop_full } = match turn.await {
                Ok(look) => {
                    self.readiness.turned();
                    look
                }
                Err(error) => {
                    tracing::error!(%error, "cannot look for work");
                    is_unsure = true;
                    Look {
                        sleep: self.service.tuning.worker_pause,
                        is_provider_full: false,
                        is_shop_full: false,
                    }
                }
            };
            let mut next_look = Instant::now() + sleep;
            if let Some(at) = stragglers {
                // Not at once again after an error.
                next_look = next_look.min(at.max(looked + self.service.tuning.worker_pause));
            }
            while Instant::now() < next_look {
                let after =
                    |is_backlog| looked + if is_backlog { BACKLOG_LOOK_INTERVAL } else { LOOK_INTERVAL };
                let is_provider_backlog = is_provider_full && self.service.handoff.is_half_free();
                let is_shop_backlog = is_shop_full && running.shop.len() <= NOTIFICATIONS / 2;
                tokio::select! {
                    () = self.stopping.cancelled() => break,
                    Some(job) = handed.recv() => self.start(&mut running.provider, job.claim, Some(job.place), job.question),
                    () = self.service.wake.notified() => {
                        next_look = next_look.min(after(is_provider_backlog || is_shop_backlog));
                    }
                    Some(ended) = running.provider.join_next() => {
                        report(ended);
                        next_look = next_look.min(after(is_provider_backlog));
                    }
                    Some(ended) = running.shop.join_next() => {
                        report(ended);
                        next_look = next_look.min(after(is_shop_backlog));
                    }
                    () = tokio::time::sleep_until(next_look) => {}
                }
            }
        }
        // What was handed over is claimed already.
        handed.close();
        while let Some(job) = handed.recv().await {
            self.start(&mut running.provider, job.claim, Some(job.place), job.question);
        }
        for jobs in [&mut running.provider, &mut running.shop] {
            while let Some(ended) = jobs.join_next().await {
                report(ended);
            }
        }
    }

    /// Claims and starts due jobs.
    async fn start_due(self: &Arc<Self>, running: &mut Running) -> Result<Look, Error> {
        // One reading of the clock: a job that became due between two readings would be neither claimed nor waited for.
        let now = time::now();
        let mut places = self.service.handoff.half();
        let claims = self.claim(Queue::Provider, places.len(), now).await?;
        let is_provider_full = claims.len() == places.len();
        let mut is_shop_full = false;
        let mut is_more_due = is_provider_full && !places.is_empty();
        for claim in claims {
            self.start(&mut running.provider, claim, places.pop(), None);
        }
        drop(places);
        // Another instance may have an address for notifications.
        if self.fulfilment.is_some() {
            let free = NOTIFICATIONS.saturating_sub(running.shop.len());
            let claims = self.claim(Queue::Shop, free, now).await?;
            is_shop_full = claims.len() == free;
            is_more_due |= is_shop_full && free > 0;
            for claim in claims {
                self.start(&mut running.shop, claim, None, None);
            }
        }
        if is_more_due {
            return Ok(Look { sleep: LOOK_INTERVAL, is_provider_full, is_shop_full });
        }
        let wait = self.service.store.next_due(now).await?;
        let wait = wait.map(|next| next.saturating_sub(time::now()).max(0).unsigned_abs());
        let longest = self.service.tuning.worker_max_sleep;
        let sleep = wait.map_or(longest, Duration::from_millis).min(longest);
        Ok(Look { sleep, is_provider_full, is_shop_full })
    }

    /// Claims due jobs, so many as there are places for.
    async fn claim(&self, queue: Queue, places: usize, now: Millis) -> Result<Vec<Claim>, Error> {
        if places == 0 {
            return Ok(Vec::new());
        }
        let claims = self.service.store.claim(queue, places, self.service.tuning.lease, now).await?;
        // Before any of the work starts: the process may crash at once.
        for claim in claims.iter().filter(|claim| claim.deaths > 0) {
            // The claims stay valid.
            if let Err(error) = self.service.store.put_off(claim, self.after_death(claim, now)).await {
                tracing::warn!(%error, job = ?claim.job, "a job that the process died of could not be put off");
            }
        }
        Ok(claims)
    }

    /// Starts a job; it gives its place back at its end. `question`: one about its payment, which has begun already.
    fn start(
        self: &Arc<Self>,
        jobs: &mut JoinSet<()>,
        claim: Claim,
        place: Option<OwnedSemaphorePermit>,
        question: Option<EarlyQuestion>,
    ) {
        let span = tracing::info_span!("job", job = ?claim.job);
        let worker = Arc::clone(self);
        let work = async move {
            worker.work(claim, question).await;
            drop(place);
        };
        jobs.spawn(work.instrument(span));
    }
}

/// Logs a panic. The job keeps its lease until that ends, and gets one more failure.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job died");
    }
}

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

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::notify_shop::Fulfilment;
use crate::{
    checkout::Error,
    checkout::service::Service,
    domain::time::{self, WallClock},
    health::readiness::Readiness,
    store::Queue,
};

/// Concurrent jobs per queue and instance.
const PARALLEL: usize = 8;

/// The running jobs of one queue. Queues do not delay each other: a shop that answers notifications slowly must not
/// delay the next shopper's "paid".
struct Running {
    queue: Queue,
    jobs: JoinSet<()>,
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
        match self.service.store.resume().await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "resuming unfinished work"),
            Err(error) => tracing::error!(%error, "cannot resume unfinished work yet"),
        }
        let mut wall = WallClock::new();
        // Whether a claim may have been committed although its response was lost.
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

    /// Claims and starts due jobs; returns how long to sleep if nothing else happens.
    async fn start_due(self: &Arc<Self>, queues: [&mut Running; 2]) -> Result<Duration, Error> {
        // One reading of the clock: a job that became due between two readings would be neither claimed nor waited for.
        let now = time::now();
        for Running { queue, jobs } in queues {
            // Another instance may have an address for notifications.
            if *queue == Queue::Shop && self.fulfilment.is_none() {
                continue;
            }
            let free = PARALLEL.saturating_sub(jobs.len());
            if free == 0 {
                continue;
            }
            let claims = self.service.store.claim(*queue, free, self.service.tuning.lease, now).await?;
            // Before any of the work starts: the process may crash at once.
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
        // Jobs that are already due start when another job ends, which wakes the worker.
        let wait = self.service.store.next_due(now).await?;
        let wait = wait.map(|next| next.saturating_sub(time::now()).max(0).unsigned_abs());
        let longest = self.service.tuning.worker_max_sleep;
        Ok(wait.map_or(longest, Duration::from_millis).min(longest))
    }
}

/// Logs a panic. The job keeps its lease until that ends, and gets one more failure.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job died");
    }
}

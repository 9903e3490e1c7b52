//! Hands the job of a fresh webhook to the worker in memory, so that the worker need not look for it.
//!
//! The job is stored and claimed in the webhook's own transaction before it is handed over, so a crash in between loses
//! nothing: its lease ends, and the job is due.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{checkout::question::EarlyQuestion, store::Claim};

/// Concurrent jobs that ask the provider, per instance. With half as many, a backlog waits for answers and the processor
/// for work.
const PARALLEL: usize = 64;

/// A claimed job.
pub(crate) struct Handed {
    pub(crate) claim: Claim,
    /// The worker's place for it.
    pub(crate) place: OwnedSemaphorePermit,
    /// The question about its payment, if it has begun.
    pub(crate) question: Option<EarlyQuestion>,
}

/// The way from the webhooks to the worker.
pub(crate) struct Handoff {
    places: Arc<Semaphore>,
    sender: mpsc::Sender<Handed>,
    /// Taken by the worker while it runs.
    receiver: Mutex<mpsc::Receiver<Handed>>,
}

impl Handoff {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(PARALLEL);
        Self { places: Arc::new(Semaphore::new(PARALLEL)), sender, receiver: Mutex::new(receiver) }
    }

    /// Takes a free place of the worker; `None` while it is busy: then it finds the job when it looks.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Returns whether at least half of the places are free.
    pub(crate) fn is_half_free(&self) -> bool {
        self.places.available_permits() * 2 >= PARALLEL
    }

    /// Takes half of the free places, for jobs that the worker looks for: meanwhile webhooks need some too.
    pub(crate) fn half(&self) -> Vec<OwnedSemaphorePermit> {
        let wanted = self.places.available_permits().div_ceil(2);
        std::iter::from_fn(|| self.place()).take(wanted).collect()
    }

    /// Hands a job over.
    pub(crate) fn hand(&self, job: Handed) {
        // There is room for as many as there are places. It fails only after the worker has ended: the lease ends too.
        if let Err(error) = self.sender.try_send(job) {
            tracing::debug!(%error, "the worker has ended");
        }
    }

    /// Returns the worker's end.
    pub(crate) async fn receiver(&self) -> MutexGuard<'_, mpsc::Receiver<Handed>> {
        self.receiver.lock().await
    }
}

//! Derives readiness from work done: the last committed write and the worker's last turn.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::store::Store;

const PROBE_PAUSE: Duration = Duration::from_secs(2);

const OLDEST_WRITE: Duration = Duration::from_secs(6);

/// How much longer than the worker's longest sleep a turn may take.
const TURN_SLACK: Duration = Duration::from_secs(3);

const ANNOUNCE_PAUSE: Duration = Duration::from_secs(1);

/// The times of the last write and of the worker's last turn.
pub(crate) struct Readiness {
    seen: Mutex<Seen>,
    longest_turn: Duration,
    /// Canceled when the worker has ended.
    worker: CancellationToken,
    stopping: CancellationToken,
}

struct Seen {
    write: Option<Instant>,
    /// The error of the last write, if it failed.
    fault: Option<String>,
    turn: Instant,
}

/// Why the server is not ready. For the log only: the text may name the database's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotReady {
    Stopping,
    WorkerEnded,
    /// No write was committed recently; with the database's error, if it gave one.
    NoWrite(Option<String>),
    /// The worker hangs or keeps failing.
    NoTurn,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopping => f.write_str("the server is stopping"),
            Self::WorkerEnded => f.write_str("the worker ended: restart the server"),
            Self::NoWrite(Some(cause)) => write!(f, "nothing can be written to the database: {cause}"),
            Self::NoWrite(None) => f.write_str("nothing can be written to the database: it does not answer"),
            Self::NoTurn => f.write_str("the worker cannot look for work"),
        }
    }
}

impl Readiness {
    /// Creates the state; ready only after the first write. `poll` is the worker's longest sleep.
    pub(crate) fn new(poll: Duration, worker: CancellationToken, stopping: CancellationToken) -> Self {
        let seen = Seen { write: None, fault: None, turn: Instant::now() };
        Self { seen: Mutex::new(seen), longest_turn: poll + TURN_SLACK, worker, stopping }
    }

    pub(crate) fn turned(&self) {
        self.with(|seen| seen.turn = Instant::now());
    }

    fn wrote(&self) {
        self.with(|seen| (seen.write, seen.fault) = (Some(Instant::now()), None));
    }

    fn failed(&self, cause: String) {
        self.with(|seen| seen.fault = Some(cause));
    }

    /// Returns whether the server can do its work. Reads ages only, because anyone may call the route.
    pub(crate) fn check(&self) -> Result<(), NotReady> {
        if self.stopping.is_cancelled() {
            return Err(NotReady::Stopping);
        }
        if self.worker.is_cancelled() {
            return Err(NotReady::WorkerEnded);
        }
        self.with(|seen| {
            if seen.write.is_none_or(|write| write.elapsed() > OLDEST_WRITE) {
                Err(NotReady::NoWrite(seen.fault.clone()))
            } else if seen.turn.elapsed() > self.longest_turn {
                Err(NotReady::NoTurn)
            } else {
                Ok(())
            }
        })
    }

    /// Returns the ages of the last committed write and of the worker's last turn.
    pub(crate) fn ages(&self) -> (Option<Duration>, Duration) {
        self.with(|seen| (seen.write.map(|write| write.elapsed()), seen.turn.elapsed()))
    }

    pub(crate) async fn probe(&self, store: &Store) {
        match store.probe().await {
            Ok(()) => self.wrote(),
            Err(error) => self.failed(error.to_string()),
        }
    }

    /// Tries a write every few seconds and logs changes of readiness, until the server stops.
    pub(crate) async fn run(&self, store: &Store) {
        let probes = async {
            loop {
                tokio::time::sleep(PROBE_PAUSE).await;
                self.probe(store).await;
            }
        };
        self.stopping.run_until_cancelled(async { tokio::join!(probes, self.announce()) }).await;
    }

    async fn announce(&self) {
        let mut last = Ok(());
        loop {
            let now = self.check();
            // The same error with another text is not logged again.
            match (&last, &now) {
                (_, Err(NotReady::Stopping)) => return,
                (Ok(()), Err(cause)) => tracing::error!(%cause, "not ready"),
                (Err(_), Ok(())) => tracing::info!("ready again"),
                (Ok(()), Ok(())) | (Err(_), Err(_)) => {}
            }
            last = now;
            tokio::time::sleep(ANNOUNCE_PAUSE).await;
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Seen) -> T) -> T {
        // Ignores poisoning: a critical section never leaves partial state.
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readiness(poll: Duration) -> Readiness {
        Readiness::new(poll, CancellationToken::new(), CancellationToken::new())
    }

    #[test]
    fn readiness_needs_a_write_and_a_turn_of_the_worker() {
        let readiness = readiness(Duration::from_secs(5));
        assert_eq!(readiness.check(), Err(NotReady::NoWrite(None)), "nothing was written yet");
        readiness.failed("full".to_owned());
        assert_eq!(readiness.check(), Err(NotReady::NoWrite(Some("full".to_owned()))));
        readiness.wrote();
        assert_eq!(readiness.check(), Ok(()));
        // One failure between two writes does not change readiness.
        readiness.failed("busy".to_owned());
        assert_eq!(readiness.check(), Ok(()));
    }

    #[test]
    fn a_worker_that_hangs_is_not_ready_although_writes_go_on() {
        let hanging = Readiness { longest_turn: Duration::ZERO, ..readiness(Duration::ZERO) };
        hanging.wrote();
        assert_eq!(hanging.check(), Err(NotReady::NoTurn));
    }
}

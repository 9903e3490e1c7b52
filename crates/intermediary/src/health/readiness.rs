//! Whether the server can do its work, told by work: a write that was committed, and the worker's last turn.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// How often a write is tried.
const PROBE_PAUSE: Duration = Duration::from_secs(2);

/// How old the last committed write may be.
const OLDEST_WRITE: Duration = Duration::from_secs(6);

/// How much longer than its longest sleep a turn of the worker may take.
const TURN_SLACK: Duration = Duration::from_secs(3);

/// How often a change of readiness is looked for, to say it in the log.
const ANNOUNCE_PAUSE: Duration = Duration::from_secs(1);

/// When the last signs of work were seen.
pub(crate) struct Readiness {
    seen: Mutex<Seen>,
    longest_turn: Duration,
    /// Cancelled when the worker has ended.
    worker: CancellationToken,
    stopping: CancellationToken,
}

struct Seen {
    write: Option<Instant>,
    /// Why the last write failed, if it did.
    fault: Option<String>,
    turn: Instant,
}

/// Why the server is not ready. For the log: it may name the database's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// It is told to stop.
    Stopping,
    /// The worker's task ended.
    WorkerEnded,
    /// Nothing was committed for a while; why, if the database said so.
    NoWrite(Option<String>),
    /// The worker hangs, or fails again and again.
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
    /// Ready only after the first write. `poll` is the worker's longest sleep.
    pub(crate) fn new(poll: Duration, worker: CancellationToken, stopping: CancellationToken) -> Self {
        let seen = Seen { write: None, fault: None, turn: Instant::now() };
        Self { seen: Mutex::new(seen), longest_turn: poll + TURN_SLACK, worker, stopping }
    }

    /// The worker has looked for work.
    pub(crate) fn turned(&self) {
        self.with(|seen| seen.turn = Instant::now());
    }

    fn wrote(&self) {
        self.with(|seen| (seen.write, seen.fault) = (Some(Instant::now()), None));
    }

    fn failed(&self, cause: String) {
        self.with(|seen| seen.fault = Some(cause));
    }

    /// Whether the server can do its work. Reads ages only: the route is open to everybody.
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

    /// How long ago the last write was committed, and the worker's last turn was.
    pub(crate) fn ages(&self) -> (Option<Duration>, Duration) {
        self.with(|seen| (seen.write.map(|write| write.elapsed()), seen.turn.elapsed()))
    }

    /// Tries one write.
    pub(crate) async fn probe(&self, store: &Store) {
        match store.probe().await {
            Ok(()) => self.wrote(),
            Err(error) => self.failed(error.to_string()),
        }
    }

    /// Tries a write every few seconds, and says when the server gets ready or is not any more, until it stops.
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
            // The same fault in other words is no news.
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
        // Every change is complete or not begun.
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
        // One failure between two writes is not the end.
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

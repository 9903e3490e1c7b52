//! One clock for the heartbeats of all streams: a timer of its own for each would cost more than the rest of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, futures::Notified};
use tokio_util::sync::CancellationToken;

/// Streams beat in groups, so that thousands are not written to in the same moment.
const GROUPS: usize = 32;

/// The clock.
pub(crate) struct Heartbeat {
    groups: [Notify; GROUPS],
    next: AtomicUsize,
    stopping: CancellationToken,
}

/// A stream's place in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group(usize);

/// What a waiting stream is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Say that you are alive.
    Alive,
    /// The server stops.
    Stop,
}

impl Heartbeat {
    pub(crate) fn new(stopping: CancellationToken) -> Self {
        Self { groups: [const { Notify::const_new() }; GROUPS], next: AtomicUsize::new(0), stopping }
    }

    /// A place, one group after the other.
    pub(crate) fn join(&self) -> Group {
        Group(self.next.fetch_add(1, Ordering::Relaxed) % GROUPS)
    }

    /// Waits for the next beat. A stream that has just come may be told early, which does no harm.
    pub(crate) async fn beat(&self, Group(group): Group) -> Beat {
        // Made before the look: a stop in between wakes it.
        let beat: Option<Notified<'_>> = self.groups.get(group).map(Notify::notified);
        if !self.stopping.is_cancelled()
            && let Some(beat) = beat
        {
            beat.await;
        }
        if self.stopping.is_cancelled() { Beat::Stop } else { Beat::Alive }
    }

    /// Beats each group once in `every`, until the server stops; then wakes all.
    pub(crate) async fn run(self: Arc<Self>, every: Duration) {
        let mut ticks = tokio::time::interval((every / GROUPS as u32).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for group in (0..GROUPS).cycle() {
            if self.stopping.run_until_cancelled(ticks.tick()).await.is_none() {
                break;
            }
            self.groups[group].notify_waiters();
        }
        self.groups.iter().for_each(Notify::notify_waiters);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_group_beats_and_a_stop_wakes_all_at_once() {
        let stopping = CancellationToken::new();
        let heartbeat = Arc::new(Heartbeat::new(stopping.clone()));
        let clock = tokio::spawn(Arc::clone(&heartbeat).run(Duration::from_secs(15)));
        let started = tokio::time::Instant::now();
        for _ in 0..GROUPS {
            assert_eq!(heartbeat.beat(heartbeat.join()).await, Beat::Alive);
        }
        assert!(started.elapsed() <= Duration::from_secs(16));
        let waiting = heartbeat.beat(Group(7));
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        stopping.cancel();
        assert_eq!(waiting.await, Beat::Stop);
        assert_eq!(heartbeat.beat(Group(1)).await, Beat::Stop);
        clock.await.unwrap();
    }
}

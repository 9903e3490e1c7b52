//! One timer for the heartbeats of all streams: a timer per stream would use more memory than the rest of the stream.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, futures::Notified};
use tokio_util::sync::CancellationToken;

/// Streams beat in shards, so that the server does not write to thousands at once.
const SHARDS: usize = 32;

pub(crate) struct Heartbeat {
    shards: [Notify; SHARDS],
    next: AtomicUsize,
    stopping: CancellationToken,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Shard(usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tick {
    Alive,
    Stop,
}

impl Heartbeat {
    pub(crate) fn new(stopping: CancellationToken) -> Self {
        Self { shards: [const { Notify::const_new() }; SHARDS], next: AtomicUsize::new(0), stopping }
    }

    /// Assigns a stream to a shard, round-robin.
    pub(crate) fn subscribe(&self) -> Shard {
        Shard(self.next.fetch_add(1, Ordering::Relaxed) % SHARDS)
    }

    /// Waits for the next beat. A new stream may get its first beat early, which is harmless.
    pub(crate) async fn tick(&self, Shard(shard): Shard) -> Tick {
        // Created before the check, so that a stop in between wakes it.
        let beat: Option<Notified<'_>> = self.shards.get(shard).map(Notify::notified);
        if !self.stopping.is_cancelled()
            && let Some(beat) = beat
        {
            beat.await;
        }
        if self.stopping.is_cancelled() { Tick::Stop } else { Tick::Alive }
    }

    /// Beats each shard once per `every` until the server stops, then wakes all streams.
    pub(crate) async fn run(self: Arc<Self>, every: Duration) {
        let mut ticks = tokio::time::interval((every / SHARDS as u32).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for shard in (0..SHARDS).cycle() {
            if self.stopping.run_until_cancelled(ticks.tick()).await.is_none() {
                break;
            }
            self.shards[shard].notify_waiters();
        }
        self.shards.iter().for_each(Notify::notify_waiters);
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
        for _ in 0..SHARDS {
            assert_eq!(heartbeat.tick(heartbeat.subscribe()).await, Tick::Alive);
        }
        assert!(started.elapsed() <= Duration::from_secs(16));
        let waiting = heartbeat.tick(Shard(7));
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        stopping.cancel();
        assert_eq!(waiting.await, Tick::Stop);
        assert_eq!(heartbeat.tick(Shard(1)).await, Tick::Stop);
        clock.await.unwrap();
    }
}

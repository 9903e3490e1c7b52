//! Produces the events of one stream.

use std::sync::Arc;

use crate::{
    domain::checkout::Checkout,
    stream::{
        heartbeat::{Heartbeat, Shard, Tick},
        hub::Subscription,
        sse_event::SseEvent,
    },
};

/// Milliseconds that a browser waits before it reopens a broken stream ...
const RETRY: u32 = 2_000;

/// ... plus up to this many at random: streams that broke together must not reconnect together.
const RETRY_SPREAD: u32 = 3_000;

/// The same after the permit was lost to a newcomer: about the interval of polling.
const RETRY_CROWDED: u32 = 5_000;

/// One open event stream: the present snapshot, each newer one, heartbeats, and the end.
pub(crate) struct Subscriber {
    heartbeat: Arc<Heartbeat>,
    subscription: Subscription,
    shard: Shard,
    next: Next,
}

enum Next {
    /// The retry time and the snapshot that the store returned.
    First(Box<Checkout>),
    /// A snapshot newer than this version.
    After(u32),
    /// The end: the terminal snapshot was sent, the server stops, or a newcomer took the permit.
    End,
}

impl Subscriber {
    pub(crate) fn new(heartbeat: Arc<Heartbeat>, subscription: Subscription, checkout: Checkout) -> Self {
        let shard = heartbeat.subscribe();
        Self { heartbeat, subscription, shard, next: Next::First(Box::new(checkout)) }
    }

    /// Returns the event that sets the browser's retry time.
    pub(crate) fn greeting() -> SseEvent {
        SseEvent::retry(spread(RETRY))
    }

    /// Returns the next event, or `None` at the end. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<SseEvent> {
        match &self.next {
            Next::First(checkout) => {
                let event = SseEvent::status(&checkout.snapshot());
                self.next = after(checkout);
                event
            }
            Next::After(version) => tokio::select! {
                // A newer snapshot precedes a heartbeat and the end.
                biased;
                update = self.subscription.newer_than(*version) => match update {
                    Some(update) => {
                        self.next = after(&update.checkout);
                        update.sse_event()
                    }
                    None => {
                        self.next = Next::End;
                        Some(SseEvent::crowded(spread(RETRY_CROWDED)))
                    }
                },
                beat = self.heartbeat.tick(self.shard) => match beat {
                    Tick::Alive => Some(SseEvent::heartbeat()),
                    // The browser reconnects and reaches another instance, or this one after its restart.
                    Tick::Stop => {
                        self.next = Next::End;
                        Some(Self::greeting())
                    }
                },
            },
            Next::End => None,
        }
    }
}

/// Adds a random delay; without randomness all streams use the same one.
fn spread(milliseconds: u32) -> u32 {
    milliseconds + getrandom::u32().unwrap_or(0) % RETRY_SPREAD
}

fn after(checkout: &Checkout) -> Next {
    if checkout.is_over() { Next::End } else { Next::After(checkout.version) }
}

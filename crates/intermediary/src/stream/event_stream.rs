//! What one stream says, frame by frame.

use std::sync::Arc;

use crate::{
    domain::checkout::Checkout,
    stream::{
        heartbeat::{Heartbeat, Shard, Tick},
        hub::Subscription,
        sse_event::SseEvent,
    },
};

/// A browser waits about so long, in milliseconds, before it opens a broken stream again...
const RETRY: u32 = 2_000;

/// ...and up to so much longer, each stream another time: all that a server lost at once must not come back
/// at once.
const RETRY_SPREAD: u32 = 3_000;

/// The same after a place was lost to a newcomer: about as often as a page asks that has no stream.
const RETRY_CROWDED: u32 = 5_000;

/// A stream's reader: the present, each newer state, a sign of life now and then, and the end.
pub(crate) struct Subscriber {
    heartbeat: Arc<Heartbeat>,
    subscription: Subscription,
    shard: Shard,
    next: Next,
}

/// What a stream says next.
enum Next {
    /// When to come back, and what the store said.
    First(Box<Checkout>),
    /// Something newer than this version.
    After(u32),
    /// Nothing: the terminal snapshot was sent, the server stops, or the place went to a newcomer.
    End,
}

impl Subscriber {
    pub(crate) fn new(heartbeat: Arc<Heartbeat>, subscription: Subscription, checkout: Checkout) -> Self {
        let shard = heartbeat.subscribe();
        Self { heartbeat, subscription, shard, next: Next::First(Box::new(checkout)) }
    }

    /// What to tell the browser before the first event.
    pub(crate) fn greeting() -> SseEvent {
        SseEvent::retry(spread(RETRY))
    }

    /// Every way on, and every way to the end. Can be dropped while it waits, and nothing is lost.
    pub(crate) async fn next(&mut self) -> Option<SseEvent> {
        match &self.next {
            Next::First(checkout) => {
                let frame = SseEvent::status(&checkout.snapshot());
                self.next = after(checkout);
                frame
            }
            Next::After(version) => tokio::select! {
                // A newer state before a sign of life, and before the end.
                biased;
                update = self.subscription.newer_than(*version) => match update {
                    Some(update) => {
                        self.next = after(&update.checkout);
                        update.frame()
                    }
                    None => {
                        self.next = Next::End;
                        Some(SseEvent::crowded(spread(RETRY_CROWDED)))
                    }
                },
                beat = self.heartbeat.tick(self.shard) => match beat {
                    Tick::Alive => Some(SseEvent::heartbeat()),
                    // The browser comes back by itself, and then finds the next instance.
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

/// Without randomness all come back together, and still come back.
fn spread(milliseconds: u32) -> u32 {
    milliseconds + getrandom::u32().unwrap_or(0) % RETRY_SPREAD
}

fn after(checkout: &Checkout) -> Next {
    if checkout.is_over() { Next::End } else { Next::After(checkout.version) }
}

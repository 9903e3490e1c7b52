//! Limits streams and long polls: in total, per address and per checkout. A newcomer always gets a permit; at a limit
//! the oldest permit of the checkout, of the address, or of the address with most permits is revoked.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use crate::{
    config::Limits,
    limits::eviction::{EvictionQueue, Group},
};

/// All held permits. The total limit bounds the memory.
pub(crate) struct ConcurrencyLimiter {
    limit: usize,
    limit_per_address: usize,
    limit_per_checkout: usize,
    state: Mutex<State>,
}

struct State {
    /// The number of the next permit.
    next: u64,
    queue: EvictionQueue<Arc<Permit>>,
}

/// The permit of one stream or long poll.
pub(crate) struct Permit {
    group: Group,
    number: u64,
    /// Wakes everything that waits for the checkout; a revoked permit's holder checks [`Permit::is_revoked`].
    wake: Arc<Notify>,
    revoked: AtomicBool,
}

/// The permits of one checkout, oldest first.
#[derive(Default)]
pub(crate) struct CheckoutPermits(Vec<Arc<Permit>>);

impl ConcurrencyLimiter {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            limit: limits.streams,
            limit_per_address: limits.streams_per_address,
            limit_per_checkout: limits.streams_per_checkout,
            state: Mutex::new(State { next: 0, queue: EvictionQueue::new() }),
        })
    }

    /// Takes a permit for a checkout; returns it, and how many permits were revoked for it.
    pub(crate) fn acquire(
        &self,
        address: Option<IpAddr>,
        permits: &mut CheckoutPermits,
        wake: &Arc<Notify>,
    ) -> (Arc<Permit>, usize) {
        let group = Group::of(address);
        let mut state = self.state();
        let mut revoked_permits = Vec::new();
        while permits.0.len() >= self.limit_per_checkout {
            let oldest = permits.0.remove(0);
            revoked_permits.extend(state.queue.remove(oldest.group, oldest.number));
        }
        // Without a known address only the total limit counts.
        if group.is_known() && state.queue.size_of(group) >= self.limit_per_address {
            revoked_permits.extend(state.queue.remove_oldest_of(group));
        }
        while state.queue.len() >= self.limit
            && let Some(largest) = state.queue.largest()
        {
            revoked_permits.extend(state.queue.remove_oldest_of(largest));
        }
        let number = state.next;
        state.next += 1;
        let permit =
            Arc::new(Permit { group, number, wake: Arc::clone(wake), revoked: AtomicBool::new(false) });
        state.queue.add(group, number, Arc::clone(&permit));
        // Most checkouts have one subscriber.
        permits.0.reserve_exact(1);
        permits.0.push(Arc::clone(&permit));
        drop(state);
        revoked_permits.iter().for_each(|permit| permit.revoke());
        (permit, revoked_permits.len())
    }

    pub(crate) fn release(&self, permits: &mut CheckoutPermits, permit: &Arc<Permit>) {
        permits.0.retain(|other| !Arc::ptr_eq(other, permit));
        self.state().queue.remove(permit.group, permit.number);
    }

    /// Returns how many permits are held.
    pub(crate) fn total(&self) -> usize {
        self.state().queue.len()
    }

    /// Ignores poisoning: the state is consistent after every statement. The lock is never held across I/O.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Returns whether a newcomer took the permit.
    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }

    fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
        self.wake.notify_waiters();
    }
}

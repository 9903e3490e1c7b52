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
    present: Mutex<Present>,
}

struct Present {
    /// The number of the next permit.
    next: u64,
    crowd: EvictionQueue<Arc<Permit>>,
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
pub(crate) struct Row(Vec<Arc<Permit>>);

impl ConcurrencyLimiter {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            limit: limits.streams,
            limit_per_address: limits.streams_per_address,
            limit_per_checkout: limits.streams_per_checkout,
            present: Mutex::new(Present { next: 0, crowd: EvictionQueue::new() }),
        })
    }

    /// Takes a permit for a checkout; returns it, and how many permits were revoked for it.
    pub(crate) fn acquire(
        &self,
        address: Option<IpAddr>,
        row: &mut Row,
        wake: &Arc<Notify>,
    ) -> (Arc<Permit>, usize) {
        let group = Group::of(address);
        let mut present = self.present();
        let mut revoked_permits = Vec::new();
        while row.0.len() >= self.limit_per_checkout {
            let oldest = row.0.remove(0);
            revoked_permits.extend(present.crowd.remove(oldest.group, oldest.number));
        }
        // Without a known address only the total limit counts.
        if group.is_known() && present.crowd.size_of(group) >= self.limit_per_address {
            revoked_permits.extend(present.crowd.remove_oldest_of(group));
        }
        while present.crowd.len() >= self.limit
            && let Some(largest) = present.crowd.largest()
        {
            revoked_permits.extend(present.crowd.remove_oldest_of(largest));
        }
        let number = present.next;
        present.next += 1;
        let permit =
            Arc::new(Permit { group, number, wake: Arc::clone(wake), revoked: AtomicBool::new(false) });
        present.crowd.add(group, number, Arc::clone(&permit));
        // Most checkouts have one subscriber.
        row.0.reserve_exact(1);
        row.0.push(Arc::clone(&permit));
        drop(present);
        revoked_permits.iter().for_each(|permit| permit.revoke());
        (permit, revoked_permits.len())
    }

    /// Gives a permit back.
    pub(crate) fn release(&self, row: &mut Row, permit: &Arc<Permit>) {
        row.0.retain(|other| !Arc::ptr_eq(other, permit));
        self.present().crowd.remove(permit.group, permit.number);
    }

    /// Returns how many permits are held.
    pub(crate) fn total(&self) -> usize {
        self.present().crowd.len()
    }

    /// Ignores poisoning: the state is consistent after every statement. The lock is never held across I/O.
    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
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

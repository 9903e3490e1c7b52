//! The places of streams and long polls: so many in all, of each address, and of each checkout. A newcomer always
//! gets one; where there is none, the oldest of the checkout, of the address, or of the address with most gives way.

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

/// All places that are taken. Its memory is bounded by the limit in all.
pub(crate) struct ConcurrencyLimiter {
    limit: usize,
    limit_per_address: usize,
    limit_per_checkout: usize,
    present: Mutex<Present>,
}

struct Present {
    /// The number of the next arrival.
    next: u64,
    crowd: EvictionQueue<Arc<Permit>>,
}

/// The permit of one stream or long poll.
pub(crate) struct Permit {
    group: Group,
    number: u64,
    /// Wakes whatever waits for the checkout; the one that gives way sees that it is meant.
    wake: Arc<Notify>,
    revoked: AtomicBool,
}

/// The places of one checkout, oldest first.
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

    /// Takes a permit in a checkout's row; returns it, and how many gave way to it.
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
        // Without an address only the limit in all counts.
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
        // Most rows have one.
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

    /// Returns how many places are taken.
    pub(crate) fn total(&self) -> usize {
        self.present().crowd.len()
    }

    /// Whole after every statement, so a panic elsewhere can't have left it in pieces. Held for no I/O.
    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Returns whether it went to a newcomer.
    pub(crate) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }

    fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
        self.wake.notify_waiters();
    }
}

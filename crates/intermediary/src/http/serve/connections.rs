//! Limits the connections that wait for requests or are being answered, in total and per address. Streams and long
//! polls have permits of their own ([`crate::limits::concurrency`]) and do not count here. A newcomer takes the permit
//! of an idle connection, then of one whose request is still arriving; it is refused only if all are being answered.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::connection_table::{Activity, ConnectionTable, End};
use crate::{config::Limits, limits::eviction::Group};

/// All connections of the server's own socket. The limits bound the memory.
pub(crate) struct Connections {
    limit: usize,
    limit_per_address: usize,
    state: Mutex<ConnectionTable>,
}

/// A connection's permit; dropping it releases it.
#[must_use = "dropping the permit gives it back"]
pub(crate) struct ConnectionPermit {
    connections: Arc<Connections>,
    number: u64,
    pub(super) end: Arc<End>,
}

/// Marks a connection as waiting for a change; dropping it ends the wait.
#[must_use = "dropping it ends the wait"]
pub(crate) struct WaitGuard(Arc<ConnectionPermit>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitReached {
    /// All connections are being answered.
    Global,
    /// All connections of this address are being answered.
    PerClient,
}

impl Connections {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        let (limit, limit_per_address) = (limits.connections, limits.connections_per_address);
        Arc::new(Self { limit, limit_per_address, state: Mutex::new(ConnectionTable::new()) })
    }

    /// Takes a permit for a new connection; returns also whether another connection was ended for it.
    ///
    /// # Errors
    /// [`LimitReached`]
    pub(crate) fn acquire(
        self: &Arc<Self>,
        address: Option<IpAddr>,
    ) -> Result<(ConnectionPermit, bool), LimitReached> {
        let group = Group::of(address);
        let mut state = self.state();
        let mut evicted = false;
        // A trusted proxy carries connections of many clients.
        if group.is_known() && state.size_of(group) >= self.limit_per_address {
            evicted = state.end_of(group);
            if !evicted {
                return Err(LimitReached::PerClient);
            }
        }
        while state.len() >= self.limit {
            if !state.end_any() && !state.end_answering_for(group) {
                return Err(LimitReached::Global);
            }
            evicted = true;
        }
        let end = Arc::<End>::default();
        let number = state.add(group, Arc::clone(&end));
        Ok((ConnectionPermit { connections: Arc::clone(self), number, end }, evicted))
    }

    /// Ends an idle or arriving connection when the system has no socket left; returns whether there was one.
    pub(crate) fn spare_one(&self) -> bool {
        self.state().end_any()
    }

    /// Returns the number of connections, without streams that the server writes itself.
    pub(crate) fn total(&self) -> usize {
        self.state().permits.len()
    }

    /// Ignores poisoning: the state is consistent after every statement. The lock is never held across I/O.
    fn state(&self) -> MutexGuard<'_, ConnectionTable> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionPermit {
    /// Records the connection's activity, unless its request waits.
    pub(super) fn set(&self, activity: Activity) {
        let mut state = self.connections.state();
        if state.permits.get(&self.number).is_some_and(|connection| connection.activity != Activity::Waiting)
        {
            state.set(self.number, activity);
        }
    }

    /// Marks the connection as waiting for a change. Until the guard is dropped, only the permit of its stream or long
    /// poll counts.
    pub(crate) fn wait(self: Arc<Self>) -> WaitGuard {
        self.set(Activity::Waiting);
        WaitGuard(self)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut state = self.connections.state();
        state.set(self.number, Activity::Waiting);
        state.permits.remove(&self.number);
    }
}

impl Drop for WaitGuard {
    fn drop(&mut self) {
        self.0.connections.state().set(self.0.number, Activity::Answering);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::config::Environment;

    fn connections(connections: usize, connections_per_address: usize) -> Arc<Connections> {
        let limits = Limits::of(Environment::Local);
        Connections::new(&Limits { connections, connections_per_address, ..limits })
    }

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    fn lost(permits: &[&ConnectionPermit]) -> Vec<bool> {
        permits.iter().map(|permit| permit.end.lost.load(Ordering::Relaxed)).collect()
    }

    #[test]
    fn idle_connections_give_way_before_those_that_read() {
        let all = connections(3, 3);
        let (first, _) = all.acquire(address(1)).unwrap();
        let (second, _) = all.acquire(address(2)).unwrap();
        let (third, _) = all.acquire(address(3)).unwrap();
        second.set(Activity::Idle);
        third.set(Activity::Answering);
        let (_fourth, evicted) = all.acquire(address(4)).unwrap();
        assert!(evicted);
        assert_eq!(lost(&[&first, &second, &third]), [false, true, false]);
        let (_fifth, _) = all.acquire(address(5)).unwrap();
        assert_eq!(lost(&[&first, &second, &third]), [true, true, false]);
        assert_eq!(all.total(), 3);
    }

    #[test]
    fn waiting_connections_take_no_permit_until_answered() {
        let all = connections(1, 1);
        let first = Arc::new(all.acquire(address(1)).unwrap().0);
        let waiting = Arc::clone(&first).wait();
        let (second, evicted) = all.acquire(address(1)).unwrap();
        assert!(!evicted);
        second.set(Activity::Answering);
        assert_eq!(all.acquire(address(1)).err(), Some(LimitReached::PerClient));
        assert_eq!(all.acquire(address(2)).err(), Some(LimitReached::Global));
        drop(waiting);
        first.set(Activity::Idle);
        // One connection too many now exists, and only the idle one can be ended.
        assert_eq!(all.acquire(address(2)).err(), Some(LimitReached::Global));
        assert_eq!(lost(&[&first, &second]), [true, false]);
    }

    #[test]
    fn one_address_keeps_the_others_out_by_no_kind_of_connection() {
        let all = connections(4, 4);
        let many: Vec<ConnectionPermit> = (0..4).map(|_| all.acquire(address(1)).unwrap().0).collect();
        many.iter().for_each(|permit| permit.set(Activity::Answering));
        assert_eq!(all.acquire(address(1)).err(), Some(LimitReached::PerClient));
        let (other, _) = all.acquire(address(2)).unwrap();
        assert_eq!(lost(&many.iter().collect::<Vec<_>>()), [true, false, false, false]);
        assert_eq!(lost(&[&other]), [false]);
    }

    #[test]
    fn a_proxy_has_any_number_and_gives_way_last() {
        let all = connections(3, 1);
        let proxies: Vec<ConnectionPermit> = (0..2).map(|_| all.acquire(None).unwrap().0).collect();
        proxies.iter().for_each(|permit| permit.set(Activity::Idle));
        let (stranger, _) = all.acquire(address(1)).unwrap();
        stranger.set(Activity::Idle);
        let (_newcomer, _) = all.acquire(address(2)).unwrap();
        assert_eq!(lost(&[&proxies[0], &proxies[1], &stranger]), [false, false, true]);
    }

    #[test]
    fn nothing_is_kept_of_connections_that_ended() {
        let all = connections(2, 2);
        let (first, _) = all.acquire(address(1)).unwrap();
        first.set(Activity::Idle);
        drop(first);
        let state = all.state();
        assert_eq!((state.permits.len(), state.len(), state.idle.len()), (0, 0, 0));
    }
}

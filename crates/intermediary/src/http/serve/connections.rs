//! Limits the connections that wait for requests or are being answered, in total and per address. Streams and long
//! polls have permits of their own ([`crate::limits::concurrency`]) and do not count here. A newcomer takes the permit
//! of an idle connection, then of one whose request is still arriving; it is refused only if all are being answered.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::task::AtomicWaker;

use crate::{
    config::Limits,
    limits::eviction::{EvictionQueue, Group},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// The connection waits for its client's next request.
    Idle,
    /// The client is sending a request.
    Reading,
    Answering,
    /// A stream or long poll, which has its own permit, waits for a change.
    Waiting,
}

/// All connections of the server's own socket. The limits bound the memory.
pub(crate) struct Connections {
    limit: usize,
    limit_per_address: usize,
    state: Mutex<State>,
}

struct State {
    /// The number of the next change of activity.
    next: u64,
    /// Every connection, including waiting streams and long polls.
    permits: HashMap<u64, Connection>,
    idle: EvictionQueue<u64>,
    reading: EvictionQueue<u64>,
    answering: EvictionQueue<u64>,
}

struct Connection {
    activity: Activity,
    /// The number of the change to the present activity.
    since: u64,
    group: Group,
    end: Arc<End>,
}

/// Signals to a connection that it lost its permit.
#[derive(Default)]
pub(super) struct End {
    lost: AtomicBool,
    waker: AtomicWaker,
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
        let state = State {
            next: 0,
            permits: HashMap::new(),
            idle: EvictionQueue::new(),
            reading: EvictionQueue::new(),
            answering: EvictionQueue::new(),
        };
        let (limit, limit_per_address) = (limits.connections, limits.connections_per_address);
        Arc::new(Self { limit, limit_per_address, state: Mutex::new(state) })
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
        let number = state.next;
        state.next += 1;
        let end = Arc::<End>::default();
        let connection =
            Connection { activity: Activity::Reading, since: number, group, end: Arc::clone(&end) };
        state.reading.add(group, number, number);
        state.permits.insert(number, connection);
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
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn len(&self) -> usize {
        self.idle.len() + self.reading.len() + self.answering.len()
    }

    fn size_of(&self, group: Group) -> usize {
        self.idle.size_of(group) + self.reading.size_of(group) + self.answering.size_of(group)
    }

    /// Ends the oldest idle or arriving connection of this address.
    fn end_of(&mut self, group: Group) -> bool {
        let oldest = self.idle.remove_oldest_of(group).or_else(|| self.reading.remove_oldest_of(group));
        self.end(oldest)
    }

    /// Ends the oldest idle or arriving connection of the address with most.
    fn end_any(&mut self) -> bool {
        let oldest = oldest_of_largest(&mut self.idle).or_else(|| oldest_of_largest(&mut self.reading));
        self.end(oldest)
    }

    /// Ends a connection that is being answered if its address has more of them than the newcomer's, so that one
    /// address cannot keep others out with slow responses.
    fn end_answering_for(&mut self, newcomer: Group) -> bool {
        let has_more = |largest: &Group| {
            largest.is_known() && self.answering.size_of(*largest) > self.answering.size_of(newcomer) + 1
        };
        let largest = self.answering.largest().filter(has_more);
        let oldest = largest.and_then(|largest| self.answering.remove_oldest_of(largest));
        self.end(oldest)
    }

    fn end(&mut self, number: Option<u64>) -> bool {
        let connection = number.and_then(|number| self.permits.remove(&number));
        if let Some(connection) = &connection {
            connection.end.lost.store(true, Ordering::Release);
            connection.end.waker.wake();
        }
        connection.is_some()
    }

    fn queue(&mut self, activity: Activity) -> Option<&mut EvictionQueue<u64>> {
        match activity {
            Activity::Idle => Some(&mut self.idle),
            Activity::Reading => Some(&mut self.reading),
            Activity::Answering => Some(&mut self.answering),
            Activity::Waiting => None,
        }
    }

    fn set(&mut self, number: u64, activity: Activity) {
        // A connection that lost its permit is no longer listed.
        let Some(connection) = self.permits.get_mut(&number) else { return };
        let (before, since, group) = (connection.activity, connection.since, connection.group);
        let now = self.next;
        (connection.activity, connection.since) = (activity, now);
        self.next += 1;
        if let Some(queue) = self.queue(before) {
            queue.remove(group, since);
        }
        if let Some(queue) = self.queue(activity) {
            queue.add(group, now, number);
        }
    }
}

fn oldest_of_largest(queue: &mut EvictionQueue<u64>) -> Option<u64> {
    queue.largest().and_then(|largest| queue.remove_oldest_of(largest))
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

    /// Marks the connection as waiting for a change. Until the guard is dropped, only the permit of its stream or long poll
    /// counts.
    pub(crate) fn wait(self: Arc<Self>) -> WaitGuard {
        self.set(Activity::Waiting);
        WaitGuard(self)
    }
}

impl End {
    /// Returns whether the permit is lost; otherwise registers the waker.
    pub(super) fn is_lost(&self, waker: &std::task::Waker) -> bool {
        self.waker.register(waker);
        self.lost.load(Ordering::Acquire)
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

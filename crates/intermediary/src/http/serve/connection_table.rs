//! The connections with a permit, by what they do, and which of them gives way.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::task::AtomicWaker;

use crate::limits::eviction::{EvictionQueue, Group};

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

pub(super) struct ConnectionTable {
    /// The number of the next change of activity.
    next: u64,
    /// Every connection, including waiting streams and long polls.
    pub(super) permits: HashMap<u64, Connection>,
    pub(super) idle: EvictionQueue<u64>,
    reading: EvictionQueue<u64>,
    answering: EvictionQueue<u64>,
}

pub(super) struct Connection {
    pub(super) activity: Activity,
    /// The number of the change to the present activity.
    since: u64,
    group: Group,
    end: Arc<End>,
}

/// Signals to a connection that it lost its permit.
#[derive(Default)]
pub(super) struct End {
    pub(super) lost: AtomicBool,
    waker: AtomicWaker,
}

impl ConnectionTable {
    pub(super) fn new() -> Self {
        Self {
            next: 0,
            permits: HashMap::new(),
            idle: EvictionQueue::new(),
            reading: EvictionQueue::new(),
            answering: EvictionQueue::new(),
        }
    }

    /// Adds a connection whose request is arriving; returns its number.
    pub(super) fn add(&mut self, group: Group, end: Arc<End>) -> u64 {
        let number = self.next;
        self.next += 1;
        let connection = Connection { activity: Activity::Reading, since: number, group, end };
        self.reading.add(group, number, number);
        self.permits.insert(number, connection);
        number
    }

    pub(super) fn len(&self) -> usize {
        self.idle.len() + self.reading.len() + self.answering.len()
    }

    pub(super) fn size_of(&self, group: Group) -> usize {
        self.idle.size_of(group) + self.reading.size_of(group) + self.answering.size_of(group)
    }

    /// Ends the oldest idle or arriving connection of this address.
    pub(super) fn end_of(&mut self, group: Group) -> bool {
        let oldest = self.idle.remove_oldest_of(group).or_else(|| self.reading.remove_oldest_of(group));
        self.end(oldest)
    }

    /// Ends the oldest idle or arriving connection of the address with most.
    pub(super) fn end_any(&mut self) -> bool {
        let oldest = oldest_of_largest(&mut self.idle).or_else(|| oldest_of_largest(&mut self.reading));
        self.end(oldest)
    }

    /// Ends a connection that is being answered if its address has more of them than the newcomer's, so that one
    /// address cannot keep others out with slow responses.
    pub(super) fn end_answering_for(&mut self, newcomer: Group) -> bool {
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

    pub(super) fn set(&mut self, number: u64, activity: Activity) {
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

impl End {
    /// Returns whether the permit is lost; otherwise registers the waker.
    pub(super) fn is_lost(&self, waker: &std::task::Waker) -> bool {
        self.waker.register(waker);
        self.lost.load(Ordering::Acquire)
    }
}

//! Wakes the streams and long polls of a checkout when it has changed.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::{
    domain::checkout::{Checkout, CheckoutId},
    limits::concurrency::{CheckoutPermits, ConcurrencyLimiter, Permit},
    stream::sse_event::SseEvent,
};

/// The age up to which an event is reused: it contains the server's time.
const FRESH: Duration = Duration::from_secs(1);

/// One topic per watched checkout, with only the newest state: a slow subscriber can miss intermediate states, but
/// never the present one.
pub(crate) struct Hub {
    /// Limits subscribers: each holds a connection and some memory, and anyone who knows one checkout's id could open
    /// thousands.
    subscribers: Arc<ConcurrencyLimiter>,
    watched: Mutex<HashMap<CheckoutId, Watched>>,
}

struct Watched {
    topic: Arc<Topic>,
    subscribers: usize,
    permits: CheckoutPermits,
}

struct Topic {
    id: CheckoutId,
    update: Mutex<Option<Arc<Update>>>,
    changed: Arc<Notify>,
}

/// A state, and its event, which all subscribers share.
pub(crate) struct Update {
    pub(crate) checkout: Checkout,
    since: Instant,
    event: OnceLock<Option<SseEvent>>,
}

/// A subscription to a topic. Dropping it ends it.
#[must_use = "dropping the subscription ends it"]
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    topic: Arc<Topic>,
    permit: Option<Arc<Permit>>,
}

impl Hub {
    pub(crate) fn new(subscribers: Arc<ConcurrencyLimiter>) -> Self {
        Self { subscribers, watched: Mutex::default() }
    }

    /// Subscribes to a checkout. Subscribe first and read the store afterwards, so that a change in between arrives
    /// twice rather than never. Takes no permit yet: the checkout may not exist.
    pub(crate) fn subscribe(self: &Arc<Self>, id: &CheckoutId) -> Subscription {
        let mut watched = self.watched();
        let new = || Watched {
            topic: Arc::new(Topic::new(id)),
            subscribers: 0,
            permits: CheckoutPermits::default(),
        };
        let entry = watched.entry(id.clone()).or_insert_with(new);
        entry.subscribers += 1;
        let topic = Arc::clone(&entry.topic);
        drop(watched);
        Subscription { hub: Arc::clone(self), topic, permit: None }
    }

    /// Notifies the subscribers of a checkout. Two changes may be published in the wrong order; the newer one stays.
    pub(crate) fn publish(&self, checkout: &Checkout) {
        let topic = self.watched().get(&checkout.id).map(|entry| Arc::clone(&entry.topic));
        if let Some(topic) = topic {
            topic.publish(checkout);
        }
    }

    /// Returns how many permits are held.
    pub(crate) fn subscribers(&self) -> usize {
        self.subscribers.total()
    }

    pub(crate) fn all_watched(&self) -> Vec<CheckoutId> {
        self.watched().keys().cloned().collect()
    }

    pub(crate) fn is_watched(&self, id: &CheckoutId) -> bool {
        self.watched().contains_key(id)
    }

    /// Ignores poisoning: the state is consistent after every statement. The lock is never held across I/O.
    fn watched(&self) -> MutexGuard<'_, HashMap<CheckoutId, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn new(id: &CheckoutId) -> Self {
        Self { id: id.clone(), update: Mutex::default(), changed: Arc::default() }
    }

    fn publish(&self, checkout: &Checkout) {
        let mut update = self.update.lock().unwrap_or_else(PoisonError::into_inner);
        if update.as_ref().is_none_or(|known| known.checkout.version < checkout.version) {
            *update = Some(Arc::new(Update::new(checkout.clone())));
            drop(update);
            self.changed.notify_waiters();
        }
    }

    fn newer_than(&self, version: u32) -> Option<Arc<Update>> {
        let update = self.update.lock().unwrap_or_else(PoisonError::into_inner);
        update.as_ref().filter(|update| update.checkout.version > version).cloned()
    }
}

impl Update {
    fn new(checkout: Checkout) -> Self {
        Self { checkout, since: Instant::now(), event: OnceLock::new() }
    }

    /// Returns the snapshot as an event, written once for all subscribers that read it within [`FRESH`].
    pub(crate) fn sse_event(&self) -> Option<SseEvent> {
        if self.since.elapsed() > FRESH {
            return SseEvent::status(&self.checkout.snapshot());
        }
        self.event.get_or_init(|| SseEvent::status(&self.checkout.snapshot())).clone()
    }
}

impl Subscription {
    /// Takes a permit; returns how many permits were revoked for it.
    pub(crate) fn stay(&mut self, address: Option<IpAddr>) -> usize {
        let mut watched = self.hub.watched();
        // The entry exists while it has subscribers, and this is one.
        let Some(entry) = watched.get_mut(&self.topic.id) else { return 0 };
        let (permit, revoked_permits) =
            self.hub.subscribers.acquire(address, &mut entry.permits, &self.topic.changed);
        self.permit = Some(permit);
        revoked_permits
    }

    /// Waits for a state newer than `version`; returns `None` if a newcomer took the permit.
    pub(crate) async fn newer_than(&self, version: u32) -> Option<Arc<Update>> {
        loop {
            // Created before the check, so that a publication in between wakes it.
            let changed = self.topic.changed.notified();
            if let Some(update) = self.topic.newer_than(version) {
                return Some(update);
            }
            if self.permit.as_ref().is_some_and(|permit| permit.is_revoked()) {
                return None;
            }
            changed.await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut watched = self.hub.watched();
        if let Some(entry) = watched.get_mut(&self.topic.id) {
            if let Some(permit) = &self.permit {
                self.hub.subscribers.release(&mut entry.permits, permit);
            }
            entry.subscribers -= 1;
            if entry.subscribers == 0 {
                watched.remove(&self.topic.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use wire::Status;

    use super::*;
    use crate::config::{Environment, Limits};

    fn checkout(version: u32) -> Checkout {
        Checkout { version, ..Checkout::for_test(Status::Pending) }
    }

    /// Creates a hub with limits in total, per address and per checkout.
    fn hub(streams: usize, streams_per_address: usize, streams_per_checkout: usize) -> Arc<Hub> {
        let limits = Limits::of(Environment::Local);
        let limits = Limits { streams, streams_per_address, streams_per_checkout, ..limits };
        Arc::new(Hub::new(ConcurrencyLimiter::new(&limits)))
    }

    fn subscriber(hub: &Arc<Hub>, checkout: char, address: Option<u8>) -> Subscription {
        let id = CheckoutId::parse(&checkout.to_string().repeat(32)).unwrap();
        let mut subscription = hub.subscribe(&id);
        subscription.stay(address.map(|last| IpAddr::from([203, 0, 113, last])));
        subscription
    }

    fn has_lost(subscriber: &Subscription) -> bool {
        subscriber.newer_than(1).now_or_never().is_some_and(|update| update.is_none())
    }

    #[test]
    fn slow_subscriber_gets_the_newest_state_despite_wrong_order() {
        let hub = hub(10, 10, 10);
        let subscriber = hub.subscribe(&checkout(1).id);
        for version in [2, 4, 3] {
            hub.publish(&checkout(version));
        }
        assert_eq!(subscriber.newer_than(1).now_or_never().unwrap().unwrap().checkout.version, 4);
        assert!(subscriber.newer_than(4).now_or_never().is_none());
    }

    #[test]
    fn all_subscribers_share_one_event() {
        let hub = hub(10, 10, 10);
        let subscribers = [(); 2].map(|()| hub.subscribe(&checkout(1).id));
        hub.publish(&checkout(2));
        let [first, second] = subscribers.map(|subscriber| {
            subscriber.newer_than(1).now_or_never().unwrap().unwrap().sse_event().unwrap().event()
        });
        assert!(first.starts_with(b"event: status\nid: 2\ndata: {"));
        assert_eq!(first.as_ptr(), second.as_ptr());
    }

    #[test]
    fn topic_without_subscribers_is_dropped() {
        let hub = hub(10, 10, 10);
        let (first, second) = (subscriber(&hub, '0', None), subscriber(&hub, '0', None));
        drop(first);
        assert_eq!((hub.watched().len(), hub.subscribers()), (1, 1));
        drop(second);
        assert_eq!((hub.watched().len(), hub.subscribers()), (0, 0));
        hub.publish(&checkout(2));
    }

    #[test]
    fn oldest_stream_of_a_full_checkout_gives_way() {
        let hub = hub(10, 10, 2);
        let subscribers: Vec<_> = (1..=3).map(|last| subscriber(&hub, '0', Some(last))).collect();
        assert_eq!(subscribers.iter().map(has_lost).collect::<Vec<_>>(), [true, false, false]);
        let _other = subscriber(&hub, '1', Some(1));
        assert_eq!((hub.subscribers(), has_lost(&subscribers[1])), (3, false));
    }

    #[test]
    fn oldest_stream_of_a_full_address_gives_way() {
        let hub = hub(10, 2, 10);
        let subscribers: Vec<_> = [('0', 1), ('1', 2), ('2', 1), ('3', 1)]
            .map(|(id, last)| subscriber(&hub, id, Some(last)))
            .into();
        assert_eq!(subscribers.iter().map(has_lost).collect::<Vec<_>>(), [true, false, false, false]);
    }

    #[test]
    fn total_limit_ends_the_oldest_of_the_address_with_most() {
        let hub = hub(4, 10, 10);
        let addresses = [('0', 1), ('1', 2), ('2', 2), ('3', 1), ('4', 2), ('5', 3)];
        // The fifth comes while two addresses have two each, and the first of them has the oldest; the sixth while they
        // have one and three.
        let subscribers: Vec<_> = addresses.map(|(id, last)| subscriber(&hub, id, Some(last))).into();
        let revoked: Vec<_> = subscribers.iter().map(has_lost).collect();
        assert_eq!(revoked, [true, true, false, false, false, false]);
        assert_eq!(hub.subscribers(), 4);
    }

    #[test]
    fn news_come_before_the_loss_of_a_place() {
        let hub = hub(10, 10, 1);
        let first = subscriber(&hub, '0', None);
        hub.publish(&checkout(2));
        let _second = subscriber(&hub, '0', None);
        assert_eq!(first.newer_than(1).now_or_never().unwrap().unwrap().checkout.version, 2);
        assert!(first.newer_than(2).now_or_never().unwrap().is_none());
    }
}

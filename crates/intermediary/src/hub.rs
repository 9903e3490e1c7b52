//! Wakes the streams and long polls of a checkout when it has changed.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::{
    census::{Census, Full, Place},
    error::Error,
    frame::Frame,
    store::{Checkout, CheckoutId},
};

/// A frame says the server's time; one that is older is written anew.
const FRESH: Duration = Duration::from_secs(1);

/// One channel per checkout that somebody watches, holding only the newest state: a slow reader can miss
/// history, but never the present.
pub(crate) struct Hub {
    /// Each reader holds a connection and a little memory, and anyone who knows one checkout's id could open
    /// them by the thousand.
    readers: Arc<Census>,
    watched: Mutex<HashMap<CheckoutId, Watched>>,
}

struct Watched {
    channel: Arc<Channel>,
    readers: usize,
}

struct Channel {
    id: CheckoutId,
    news: Mutex<Option<Arc<News>>>,
    changed: Notify,
}

/// A state, and its frame for all who read it.
pub(crate) struct News {
    pub(crate) checkout: Checkout,
    since: Instant,
    frame: OnceLock<Option<Frame>>,
}

/// A reader's end. Dropping it ends it.
#[must_use = "dropping the subscription ends it"]
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    channel: Arc<Channel>,
    _place: Place,
}

impl Hub {
    /// For so many readers.
    pub(crate) fn new(readers: Arc<Census>) -> Self {
        Self { readers, watched: Mutex::default() }
    }

    /// Begins to listen. Subscribe first and read the store afterwards: what changes in between then comes
    /// by both ways instead of by none.
    ///
    /// # Errors
    /// [`Error::TooManyStreams`] for this address, [`Error::Unavailable`] for all.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        id: &CheckoutId,
        address: Option<IpAddr>,
    ) -> Result<Subscription, Error> {
        let place = self.readers.enter(address).map_err(|full| match full {
            Full::House => Error::Unavailable,
            Full::Address => Error::TooManyStreams,
        })?;
        let mut watched = self.watched();
        let new = || Watched { channel: Arc::new(Channel::new(id)), readers: 0 };
        let entry = watched.entry(id.clone()).or_insert_with(new);
        entry.readers += 1;
        let channel = Arc::clone(&entry.channel);
        drop(watched);
        Ok(Subscription { hub: Arc::clone(self), channel, _place: place })
    }

    /// Tells whoever watches. Two changes may be told in the wrong order: the newer one stays.
    pub(crate) fn publish(&self, checkout: &Checkout) {
        let channel = self.watched().get(&checkout.id).map(|entry| Arc::clone(&entry.channel));
        if let Some(channel) = channel {
            channel.put(checkout);
        }
    }

    /// How many read at the moment.
    pub(crate) fn readers(&self) -> usize {
        self.readers.total()
    }

    /// The checkouts that somebody watches.
    pub(crate) fn all_watched(&self) -> Vec<CheckoutId> {
        self.watched().keys().cloned().collect()
    }

    /// Whether somebody watches this checkout.
    pub(crate) fn is_watched(&self, id: &CheckoutId) -> bool {
        self.watched().contains_key(id)
    }

    /// Whole after every statement, so a panic elsewhere can't have left it in pieces. Held for no I/O.
    fn watched(&self) -> MutexGuard<'_, HashMap<CheckoutId, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    fn new(id: &CheckoutId) -> Self {
        Self { id: id.clone(), news: Mutex::default(), changed: Notify::new() }
    }

    fn put(&self, checkout: &Checkout) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        if news.as_ref().is_none_or(|known| known.checkout.version < checkout.version) {
            *news = Some(Arc::new(News::new(checkout.clone())));
            drop(news);
            self.changed.notify_waiters();
        }
    }

    fn newer_than(&self, version: u32) -> Option<Arc<News>> {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.as_ref().filter(|news| news.checkout.version > version).cloned()
    }
}

impl News {
    fn new(checkout: Checkout) -> Self {
        Self { checkout, since: Instant::now(), frame: OnceLock::new() }
    }

    /// The snapshot as an event: written once for all readers that come in time.
    pub(crate) fn frame(&self) -> Option<Frame> {
        if self.since.elapsed() > FRESH {
            return Frame::status(&self.checkout.snapshot());
        }
        self.frame.get_or_init(|| Frame::status(&self.checkout.snapshot())).clone()
    }
}

impl Subscription {
    /// Waits for a state newer than `version`.
    pub(crate) async fn newer_than(&self, version: u32) -> Arc<News> {
        loop {
            // Made before the look: what is told in between wakes it.
            let changed = self.channel.changed.notified();
            if let Some(news) = self.channel.newer_than(version) {
                return news;
            }
            changed.await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut watched = self.hub.watched();
        if let Some(entry) = watched.get_mut(&self.channel.id) {
            entry.readers -= 1;
            if entry.readers == 0 {
                watched.remove(&self.channel.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use banq_checkout_wire::Status;
    use futures_util::FutureExt;

    use super::*;

    fn checkout(version: u32) -> Checkout {
        Checkout { version, ..Checkout::for_test(Status::Pending) }
    }

    fn hub(limit: usize) -> Arc<Hub> {
        Arc::new(Hub::new(Census::new(limit, limit)))
    }

    #[test]
    fn a_slow_reader_gets_the_present_also_when_it_was_told_out_of_order() {
        let hub = hub(10);
        let reader = hub.subscribe(&checkout(1).id, None).unwrap();
        for version in [2, 4, 3] {
            hub.publish(&checkout(version));
        }
        assert_eq!(reader.newer_than(1).now_or_never().unwrap().checkout.version, 4);
        assert!(reader.newer_than(4).now_or_never().is_none());
    }

    #[test]
    fn all_readers_share_one_frame() {
        let hub = hub(10);
        let readers = [(); 2].map(|()| hub.subscribe(&checkout(1).id, None).unwrap());
        hub.publish(&checkout(2));
        let [first, second] =
            readers.map(|reader| reader.newer_than(1).now_or_never().unwrap().frame().unwrap().event());
        assert!(first.starts_with(b"event: status\nid: 2\ndata: {"));
        assert_eq!(first.as_ptr(), second.as_ptr());
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let hub = hub(10);
        let (first, second) =
            (hub.subscribe(&checkout(1).id, None).unwrap(), hub.subscribe(&checkout(1).id, None).unwrap());
        drop(first);
        assert_eq!((hub.watched().len(), hub.readers()), (1, 1));
        drop(second);
        assert_eq!((hub.watched().len(), hub.readers()), (0, 0));
        hub.publish(&checkout(2));
    }

    #[test]
    fn there_is_a_limit_and_it_is_given_back() {
        let hub = hub(3);
        let mut readers: Vec<_> = (0..3).map(|_| hub.subscribe(&checkout(1).id, None).unwrap()).collect();
        assert!(matches!(hub.subscribe(&checkout(1).id, None), Err(Error::Unavailable)));
        readers.pop();
        assert!(hub.subscribe(&checkout(1).id, None).is_ok());
    }
}

//! Wakes the streams and long polls of a checkout when it has changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{
    error::Error,
    store::{Checkout, CheckoutId},
};

/// How many readers there can be in all: each holds a connection and a little memory, and anyone who knows
/// one checkout's id could open them by the thousand.
const LIMIT: usize = 10_000;

type News = watch::Sender<Option<Arc<Checkout>>>;

/// One channel per checkout that somebody watches, holding only the newest state: a slow reader can miss
/// history, but never the present.
#[derive(Default)]
pub(crate) struct Hub {
    watched: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    channels: HashMap<CheckoutId, News>,
    readers: usize,
}

/// A reader's end. Dropping it ends it.
#[must_use = "dropping the subscription ends it"]
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    id: CheckoutId,
    news: watch::Receiver<Option<Arc<Checkout>>>,
}

impl Hub {
    /// Begins to listen. Subscribe first and read the store afterwards: what changes in between then comes
    /// by both ways instead of by none.
    pub(crate) fn subscribe(self: &Arc<Self>, id: &CheckoutId) -> Result<Subscription, Error> {
        let mut watched = self.watched();
        if watched.readers == LIMIT {
            return Err(Error::Unavailable);
        }
        watched.readers += 1;
        let news = watched.channels.entry(id.clone()).or_insert_with(|| watch::channel(None).0).subscribe();
        Ok(Subscription { hub: Arc::clone(self), id: id.clone(), news })
    }

    /// Tells whoever watches. Two changes may be told in the wrong order: the newer one stays.
    pub(crate) fn publish(&self, checkout: &Checkout) {
        if let Some(news) = self.watched().channels.get(&checkout.id) {
            news.send_if_modified(|known| {
                let is_newer = known.as_ref().is_none_or(|known| known.version < checkout.version);
                if is_newer {
                    *known = Some(Arc::new(checkout.clone()));
                }
                is_newer
            });
        }
    }

    /// The checkouts that somebody watches.
    pub(crate) fn all_watched(&self) -> Vec<CheckoutId> {
        self.watched().channels.keys().cloned().collect()
    }

    /// Whether somebody watches this checkout.
    pub(crate) fn is_watched(&self, id: &CheckoutId) -> bool {
        self.watched().channels.contains_key(id)
    }

    /// Whole after every statement, so a panic elsewhere can't have left it in pieces. Held for no I/O.
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// Waits for a state newer than `version`.
    pub(crate) async fn newer_than(&mut self, version: u32) -> Arc<Checkout> {
        loop {
            let newer = self.news.borrow_and_update().clone().filter(|checkout| checkout.version > version);
            if let Some(checkout) = newer {
                return checkout;
            }
            if self.news.changed().await.is_err() {
                // The hub keeps the sender as long as this lives, so this is never reached; if it were, there
                // would be no news to come.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut watched = self.hub.watched();
        watched.readers -= 1;
        // This one is still counted.
        if watched.channels.get(&self.id).is_some_and(|news| news.receiver_count() <= 1) {
            watched.channels.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use banq_checkout_wire::Status;
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;
    use crate::{money::Amount, store::Terms};

    fn checkout(version: u32) -> Checkout {
        Checkout {
            id: CheckoutId::parse(&"0".repeat(32)).unwrap(),
            order_id: "1".into(),
            terms: Terms {
                funds: Amount::parse("2").unwrap(),
                currency: "USD".into(),
                comment: String::new(),
            },
            attempt_key: Uuid::nil(),
            payment_id: None,
            url: None,
            standing: Status::Pending.into(),
            version,
            expires_at: 0,
            created_at: 0,
            updated_at: 0,
        }
    }

    #[test]
    fn a_slow_reader_gets_the_present_also_when_it_was_told_out_of_order() {
        let hub = Arc::new(Hub::default());
        let mut reader = hub.subscribe(&checkout(1).id).unwrap();
        for version in [2, 4, 3] {
            hub.publish(&checkout(version));
        }
        assert_eq!(reader.newer_than(1).now_or_never().unwrap().version, 4);
        assert!(reader.newer_than(4).now_or_never().is_none());
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let hub = Arc::new(Hub::default());
        let (first, second) =
            (hub.subscribe(&checkout(1).id).unwrap(), hub.subscribe(&checkout(1).id).unwrap());
        drop(first);
        assert_eq!(hub.watched().channels.len(), 1);
        drop(second);
        // One look at a time: two in one expression would wait for each other.
        assert_eq!(hub.watched().channels.len(), 0);
        assert_eq!(hub.watched().readers, 0);
        hub.publish(&checkout(2));
    }

    #[test]
    fn there_is_a_limit_and_it_is_given_back() {
        let hub = Arc::new(Hub::default());
        let mut readers: Vec<_> = (0..LIMIT).map(|_| hub.subscribe(&checkout(1).id).unwrap()).collect();
        assert!(hub.subscribe(&checkout(1).id).is_err());
        readers.pop();
        assert!(hub.subscribe(&checkout(1).id).is_ok());
    }
}

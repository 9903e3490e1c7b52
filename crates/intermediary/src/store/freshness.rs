//! Which connections are still good.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

/// The time since which new connections are good. When an error shows that the server behind them has changed, all
/// older connections are condemned. Clones share it.
#[derive(Clone)]
pub(super) struct Freshness(Arc<watch::Sender<Option<Instant>>>);

impl Freshness {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Returns whether a connection of this age may still be used.
    pub(super) fn allows(&self, age: Duration) -> bool {
        self.0.borrow().is_none_or(|condemned| condemned.elapsed() >= age)
    }

    /// Returns a receiver that is notified each time the older connections are condemned.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Instant>> {
        self.0.subscribe()
    }

    pub(super) fn condemn(&self) {
        self.0.send_replace(Some(Instant::now()));
    }
}

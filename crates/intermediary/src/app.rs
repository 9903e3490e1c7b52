//! What every part of the server shares.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    attempt::Flown,
    config::Config,
    error::Error,
    fulfilment::Fulfilment,
    hub::Hub,
    origin::Origins,
    provider::Provider,
    single_flight::SingleFlight,
    store::{Checkout, Store},
};

/// The server's inside.
pub(crate) struct App {
    pub(crate) config: Config,
    /// Where browsers reach this server, without a slash at the end.
    pub(crate) public_url: String,
    /// The pages that may ask.
    pub(crate) origins: Origins,
    pub(crate) store: Store,
    pub(crate) provider: Provider,
    /// Tells the shop, if it wants to be told.
    pub(crate) fulfilment: Option<Fulfilment>,
    pub(crate) hub: Arc<Hub>,
    /// One request for a link per order.
    pub(crate) flights: SingleFlight<String, Flown>,
    /// Tells the worker that there is something to do.
    pub(crate) wake: Notify,
    /// Whether the worker still runs.
    pub(crate) worker: CancellationToken,
    /// Ends streams, polls and the worker.
    pub(crate) stopping: CancellationToken,
    /// What a stop waits for.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// The absolute address of a checkout's stream.
    pub(crate) fn events_url(&self, checkout_id: &str) -> String {
        format!("{}/checkouts/{checkout_id}/events", self.public_url)
    }

    /// A status has changed and is on disk: tells whoever watches, and has the shop told.
    pub(crate) fn changed(&self, checkout: &Checkout) {
        self.hub.publish(checkout);
        self.wake.notify_one();
    }

    /// Whether the server can do its work: the database answers and the worker runs.
    pub(crate) async fn is_ready(&self) -> Result<(), Error> {
        if self.stopping.is_cancelled() || self.worker.is_cancelled() {
            return Err(Error::Unavailable);
        }
        self.store.ping().await
    }
}

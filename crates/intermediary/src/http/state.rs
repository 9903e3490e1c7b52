//! What every part of the server shares.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    checkout::{create_link::Flown, lifetime::Young, link_token::Tokens},
    config::Config,
    domain::order_source::OrderSource,
    health::{deployment::Deployment, readiness::Readiness},
    http::{
        failure_log::Failures, middleware::cors::Origins, routes::widget_files::Widget, serve::Connections,
    },
    limits::rate::Rate,
    metrics::Metrics,
    provider::Provider,
    single_flight::SingleFlight,
    store::{Checkout, ServerLock, Store},
    stream::{
        heartbeat::Heartbeat,
        hub::{Hub, Subscription},
    },
    worker::notify_shop::Fulfilment,
};

/// The server's inside.
pub(crate) struct App {
    pub(crate) config: Config,
    /// Where browsers reach this server, without a slash at the end.
    pub(crate) public_url: String,
    /// The pages that may ask.
    pub(crate) origins: Origins,
    /// The shop's own code, where this server is embedded.
    pub(crate) orders: Option<Box<dyn OrderSource>>,
    pub(crate) store: Store,
    /// That no other server runs on the same SQLite file.
    pub(crate) lock: ServerLock,
    pub(crate) provider: Provider,
    /// Tells the shop, if it wants to be told.
    pub(crate) fulfilment: Option<Fulfilment>,
    /// The widget's files, if this server has them.
    pub(crate) widget: Option<Arc<Widget>>,
    pub(crate) hub: Arc<Hub>,
    /// The clock of the streams' signs of life.
    pub(crate) heartbeat: Arc<Heartbeat>,
    /// The connections of the server's own socket.
    pub(crate) connections: Arc<Connections>,
    /// What there is to watch.
    pub(crate) metrics: Arc<Metrics>,
    /// What of failed requests is logged.
    pub(crate) failures: Failures,
    /// How often one address may ask for a link.
    pub(crate) link_rate: Option<Rate>,
    /// Which pages may ask for an order's link.
    pub(crate) link_tokens: Tokens,
    /// This server among those on its database.
    pub(crate) deployment: Deployment,
    /// The links that were made lately.
    pub(crate) young: Young,
    /// One request for a link per order.
    pub(crate) flights: SingleFlight<String, Flown>,
    /// Tells the worker that there is something to do.
    pub(crate) wake: Notify,
    /// When the last signs of work were seen.
    pub(crate) readiness: Readiness,
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

    /// Takes a place for a reader that stays; an older one may have to give way to it.
    pub(crate) fn stay(&self, subscription: &mut Subscription, address: Option<IpAddr>) {
        for _ in 0..subscription.stay(address) {
            self.metrics.limited("streams");
        }
    }

    /// A status has changed and is on disk: tells whoever watches, and has the shop told.
    pub(crate) fn changed(&self, checkout: &Checkout) {
        self.hub.publish(checkout);
        self.wake.notify_one();
    }
}

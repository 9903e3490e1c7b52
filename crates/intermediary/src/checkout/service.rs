//! The checkouts of one server: what its routes and its worker share.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::{
    checkout::{handoff::Handoff, in_flight::InFlight, link_lifetime::RecentLinks, question::EarlyQuestions},
    config::{Config, Environment, Tuning},
    domain::{checkout::Checkout, order_source::OrderSource},
    metrics::Metrics,
    provider::Provider,
    single_flight::SingleFlight,
    store::Store,
    stream::hub::Hub,
};

/// Creates payment links, and confirms their payments with the provider.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) provider: Provider,
    /// The shop's own code, where this server is embedded.
    pub(crate) orders: Option<Box<dyn OrderSource>>,
    /// Whether a price of the page counts.
    pub(super) allow_client_amounts: bool,
    pub(super) environment: Environment,
    pub(super) link_lifetime: Duration,
    pub(crate) tuning: Tuning,
    pub(crate) hub: Arc<Hub>,
    pub(crate) metrics: Arc<Metrics>,
    /// The links that were made lately.
    pub(super) recent_links: RecentLinks,
    /// At most one request for a link per order.
    pub(super) in_flight: InFlight,
    pub(super) early_questions: EarlyQuestions,
    /// Wakes the worker, which then looks for due jobs.
    pub(crate) wake: Notify,
    /// Hands claimed jobs to the worker.
    pub(crate) handoff: Handoff,
    /// What a stop of the server waits for.
    pub(crate) tasks: TaskTracker,
}

impl Service {
    pub(crate) fn new(
        config: &Config,
        store: Store,
        provider: Provider,
        orders: Option<Box<dyn OrderSource>>,
        hub: Arc<Hub>,
        metrics: Arc<Metrics>,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            store,
            provider,
            orders,
            allow_client_amounts: config.allow_client_amounts,
            environment: config.environment,
            link_lifetime: config.link_lifetime,
            tuning: config.tuning.clone(),
            hub,
            metrics,
            recent_links: RecentLinks::default(),
            in_flight: SingleFlight::new(tasks.clone()),
            early_questions: EarlyQuestions::default(),
            wake: Notify::new(),
            handoff: Handoff::new(),
            tasks,
        }
    }

    /// Publishes a change that is on disk to the pages that watch, and wakes the worker, which notifies the shop.
    pub(crate) fn changed(&self, checkout: &Checkout) {
        self.hub.publish(checkout);
        self.wake.notify_one();
    }
}

//! State shared by routes and middleware. Each names the parts that it uses.

use std::sync::Arc;

use axum::extract::FromRef;
use tokio_util::sync::CancellationToken;

use crate::{
    checkout::{link_token::Tokens, service::Service},
    config::Config,
    health::readiness::Readiness,
    http::{
        failure_log::FailureLog, middleware::cors::Origins, report_limits::ReportLimits,
        routes::widget_files::Widget, serve::Connections,
    },
    limits::rate::RateLimiter,
    metrics::Metrics,
    stream::{heartbeat::Heartbeat, hub::Hub},
};

#[derive(Clone, FromRef)]
pub(crate) struct AppState {
    pub(crate) config: Arc<Config>,
    pub(crate) public_url: PublicUrl,
    pub(crate) origins: Origins,
    pub(crate) checkouts: Arc<Service>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) heartbeat: Arc<Heartbeat>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) failure_log: Arc<FailureLog>,
    pub(crate) report_limits: Arc<ReportLimits>,
    pub(crate) link_rate: Option<Arc<RateLimiter>>,
    pub(crate) link_tokens: Arc<Tokens>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) widget: Option<Arc<Widget>>,
    /// Ends long polls.
    pub(crate) stopping: CancellationToken,
}

/// The address under which browsers reach this server, without a slash at the end.
#[derive(Clone)]
pub(crate) struct PublicUrl(Arc<str>);

impl PublicUrl {
    pub(crate) fn new(url: &url::Url) -> Self {
        Self(url.as_str().trim_end_matches('/').into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn events_url(&self, checkout_id: &str) -> String {
        format!("{}/checkouts/{checkout_id}/events", self.0)
    }
}

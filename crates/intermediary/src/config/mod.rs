//! How the server is set up. Reading settings is pure: [`Config::from_map`].
//!
//! - [`source`]: the environment and the file, as one map
//! - [`names`]: which names there are; [`value`]: what no value is like; [`origins`]: the shop's pages;
//!   [`urls`]: addresses
//! - [`reader`]: that map, value by value
//! - [`check`]: what contradicts what
//! - [`database`]: where everything durable is
//! - [`shared`]: the settings that all servers on one database have in common
//! - [`tuning`]: waits and intervals
//! - [`limits`]: how much one client, and all together, may take

mod check;
mod database;
mod limits;
mod names;
pub(crate) mod origins;
mod reader;
mod shared;
mod source;
pub(crate) mod spelling;
mod tuning;
mod urls;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use url::Url;
use uuid::Uuid;

pub(crate) use self::database::{Transport, postgres};
pub(crate) use self::shared::{FULFILMENT_SECRET, FULFILMENT_URL, SHARED_SETTINGS};
pub use self::{check::ConfigError, database::Database, limits::Limits, reader::Addresses, tuning::Tuning};
use crate::Secret;

/// Which Banq this is about, and so how strict the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Development against the simulator: plain HTTP and prices from the page are possible.
    Local,
    /// Banq's sandbox.
    Sandbox,
    /// Real money.
    Production,
}

/// Where and as whom to talk to Banq (vendor document 002).
#[derive(Debug, Clone)]
pub struct BanqConfig {
    /// The Open API, with a slash at the end.
    pub api_url: Url,
    /// The token endpoint.
    pub auth_url: Url,
    /// YOUR-CLIENT-ID.
    pub client_id: String,
    /// YOUR-CLIENT-USERNAME.
    pub username: String,
    /// YOUR-CLIENT-PASSWORD.
    pub password: Secret,
    /// MERCHANT-BANQ-GUID: the account that is paid.
    pub account_guid: Uuid,
    /// ACCOUNT-SPACE-ID: where the webhook is registered. Serving does not need it.
    pub account_space_id: Option<u64>,
    /// SharedSecret of the webhook registration.
    pub webhook_secret: Secret,
    /// The SharedSecret before that one, while webhooks that it signed may still come.
    pub webhook_secret_previous: Option<Secret>,
}

/// Whom to tell that an order is paid.
#[derive(Debug, Clone)]
pub struct FulfilmentConfig {
    /// Where the shop takes notifications.
    pub url: Url,
    /// What they are signed with, as Standard Webhooks writes it: `whsec_` and base64 of 24 to 64 bytes.
    pub secret: Secret,
}

/// `BANQ_LINK_TOKENS`: whether a page needs an order's token to get its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTokens {
    /// The order's id is enough; a token that is sent must be right.
    Optional,
    /// A page must send the token that `PUT /orders/{orderId}` returned.
    Required,
}

/// Everything that can be set. [`Config::check`] is run again by the server, so that a configuration that
/// was made in code is held to the same rules.
#[derive(Debug, Clone)]
pub struct Config {
    /// `BANQ_ENVIRONMENT`
    pub environment: Environment,
    /// `BANQ_API_URL` to `BANQ_WEBHOOK_SECRET`
    pub banq: BanqConfig,
    /// `BANQ_API_KEY`: the shop's own key for `PUT /orders/{orderId}`; without one that route refuses all.
    pub api_key: Option<Secret>,
    /// `BANQ_ALLOWED_ORIGINS`: the shop's pages, besides this server's own origin, as browsers write them. Without
    /// one, `local` allows the pages of this machine, on any port.
    pub allowed_origins: Vec<String>,
    /// `BANQ_ALLOW_CLIENT_AMOUNTS`: believe the page's price. Local only: a shopper can edit the page.
    pub allow_client_amounts: bool,
    /// `BANQ_LINK_TOKENS`: whether a page needs an order's token to get its link.
    pub link_tokens: LinkTokens,
    /// `BANQ_PUBLIC_URL`: where browsers reach this server, without a slash at the end. Unset, which only
    /// `local` allows: the address listened on.
    pub public_url: Option<Url>,
    /// `BANQ_LISTEN`
    pub listen: SocketAddr,
    /// `BANQ_DATABASE_URL`
    pub database: Database,
    /// `BANQ_FULFILMENT_URL` and `BANQ_FULFILMENT_SECRET`: unset, nobody is told.
    pub fulfilment: Option<FulfilmentConfig>,
    /// `BANQ_WIDGET_DIR`: served under `/widget/`. Unset, [`Config::load`] takes `dist` in the working directory in
    /// `local`, if the widget was built there.
    pub widget_dir: Option<PathBuf>,
    /// `BANQ_LINK_LIFETIME_SECONDS`: how long a link lives if the provider doesn't say.
    pub link_lifetime: Duration,
    /// `BANQ_RETENTION_DAYS`: how long what is over is kept. What was paid is kept for ever.
    pub retention: Duration,
    /// How much one client, and all together, may take.
    pub limits: Limits,
    /// `BANQ_METRICS_TOKEN`: what Prometheus sends to read `/metrics` from elsewhere than this machine.
    pub metrics_token: Option<Secret>,
    /// Waits and intervals that only tests change.
    pub tuning: Tuning,
}

impl Config {
    /// Where browsers reach this server, without a slash at the end.
    pub fn public_url(&self) -> String {
        let listened = || format!("http://{}", self.listen);
        let url = self.public_url.as_ref().map_or_else(listened, |url| url.as_str().to_owned());
        url.trim_end_matches('/').to_owned()
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! The server's configuration. Reading settings is pure: [`Config::from_map`].
//!
//! - [`source`]: reads the environment and the file into one map
//! - [`table`]: all settings; [`names`]: finds unknown names; [`value`]: mistakes that any value may have; [`origins`]:
//!   the shop's pages; [`urls`]: addresses
//! - [`reader`]: reads the map, value by value; [`whole`]: all settings; [`provider`]: those of the
//!   payment provider; [`database_settings`]: the database's alone, for commands
//! - [`check`]: checks settings against each other
//! - [`database`]: which database, and how it is reached; [`nats`]: the same for NATS
//! - [`tuning`]: waits and intervals
//! - [`limits`]: limits per client and in total

mod check;
mod database;
mod database_settings;
mod environment;
mod limits;
mod names;
mod nats;
pub(crate) mod origins;
mod provider;
mod reader;
mod source;
pub(crate) mod spelling;
mod table;
mod tuning;
mod urls;
mod value;
mod whole;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use url::Url;

pub(crate) use self::database::{Transport, postgres};
pub(crate) use self::nats::NatsLogin;
pub(crate) use self::provider::Endpoints;
pub(crate) use self::table::shared_settings;
pub use self::{
    check::ConfigError,
    database::Database,
    database_settings::DatabaseSettings,
    environment::Environment,
    limits::Limits,
    nats::NatsConfig,
    provider::{BanqConfig, ProviderAddresses, ProviderConfig},
    table::{SETTINGS, Setting},
    tuning::Tuning,
};
use crate::{Secret, widget::embedded};

pub(crate) const FULFILMENT_URL: &str = "BANQ_FULFILMENT_URL";
pub(crate) const FULFILMENT_SECRET: &str = "BANQ_FULFILMENT_SECRET";

/// Where the shop is notified of paid orders.
#[derive(Debug, Clone)]
pub struct FulfilmentConfig {
    /// The address that receives notifications.
    pub url: Url,
    /// The secret that signs them, as Standard Webhooks writes it: `whsec_` and base64 of 24 to 64 bytes.
    pub secret: Secret,
}

/// `BANQ_LINK_TOKENS`: whether a page needs an order's token to get its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTokens {
    /// The order's id is enough; a token, if sent, must be right.
    Optional,
    /// A page must send the token that `PUT /orders/{orderId}` returned.
    Required,
}

/// All settings. The server runs [`Config::check`] again, so a configuration made in code is held to the same rules.
#[derive(Debug, Clone)]
pub struct Config {
    /// `BANQ_ENVIRONMENT`
    pub environment: Environment,
    /// `BANQ_PROVIDER`, and the provider's own settings.
    pub provider: ProviderConfig,
    /// `BANQ_API_KEY`: the shop's key for `PUT /orders/{orderId}`; unset, that route refuses every request.
    pub api_key: Option<Secret>,
    /// `BANQ_ALLOWED_ORIGINS`: the shop's pages, besides this server's own origin, as browsers write them. If empty,
    /// `local` allows pages of this machine on any port.
    pub allowed_origins: Vec<String>,
    /// `BANQ_ALLOW_CLIENT_AMOUNTS`: accept the page's price. Local only: a shopper can edit the page.
    pub allow_client_amounts: bool,
    /// `BANQ_LINK_TOKENS`: whether a page needs an order's token to get its link.
    pub link_tokens: LinkTokens,
    /// `BANQ_PUBLIC_URL`: where browsers reach this server, without a slash at the end. If unset (`local` only), the
    /// server uses its listening address.
    pub public_url: Option<Url>,
    /// `BANQ_LISTEN`
    pub listen: SocketAddr,
    /// `BANQ_DATABASE_URL`
    pub database: Database,
    /// `BANQ_NATS_URL`: wakes the other instances on a PostgreSQL; if unset, PostgreSQL itself does.
    pub nats: Option<NatsConfig>,
    /// `BANQ_FULFILMENT_URL` and `BANQ_FULFILMENT_SECRET`: if unset, the shop is not notified.
    pub fulfilment: Option<FulfilmentConfig>,
    /// `BANQ_WIDGET_DIR`: the folder served under `/widget/`. If unset in `local`, [`Config::load`] takes `dist` in the
    /// working directory, if the widget was built there. Otherwise the server serves the widget that the program
    /// contains, if it was built with one.
    pub widget_dir: Option<PathBuf>,
    /// `BANQ_LINK_LIFETIME_SECONDS`: how long a link lives if the provider does not say.
    pub link_lifetime: Duration,
    /// `BANQ_RETENTION_DAYS`: how long finished checkouts are kept. Paid ones are kept without limit.
    pub retention: Duration,
    /// Limits per client and in total.
    pub limits: Limits,
    /// `BANQ_METRICS_TOKEN`: the bearer token for `/metrics` from other machines.
    pub metrics_token: Option<Secret>,
    /// Waits and intervals that only tests change.
    pub tuning: Tuning,
}

impl Config {
    /// Returns where browsers reach this server, without a slash at the end.
    pub fn public_url(&self) -> String {
        let listened = || format!("http://{}", self.listen);
        let url = self.public_url.as_ref().map_or_else(listened, |url| url.as_str().to_owned());
        url.trim_end_matches('/').to_owned()
    }

    /// Returns whether the server has a widget to serve: a folder's, or the program's own.
    pub fn serves_widget(&self) -> bool {
        self.widget_dir.is_some() || embedded::is_there()
    }
}

#[cfg(test)]
pub(crate) mod tests;

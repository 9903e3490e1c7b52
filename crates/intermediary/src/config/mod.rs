//! How the server is set up. Reading settings is pure: [`Config::from_map`].
//!
//! - [`source`]: the environment and the file, as one map
//! - [`names`]: which names there are; [`value`]: what no value is like; [`origins`]: the shop's pages;
//!   [`urls`]: addresses
//! - [`reader`]: that map, value by value
//! - [`check`]: what contradicts what
//! - [`database`]: where everything durable is
//! - [`limits`]: how much one client, and all together, may take

mod check;
mod database;
mod limits;
mod names;
pub(crate) mod origins;
mod reader;
mod source;
pub(crate) mod spelling;
mod urls;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use url::Url;
use uuid::Uuid;

pub(crate) use self::database::{Way, postgres};
pub use self::{check::ConfigError, database::Database, limits::Limits, reader::Addresses};
use crate::{
    checkout::link_token::LinkTokens, intermediary::StartError, open_api::OpenApi, provider::banq::settings,
    secret::Secret,
};

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

/// Waits and intervals.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Until a connection to the provider stands.
    pub connect_timeout: Duration,
    /// Until the provider has answered one request.
    pub request_timeout: Duration,
    /// Until the provider has answered, repeats included; a shopper is waiting.
    pub provider_deadline: Duration,
    /// The pause before the first repeat of a request; doubled.
    pub retry_pause: Duration,
    /// The worker's first wait after the provider failed; doubled.
    pub worker_pause: Duration,
    /// The worker's longest such wait.
    pub worker_longest_pause: Duration,
    /// How often the provider is asked about a fresh payment unprompted; an older one is asked about rarer.
    pub sweep: Duration,
    /// How long a paid payment is watched for a reversal. US bank debits can be returned for 60 days.
    pub reversal_window: Duration,
    /// How long a link that was given up here is watched, in case it is paid all the same.
    pub late_window: Duration,
    /// How long an instance may work on something before another takes it over. Longer than any one call of
    /// the provider or the shop, and than their clocks differ.
    pub lease: Duration,
    /// The longest sleep of the worker: work of other instances, or of an operator, is found by then.
    pub poll: Duration,
    /// How often work on a webhook may fail for reasons that no outage explains, before it is a dead letter.
    pub dead_after_faults: u32,
    /// Over how long a time those faults must be spread at least: deaths of the process are faults of each job that
    /// was running, and a loop of crashes must not cost an innocent one. Longer than a crash loop that a supervisor
    /// ends by giving up, and about as long as so many pauses take in all.
    pub dead_after_faults_for: Duration,
    /// How long a webhook may wait for an outage to end before it is a dead letter.
    pub dead_after: Duration,
    /// How long the shop may take for its answer, the connection included: within the recommended 15 to 30
    /// seconds of Standard Webhooks.
    pub fulfilment_timeout: Duration,
    /// The pauses after each failed attempt to tell the shop; after the last one it is given up.
    pub fulfilment_pauses: Vec<Duration>,
    /// How often the log says what waits for a person.
    pub alarm: Duration,
    /// How long a webhook or a notification may wait before a person is told.
    pub late_after: Duration,
    /// How often what is older than the retention is looked for.
    pub prune: Duration,
    /// How often a stream says that it is alive. Proxies close silent ones, some after 10 s; the page counts one that
    /// is silent for 40 s as held back.
    pub heartbeat: Duration,
    /// How long a request's head may take to arrive, from its first byte or the connection's begin.
    pub header_timeout: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub write_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long a stop waits for what is under way.
    pub stop_timeout: Duration,
    /// Whether the provider is asked for a token at the start, so that wrong credentials are known at once.
    pub sign_in: bool,
    /// How often the log says how many requests were refused that have no line of their own.
    pub log_interval: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            provider_deadline: Duration::from_secs(12),
            retry_pause: Duration::from_millis(200),
            worker_pause: Duration::from_secs(1),
            worker_longest_pause: Duration::from_secs(300),
            sweep: Duration::from_secs(60),
            reversal_window: Duration::from_secs(60 * 24 * 60 * 60),
            late_window: Duration::from_secs(7 * 24 * 60 * 60),
            lease: Duration::from_secs(20),
            poll: Duration::from_secs(5),
            dead_after_faults: 10,
            dead_after_faults_for: Duration::from_secs(10 * 60),
            dead_after: Duration::from_secs(3 * 24 * 60 * 60),
            fulfilment_timeout: Duration::from_secs(15),
            fulfilment_pauses: telling_pauses(),
            alarm: Duration::from_secs(10 * 60),
            late_after: Duration::from_secs(60 * 60),
            prune: Duration::from_secs(60 * 60),
            heartbeat: Duration::from_secs(8),
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(15),
            sign_in: true,
            log_interval: Duration::from_secs(60),
        }
    }
}

/// Longer than a long weekend, when the shop is closed: almost seven days in all.
fn telling_pauses() -> Vec<Duration> {
    let first = [10, 60, 600, 3_600, 21_600].map(Duration::from_secs);
    first.into_iter().chain(std::iter::repeat_n(Duration::from_secs(12 * 60 * 60), 13)).collect()
}

impl Config {
    /// Where browsers reach this server, without a slash at the end.
    pub fn public_url(&self) -> String {
        let listened = || format!("http://{}", self.listen);
        let url = self.public_url.as_ref().map_or_else(listened, |url| url.as_str().to_owned());
        url.trim_end_matches('/').to_owned()
    }

    /// Where Banq is to send webhooks.
    pub fn webhook_url(&self) -> String {
        format!("{}{}", self.public_url(), crate::http::routes::webhooks::PATH)
    }

    /// Banq, as this configuration names it.
    ///
    /// # Errors
    /// [`StartError::HttpClient`]
    pub fn open_api(&self) -> Result<OpenApi, StartError> {
        OpenApi::new(settings(self)).map_err(StartError::HttpClient)
    }
}

#[cfg(test)]
pub(crate) mod tests;

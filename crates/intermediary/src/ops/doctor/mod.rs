//! Checks a merchant's whole installation, from the payment provider to the proxy in front, and says what to fix.
//!
//! - [`instances`]: the servers that share the database
//! - [`reports`]: what browsers have reported
//! - [`outside`]: this server as browsers and the payment provider reach it
//! - [`surroundings`]: the machine
//! - [`widget`]: the widget's files, and what a page's policy must allow

mod instances;
mod outside;
mod reports;
mod surroundings;
mod widget;

use std::time::Duration;

pub use self::surroundings::settings_file;
pub use crate::domain::check::{Check, Outcome};
use crate::{
    LinkTokens,
    config::{Config, ConfigError, Database, Environment, Transport},
    domain::time,
    provider::{admin::ProviderAdmin, report::Reply},
    store::{AccessMode, Alert, Store, check_nats, scratch},
};

/// For a request to this server from outside.
const PATIENCE: Duration = Duration::from_secs(10);

/// The usual reasons why a database cannot be written to.
const WRITE_FIX: &str = "look for a full disk, a read-only file system, the owner of file and folder, a PostgreSQL that \
    is a read-only standby, and a program that holds a lock; run this as the user that the server runs as";

/// Checks one configuration.
pub struct Doctor {
    config: Config,
    provider: ProviderAdmin,
    http: reqwest::Client,
    public_url: String,
}

impl Doctor {
    /// Prepares the checks; sends no request yet.
    ///
    /// # Errors
    /// A configuration with which a server would not start, or an HTTP client that cannot be created.
    pub fn new(config: Config) -> Result<Self, crate::start_error::StartError> {
        config.check()?;
        let mut http =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        if config.environment == Environment::Local {
            http = http.no_proxy();
        }
        Ok(Self {
            provider: ProviderAdmin::new(&config).map_err(crate::start_error::StartError::HttpClient)?,
            http: http.build().map_err(crate::start_error::StartError::HttpClient)?,
            public_url: config.public_url(),
            config,
        })
    }

    /// Runs every check, in the order in which things have to work. `origins` are the shop's pages to check; if empty,
    /// the configured ones.
    pub async fn examine(&self, origins: &[String]) -> Vec<Check> {
        let origins = if origins.is_empty() { &self.config.allowed_origins } else { origins };
        let (credentials, provider) = self.provider.check_credentials().await;
        let mut checks = vec![credentials];
        if provider == Reply::Accepted {
            checks.push(self.provider.check_account().await);
        }
        if provider != Reply::None {
            checks.push(self.provider.check_clock(&self.http).await);
        }
        checks.extend(self.database().await);
        checks.extend(self.nats().await);
        checks.extend(self.surroundings());
        checks.extend(self.waiting().await);
        let (reachable, server) = self.reachable().await;
        checks.push(reachable);
        if server != Reply::None {
            checks.push(self.signature().await);
        }
        if provider == Reply::Accepted {
            checks.push(self.provider.check_registration().await);
        }
        if server != Reply::None {
            checks.extend(self.cross_origin(origins).await);
            checks.push(self.stream().await);
            checks.push(self.widget().await);
            checks.push(self.reports().await);
        }
        checks.push(self.policy());
        checks.extend(self.link_tokens());
        checks
    }

    async fn cross_origin(&self, origins: &[String]) -> Vec<Check> {
        if origins.is_empty() && self.config.environment == Environment::Local {
            return vec![Check::ok("cors", "pages of this machine may use this server, on any port")];
        }
        if origins.is_empty() {
            return vec![Check::warn(
                "cors",
                "no page of another origin may use this server",
                "if the shop's pages have another origin, name it in BANQ_ALLOWED_ORIGINS",
            )];
        }
        let mut checks = Vec::new();
        for origin in origins {
            checks.push(self.cors(origin).await);
        }
        checks
    }

    /// Warns that order ids can be enumerated; returns `None` in `local`.
    fn link_tokens(&self) -> Option<Check> {
        match (self.config.link_tokens, self.config.environment) {
            (LinkTokens::Required, _) => Some(Check::ok("link-tokens", "a page needs an order's token")),
            (LinkTokens::Optional, Environment::Local) => None,
            (LinkTokens::Optional, Environment::Sandbox | Environment::Production) => Some(Check::warn(
                "link-tokens",
                "anyone who counts order ids reads what each order costs, and whether it is paid",
                "write the linkToken that PUT /orders/{orderId} returns into the page, then set BANQ_LINK_TOKENS=required",
            )),
        }
    }

    /// Returns the states that a person must handle; empty if the database cannot be read, which another check reports.
    async fn waiting(&self) -> Vec<Check> {
        let Ok(store) = Store::visit(&self.config.database, AccessMode::Read).await else {
            return Vec::new();
        };
        let trouble = store.trouble().await;
        store.close().await;
        let Ok(trouble) = trouble else { return Vec::new() };
        let alerts = trouble.alerts(time::now(), self.config.tuning.late_after);
        if alerts.is_empty() {
            return vec![Check::ok("waiting", "nothing waits for a person")];
        }
        alerts.into_iter().map(|Alert { what, fix }| Check::fail("waiting", what, fix)).collect()
    }

    /// Checks the database as it is: only a server's start creates or migrates it. Tries a write without changing
    /// anything.
    async fn database(&self) -> Vec<Check> {
        let instances = match Store::visit(&self.config.database, AccessMode::Write).await {
            Ok(store) => {
                let instances = self.instances(&store).await;
                let mut written = store.probe_as_visitor().await;
                store.close().await;
                if let Database::Sqlite(path) = &self.config.database {
                    written = written.and_then(|()| Ok(scratch(path).map_err(sqlx::Error::Io)?));
                }
                if let Err(error) = written {
                    let failed =
                        Check::fail("database", format!("it cannot be written to: {error}"), WRITE_FIX);
                    return vec![failed, instances];
                }
                instances
            }
            Err(unfit) => return vec![Check::fail("database", unfit.to_string(), unfit.fix())],
        };
        let seen = "is there, has this version's shape, and can be written to";
        let database = match self.config.database.transport() {
            Transport::Local | Transport::VerifiedTls => Check::ok("database", seen),
            Transport::UnverifiedTls | Transport::Plaintext => Check::warn(
                "database",
                format!("{seen}, but anybody on the way to it could pretend to be it"),
                "add sslmode=verify-full to BANQ_DATABASE_URL, and sslrootcert=FILE if the certificate is your own \
                 authority's",
            ),
        };
        vec![database, instances]
    }

    /// Sends a message by NATS; returns `None` without `BANQ_NATS_URL`.
    async fn nats(&self) -> Option<Check> {
        Some(match check_nats(self.config.nats.as_ref()?).await {
            Ok(()) => Check::ok("nats", "delivers messages"),
            Err(error) => Check::fail(
                "nats",
                error.to_string(),
                "correct BANQ_NATS_URL, or unset it (an authority of your own for its certificate goes into the file of \
                 SSL_CERT_FILE); until then PostgreSQL wakes the other instances",
            ),
        })
    }
}

/// A configuration that cannot be loaded is the first failed check.
impl From<&ConfigError> for Check {
    fn from(error: &ConfigError) -> Self {
        Self::fail("configuration", error.problems.join("; "), "mend these settings")
    }
}

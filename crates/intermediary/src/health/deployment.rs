//! Compares the servers on one database, which must agree on the settings that concern money. Each server stores
//! fingerprints of its settings. A server of another merchant or environment does not start; names of other differing
//! settings appear in the log, as a metric and in `doctor`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use crate::{
    Secret,
    config::{Config, ConfigError, Environment, FULFILMENT_SECRET, FULFILMENT_URL, Tuning, shared_settings},
    domain::time,
    metrics::Metrics,
    store::Error,
    store::Store,
};

/// A server counts as stopped after so many missed turns, and after at least [`SHORTEST_SILENCE`].
const TURNS: u32 = 12;
const SHORTEST_SILENCE: Duration = Duration::from_secs(60);

/// Settings by their names, each as a keyed hash.
type Fingerprints = BTreeMap<String, String>;

/// This server's settings, compared with those of the others on its database.
pub(crate) struct Deployment {
    own: Fingerprints,
    notifies: bool,
}

/// Why a server cannot join the others on its database.
#[derive(Debug)]
pub(crate) enum JoinError {
    /// The database belongs to another merchant or environment.
    Foreign(ConfigError),
    Database(sqlx::Error),
}

impl Deployment {
    /// Claims the database for this merchant and environment.
    ///
    /// # Errors
    /// [`JoinError::Foreign`] if the database belongs to another one, [`JoinError::Database`] if it fails.
    pub(crate) async fn join(store: &Store, config: &Config) -> Result<Self, JoinError> {
        let key = salt(store).await.map_err(broken)?;
        let mut problems = Vec::new();
        for (name, title, value) in belongings(config, &key) {
            let known = store.deployment_value_or(name, &value).await.map_err(broken)?;
            if known != value {
                problems.push(belongs_to_another(title));
            }
        }
        if !problems.is_empty() {
            return Err(JoinError::Foreign(ConfigError { problems }));
        }
        store.forget_instances().await.map_err(broken)?;
        let notifies = config.fulfilment.is_some();
        if notifies {
            store.begin_telling().await.map_err(broken)?;
        }
        let deployment = Self { own: fingerprints(config, &key), notifies };
        deployment.record(store).await.map_err(broken)?;
        Ok(deployment)
    }

    /// Records that this server runs; returns how far its clock is ahead of the database's, in milliseconds.
    async fn record(&self, store: &Store) -> Result<i64, Error> {
        let text = serde_json::to_string(&self.own).map_err(Error::Encode)?;
        let theirs = store.say_settings(&text).await?;
        Ok(time::now().saturating_sub(theirs))
    }

    /// Returns the names of the settings in which another running server differs, and `BANQ_FULFILMENT_URL` if this
    /// server lacks it although a server on this database notifies the shop, or ever did.
    pub(crate) async fn unlike(
        &self,
        store: &Store,
        turn: Duration,
    ) -> Result<BTreeSet<&'static str>, Error> {
        let within = turn.saturating_mul(TURNS).max(SHORTEST_SILENCE);
        let mut unlike = BTreeSet::new();
        for other in store.other_instances(within).await? {
            // Settings written by another version in another format cannot be compared.
            let theirs: Fingerprints = serde_json::from_str(&other.settings).unwrap_or_default();
            unlike.extend(shared_settings().filter(|name| {
                let pair = self.own.get(*name).zip(theirs.get(*name));
                pair.is_some_and(|(own, theirs)| own != theirs)
            }));
        }
        if !self.notifies && store.is_told().await? {
            unlike.insert(FULFILMENT_URL);
        }
        Ok(unlike)
    }
}

/// Compares this server with the others on its database.
pub(crate) struct Comparison {
    pub(crate) deployment: Deployment,
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tuning: Tuning,
}

impl Comparison {
    /// Records that this server runs and compares the settings, at intervals, until the server stops.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        stopping.run_until_cancelled(self.compare_repeatedly()).await;
        if let Err(error) = self.store.leave().await {
            tracing::debug!(%error, "other servers take this one for running a little longer");
        }
    }

    async fn compare_repeatedly(&self) {
        let turn = self.tuning.worker_max_sleep;
        let (mut reported, mut is_far) = (BTreeSet::new(), false);
        loop {
            match self.compare(turn).await {
                Ok((unlike, ahead)) => {
                    self.metrics.unlike(&unlike);
                    if unlike != reported {
                        report(&unlike);
                        reported = unlike;
                    }
                    // One server's clock starts a lease, and another's ends it.
                    let far = ahead.unsigned_abs()
                        > self.tuning.lease.as_millis().try_into().unwrap_or(u64::MAX) / 2;
                    if far && !is_far {
                        let seconds_ahead = ahead / 1000;
                        tracing::error!(
                            seconds_ahead,
                            "this machine's clock and the database's differ: keep both right"
                        );
                    }
                    is_far = far;
                }
                // Readiness reports a database that is unreachable.
                Err(error) => tracing::debug!(%error, "other servers' settings could not be read"),
            }
            tokio::time::sleep(turn).await;
        }
    }

    async fn compare(&self, turn: Duration) -> Result<(BTreeSet<&'static str>, i64), Error> {
        let ahead = self.deployment.record(&self.store).await?;
        Ok((self.deployment.unlike(&self.store, turn).await?, ahead))
    }
}

fn report(unlike: &BTreeSet<&'static str>) {
    if unlike.is_empty() {
        tracing::info!("all servers on this database have the same settings again");
        return;
    }
    let settings = unlike.iter().copied().collect::<Vec<_>>().join(", ");
    tracing::error!(
        settings,
        "servers on one database have different settings: give all servers the same settings (a killed server \
         counts for a minute)"
    );
    if unlike.contains(FULFILMENT_URL) {
        tracing::error!(
            "BANQ_FULFILMENT_URL is not the same everywhere: notifications are recorded, and only a server that has it \
             sends them"
        );
    }
}

/// Returns the problem for a database of another merchant or environment.
fn belongs_to_another(title: &str) -> String {
    format!(
        "the database of BANQ_DATABASE_URL belongs to another {title}: its checkouts would be taken for this one's; \
         give each a database of its own"
    )
}

/// Returns the values to which the whole database belongs, each with its key in the database and its title.
fn belongings(config: &Config, key: &str) -> [(&'static str, &'static str, String); 3] {
    let (setting, account) = config.provider.account();
    [
        ("environment", "BANQ_ENVIRONMENT", config.environment.as_str().to_owned()),
        ("account", setting, fingerprint(key, setting, &account)),
        (
            "provider",
            "payment provider",
            format!("{} {}", config.provider.name(), config.provider.currency()),
        ),
    ]
}

/// Returns the database's random salt: equal settings have different fingerprints in two databases.
async fn salt(store: &Store) -> Result<String, Error> {
    store.deployment_value_or("salt", &uuid::Uuid::new_v4().to_string()).await
}

fn fingerprints(config: &Config, key: &str) -> Fingerprints {
    let expose = |secret: Option<&Secret>| secret.map_or("", Secret::expose).to_owned();
    let fulfilment = config.fulfilment.as_ref();
    let mut origins = config.allowed_origins.clone();
    origins.sort_unstable();
    let mut values = vec![
        ("BANQ_ENVIRONMENT", format!("{:?}", config.environment)),
        ("BANQ_API_KEY", expose(config.api_key.as_ref())),
        ("BANQ_ALLOWED_ORIGINS", origins.join(",")),
        ("BANQ_ALLOW_CLIENT_AMOUNTS", config.allow_client_amounts.to_string()),
        ("BANQ_RETENTION_DAYS", config.retention.as_secs().to_string()),
        ("BANQ_LINK_LIFETIME_SECONDS", config.link_lifetime.as_secs().to_string()),
        (FULFILMENT_URL, fulfilment.map_or("", |target| target.url.as_str()).to_owned()),
        (FULFILMENT_SECRET, expose(fulfilment.map(|target| &target.secret))),
        ("BANQ_NATS_URL", config.nats.is_some().to_string()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    values.extend(config.provider.shared());
    // In `local` the public URL is the listening address, which differs between servers.
    if config.environment != Environment::Local {
        values.push(("BANQ_PUBLIC_URL", config.public_url()));
    }
    values.into_iter().map(|(name, value)| (name.to_owned(), fingerprint(key, name, &value))).collect()
}

/// Returns 32 bits of a keyed hash: enough to see a difference, too few to confirm a guessed value.
fn fingerprint(key: &str, name: &str, value: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(name.as_bytes());
    mac.update(b"=");
    mac.update(value.as_bytes());
    mac.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn broken(error: Error) -> JoinError {
    match error {
        Error::Database(error) => JoinError::Database(error),
        error => JoinError::Database(sqlx::Error::Protocol(error.to_string())),
    }
}

/// Compares this configuration with the running servers, for `doctor`.
pub(crate) async fn examine(store: &Store, config: &Config) -> Result<Examined, Error> {
    let Some(key) = store.deployment_value("salt").await? else { return Ok(Examined::default()) };
    let mut another = Vec::new();
    for (name, title, value) in belongings(config, &key) {
        if store.deployment_value(name).await?.is_some_and(|known| known != value) {
            another.push(belongs_to_another(title));
        }
    }
    let deployment = Deployment { own: fingerprints(config, &key), notifies: config.fulfilment.is_some() };
    let unlike = deployment.unlike(store, config.tuning.worker_max_sleep).await?;
    Ok(Examined { another, unlike })
}

/// Returns whether a running server has an address for notifications.
pub(crate) async fn has_notifying_server(store: &Store) -> Result<bool, Error> {
    let Some(key) = store.deployment_value("salt").await? else { return Ok(false) };
    let without = fingerprint(&key, FULFILMENT_URL, "");
    let others = store.other_instances(SHORTEST_SILENCE).await?;
    Ok(others.iter().any(|other| {
        let theirs: Fingerprints = serde_json::from_str(&other.settings).unwrap_or_default();
        theirs.get(FULFILMENT_URL).is_some_and(|target| *target != without)
    }))
}

#[derive(Debug, Default)]
pub(crate) struct Examined {
    /// Why a server with these settings would not start.
    pub(crate) another: Vec<String>,
    /// The settings in which a running server differs.
    pub(crate) unlike: BTreeSet<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_its_database_name_and_value() {
        let one = fingerprint("salt", "BANQ_API_KEY", "hunter2");
        assert_eq!((one.len(), &one), (8, &fingerprint("salt", "BANQ_API_KEY", "hunter2")));
        for (key, name, value) in [
            ("pepper", "BANQ_API_KEY", "hunter2"),
            ("salt", "BANQ_WEBHOOK_SECRET", "hunter2"),
            ("salt", "BANQ_API_KEY", "x"),
        ] {
            assert_ne!(one, fingerprint(key, name, value));
        }
    }
}

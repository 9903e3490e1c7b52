//! A simulator, a database, a client, and the servers of one test.

use std::{net::TcpListener, path::Path, time::Duration};

use banq_intermediary::{Config, Server};
use banq_simulator::{Simulator, WebhookConfig};
use reqwest::Client;
use tempfile::TempDir;

use crate::settings::{
    CLIENT_ID, PASSWORD, Settings, USERNAME, WEBHOOK_PATH, WEBHOOK_SECRET, settings, sqlite,
};

/// The surroundings of the servers of one test. They end with it.
pub struct TestApp {
    /// Plays Banq.
    pub simulator: Simulator,
    /// Sends the requests of pages and of the shop's server.
    pub http: Client,
    /// The URL by which servers reach Banq, without a slash at the end.
    banq: String,
    database: String,
    folder: TempDir,
}

impl TestApp {
    /// Starts the usual simulator. The database is a new SQLite file.
    pub async fn start() -> Self {
        Self::beside(simulator_config()).await
    }

    /// Starts another simulator, which should have the credentials of [`simulator_config`].
    pub async fn beside(simulator: banq_simulator::Config) -> Self {
        let simulator = Simulator::start(simulator).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (banq, database) = (simulator.url(), sqlite(folder.path()));
        Self { simulator, http: client(), banq, database, folder }
    }

    /// Replaces the client.
    #[must_use]
    pub fn with_client(self, http: Client) -> Self {
        Self { http, ..self }
    }

    /// Puts a proxy between the servers and Banq. `banq` is its URL, without a slash at the end.
    #[must_use]
    pub fn with_banq(self, banq: String) -> Self {
        Self { banq, ..self }
    }

    /// Replaces the URL of the database.
    #[must_use]
    pub fn with_database(self, database: String) -> Self {
        Self { database, ..self }
    }

    /// Returns the folder of the SQLite database, which the test may use too.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the settings of a server.
    pub fn settings(&self) -> Settings {
        settings(&self.banq, &self.database)
    }

    /// Starts a server in this process, which gets Banq's webhooks from now on.
    pub async fn serve(&self, config: Config) -> Server {
        let server = Server::start(config).await.unwrap();
        self.send_webhooks_to(&server.url());
        server
    }

    /// Sends Banq's webhooks to the server at this URL, which has no slash at the end.
    pub fn send_webhooks_to(&self, server: &str) {
        self.simulator.set_webhook(WebhookConfig::new(format!("{server}{WEBHOOK_PATH}"), WEBHOOK_SECRET));
    }
}

/// Returns the configuration of a simulator on a free port that knows the credentials of [`settings()`] and soon retries
/// a webhook.
#[must_use]
pub fn simulator_config() -> banq_simulator::Config {
    banq_simulator::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        webhook_retry_delay: Duration::from_millis(50),
        client_id: CLIENT_ID.into(),
        username: USERNAME.into(),
        password: PASSWORD.into(),
        ..banq_simulator::Config::default()
    }
}

/// Returns a client that uses no proxy of the environment.
#[must_use]
pub fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Returns a port of this machine on which no program listens.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

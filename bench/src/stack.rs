//! The servers that carry payments: this project's, on one of its databases, or the yardstick's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use banq_testkit::{Settings, WEBHOOK_SECRET, changed, free_port, settings, sqlite};

use crate::program::{Program, built, given};

/// The key by which the shop's server registers orders.
pub(crate) const KEY: &str = banq_testkit::API_KEY;

/// How long a server that is at rest uses next to no processor time.
const REST: Duration = Duration::from_millis(400);

/// What is measured.
pub(crate) enum Stack {
    /// This project's server on a new SQLite file.
    Sqlite,
    /// The same on a copy of this file.
    SqliteCopy(PathBuf),
    /// Some of this project's servers on an empty PostgreSQL database, by its URL, and `BANQ_NATS_URL` if they wake each
    /// other by NATS.
    Postgres { url: String, servers: usize, nats: Option<String> },
    /// `yardsticks/node/server.mjs`: what a developer would write instead.
    Node,
}

/// A stack that runs, and the simulator of Banq beside it.
pub(crate) struct Running {
    pub(crate) servers: Vec<Program>,
    pub(crate) simulator: Program,
    pub(crate) is_ours: bool,
    _folder: tempfile::TempDir,
}

impl Stack {
    /// Starts everything.
    pub(crate) fn start(&self) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let simulator = simulator(folder.path());
        let at = folder.path();
        let (servers, is_ours) = match self {
            Self::Sqlite => (vec![ours(&simulator, &sqlite(at), &[], at)], true),
            Self::SqliteCopy(file) => {
                let database = at.join("test.sqlite");
                std::fs::copy(file, &database).unwrap();
                (vec![ours(&simulator, &sqlite(at), &[], at)], true)
            }
            Self::Postgres { url, servers, nats } => {
                let nats = nats.iter().map(|url| ("BANQ_NATS_URL", url.as_str()));
                let nats: Vec<_> = nats.collect();
                ((0..*servers).map(|_| ours(&simulator, url, &nats, at)).collect(), true)
            }
            Self::Node => (vec![node(&simulator, at)], false),
        };
        Running { servers, simulator, is_ours, _folder: folder }
    }
}

impl Running {
    /// Returns the processor time of all servers, in seconds.
    pub(crate) fn processor_time(&self) -> f64 {
        self.servers.iter().map(Program::processor_time).sum()
    }

    /// Waits until the servers have nothing to do, such as after their start, and returns their processor time.
    pub(crate) async fn processor_time_at_rest(&self) -> f64 {
        loop {
            let before = self.processor_time();
            tokio::time::sleep(REST).await;
            let after = self.processor_time();
            if after - before < REST.as_secs_f64() / 20.0 {
                return after;
            }
        }
    }

    /// Returns the memory of all servers, in KiB.
    pub(crate) fn memory(&self) -> f64 {
        self.servers.iter().map(Program::memory).sum()
    }
}

/// Starts this project's server on a database, with further settings.
pub(crate) fn ours(simulator: &Program, database: &str, further: &[(&str, &str)], folder: &Path) -> Program {
    let banq = banq_simulator::Config::default();
    let port = free_port();
    let settings: Settings = changed(
        settings(&simulator.url(), database),
        &[
            ("BANQ_CLIENT_ID", &banq.client_id),
            ("BANQ_USERNAME", &banq.username),
            ("BANQ_PASSWORD", &banq.password),
            ("BANQ_ACCOUNT_SPACE_ID", "1"),
            ("BANQ_LISTEN", &format!("127.0.0.1:{port}")),
            // All shoppers of the measurement come from one address.
            ("BANQ_LINKS_PER_MINUTE", "0"),
            ("BANQ_MAX_STREAMS", "25000"),
            ("BANQ_MAX_STREAMS_PER_ADDRESS", "25000"),
            ("BANQ_MAX_CONNECTIONS", "30000"),
            ("BANQ_MAX_CONNECTIONS_PER_ADDRESS", "30000"),
            ("RUST_LOG", "warn"),
        ],
    );
    let settings = changed(settings, further);
    let mut command = Command::new(built("banq-intermediary"));
    Program::start(command.arg("serve").env_clear().envs(settings), port, folder)
}

fn simulator(folder: &Path) -> Program {
    let port = free_port();
    let mut command = Command::new(built("banq-simulator"));
    Program::start(command.env_clear().env("SIMULATOR_LISTEN", format!("127.0.0.1:{port}")), port, folder)
}

fn node(simulator: &Program, folder: &Path) -> Program {
    let port = free_port();
    let mut command = Command::new("node");
    command.arg(given("BANQ_BENCH_NODE")).arg(port.to_string()).arg(simulator.url());
    Program::start(command.arg(folder.join("node.sqlite")).arg(WEBHOOK_SECRET), port, folder)
}

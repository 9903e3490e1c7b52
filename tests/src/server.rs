//! The intermediary of a test: in this process, or as one of its own that can be killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use banq_simulator::Simulator;

use crate::port::Port;
use crate::process::Process;
use crate::{Proxy, Setup, paths};

/// The `SharedSecret` of the tests.
pub(crate) const WEBHOOK_SECRET: &str = "the shared secret of the tests";

/// How the intermediary runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intermediary {
    /// In the test's own process.
    InProcess,
    /// As the real program, with a database on disk.
    Process,
}

/// A running intermediary.
pub(crate) enum Server {
    /// Kept, because dropping it stops it.
    InProcess {
        _server: Box<banq_intermediary::Server>,
        url: String,
    },
    Process {
        process: Process,
        url: String,
    },
}

impl Server {
    /// Starts one on a port that stays the same when the process is started again.
    pub(crate) async fn start(
        setup: &Setup,
        port: &Port,
        simulator: &Simulator,
        origin: &str,
        dist: &Path,
    ) -> Self {
        forget(port.number());
        Self::start_on(setup, port.number(), simulator, origin, dist).await
    }

    async fn start_on(setup: &Setup, port: u16, simulator: &Simulator, origin: &str, dist: &Path) -> Self {
        let url = format!("http://127.0.0.1:{port}");
        let mut settings = BTreeMap::from(
            [
                ("BANQ_ENVIRONMENT", "local"),
                ("BANQ_CLIENT_ID", "demo-client"),
                ("BANQ_USERNAME", "demo-merchant"),
                ("BANQ_PASSWORD", "demo-password"),
                ("BANQ_ACCOUNT_GUID", "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42"),
                ("BANQ_ACCOUNT_SPACE_ID", "1"),
                ("BANQ_WEBHOOK_SECRET", WEBHOOK_SECRET),
                ("BANQ_API_KEY", "the api key of the tests"),
                ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let mut set = |name: &str, value: String| settings.insert(name.to_owned(), value);
        set("BANQ_API_URL", simulator.api_url());
        set("BANQ_AUTH_URL", simulator.auth_url());
        set("BANQ_PUBLIC_URL", setup.proxy.as_ref().map_or(&*url, Proxy::url).to_owned());
        set("BANQ_LISTEN", format!("127.0.0.1:{port}"));
        set("BANQ_ALLOWED_ORIGINS", origin.to_owned());
        set("BANQ_DATABASE_URL", format!("sqlite://{}", database(port).display()));
        set("BANQ_WIDGET_DIR", dist.display().to_string());
        match setup.intermediary {
            Intermediary::InProcess => {
                let mut config = banq_intermediary::Config::from_map(&settings).unwrap();
                config.tuning.retry_pause = Duration::from_millis(50);
                if let Some(deadline) = setup.provider_deadline {
                    config.tuning.provider_deadline = deadline;
                }
                let server = banq_intermediary::Server::start(config).await.unwrap();
                Self::InProcess { _server: Box::new(server), url }
            }
            Intermediary::Process => Self::Process { process: spawn(&settings), url },
        }
    }

    /// On the address, and so the database, of an earlier one.
    pub(crate) async fn restart(port: &Port, simulator: &Simulator, origin: &str, dist: &Path) -> Self {
        let setup = Setup { intermediary: Intermediary::Process, ..Setup::default() };
        Self::start_on(&setup, port.number(), simulator, origin, dist).await
    }

    pub(crate) fn url(&self) -> &str {
        match self {
            Self::InProcess { url, .. } | Self::Process { url, .. } => url,
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        match &mut self {
            Self::InProcess { .. } => panic!("only a process can be killed"),
            Self::Process { process, .. } => process.kill(),
        }
    }
}

/// A database of this test run's own.
fn database(port: u16) -> PathBuf {
    let folder = paths::target().join("e2e").join(std::process::id().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{port}.sqlite"))
}

/// An earlier test had the same port, and so the same database, with orders that this one's Banq does not know.
fn forget(port: u16) {
    for more in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{more}", database(port).display()));
    }
}

/// Starts the program and waits until it says where it listens.
fn spawn(settings: &BTreeMap<String, String>) -> Process {
    let mut program = Command::new(paths::intermediary());
    let started = Process::said(program.envs(settings), None, "listens on");
    started.expect("the intermediary stopped").0
}

//! The intermediary of a test: in this process, or as one of its own that can be killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use banq_simulator::Simulator;

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
        _server: banq_intermediary::Server,
        url: String,
    },
    Process {
        child: Child,
        url: String,
    },
}

impl Server {
    pub(crate) async fn start(
        kind: Intermediary,
        public: Option<&str>,
        simulator: &Simulator,
        origin: &str,
        dist: &Path,
    ) -> Self {
        // A free port that stays the same when the process is started again.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        forget(port);
        Self::start_on(kind, port, public, simulator, origin, dist).await
    }

    async fn start_on(
        kind: Intermediary,
        port: u16,
        public: Option<&str>,
        simulator: &Simulator,
        origin: &str,
        dist: &Path,
    ) -> Self {
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
        set("BANQ_PUBLIC_URL", public.unwrap_or(&url).to_owned());
        set("BANQ_LISTEN", format!("127.0.0.1:{port}"));
        set("BANQ_ALLOWED_ORIGINS", origin.to_owned());
        set("BANQ_DATABASE_URL", format!("sqlite://{}", database(port).display()));
        set("BANQ_WIDGET_DIR", dist.display().to_string());
        match kind {
            Intermediary::InProcess => {
                let mut config = banq_intermediary::Config::from_map(&settings).unwrap();
                config.tuning.retry_pause = Duration::from_millis(50);
                config.tuning.provider_deadline = Duration::from_secs(3);
                let server = banq_intermediary::Server::start(config).await.unwrap();
                Self::InProcess { _server: server, url }
            }
            Intermediary::Process => Self::Process { child: spawn(&settings), url },
        }
    }

    /// On the address, and so the database, of an earlier one.
    pub(crate) async fn restart(url: &str, simulator: &Simulator, origin: &str, dist: &Path) -> Self {
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        Self::start_on(Intermediary::Process, port, None, simulator, origin, dist).await
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
            Self::Process { child, .. } => child.kill().unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Self::Process { child, .. } = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A database of this test run's own.
fn database(port: u16) -> PathBuf {
    let folder = target().join("e2e").join(std::process::id().to_string());
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
fn spawn(settings: &BTreeMap<String, String>) -> Child {
    let program = target().join("debug").join("banq-intermediary");
    assert!(program.exists(), "no {}: run `cargo build -p banq-intermediary`", program.display());
    let mut child = Command::new(program).envs(settings).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("listens on")), "the intermediary stopped");
    // Keeps reading, or the program would stop at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from)
}

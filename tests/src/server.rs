//! The intermediary of a test: in this process, or as one of its own that can be killed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use banq_testkit::{Settings, TestApp, changed};

use crate::port::Port;
use crate::process::Process;
use crate::{Proxy, Setup, paths};

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
    pub(crate) async fn start(setup: &Setup, port: &Port, app: &TestApp, origin: &str, dist: &Path) -> Self {
        Self::start_on(setup, port.number(), app, origin, dist).await
    }

    async fn start_on(setup: &Setup, port: u16, app: &TestApp, origin: &str, dist: &Path) -> Self {
        let url = format!("http://127.0.0.1:{port}");
        let public = setup.proxy.as_ref().map_or(&*url, Proxy::url);
        let origins =
            [Some(origin), setup.origin.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(",");
        let changes = [
            ("BANQ_ACCOUNT_SPACE_ID", "1"),
            ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
            ("BANQ_PUBLIC_URL", public),
            ("BANQ_LISTEN", &format!("127.0.0.1:{port}")),
            ("BANQ_ALLOWED_ORIGINS", &*origins),
            ("BANQ_WIDGET_DIR", &dist.display().to_string()),
        ];
        let settings = changed(app.settings(), &changes);
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

    /// Starts the program on the address and database of an earlier one.
    pub(crate) async fn restart(port: &Port, app: &TestApp, origin: &str, dist: &Path) -> Self {
        let setup = Setup { intermediary: Intermediary::Process, ..Setup::default() };
        Self::start_on(&setup, port.number(), app, origin, dist).await
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

/// Starts the program and waits until it says where it listens.
fn spawn(settings: &Settings) -> Process {
    let mut program = Command::new(paths::intermediary());
    let started = Process::said(program.envs(settings), None, "listens on");
    started.expect("the intermediary stopped").0
}

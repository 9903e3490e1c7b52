//! Runs an example, and a simulator beside it.

use std::{collections::BTreeMap, future::Future, path::PathBuf, process::Stdio, time::Duration};

use banq_simulator::Simulator;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

pub(crate) const API_KEY: &str = "the shop's own key";
pub(crate) const WEBHOOK_SECRET: &str = "the webhook's shared secret";

/// Whatever is waited for in a test comes within this time, or never.
pub(crate) async fn within_deadline<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("waited in vain")
}

/// A running example; dropping it kills it.
pub(crate) struct Example {
    /// Where it listens, without a slash at the end.
    pub(crate) url: String,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Example {
    /// Starts it with these variables and no others, and waits until it says where it listens.
    pub(crate) async fn start(name: &str, settings: &BTreeMap<String, String>) -> Self {
        let mut child = Command::new(program(name))
            .env_clear()
            .envs(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within_deadline(lines.next_line()).await.unwrap().expect("the example ended");
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        Self { url, child, lines }
    }

    /// The next line that it prints; `None` when it has ended.
    pub(crate) async fn line(&mut self) -> Option<String> {
        within_deadline(self.lines.next_line()).await.unwrap()
    }

    /// Presses Ctrl-C, and waits until it has ended without a complaint.
    pub(crate) async fn interrupt(mut self) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
        assert!(within_deadline(self.child.wait()).await.unwrap().success());
        assert_eq!(self.line().await, None);
    }
}

/// The program that cargo built of an example. It lies beside the folder of this test's own program.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let path = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is missing: `cargo build -p banq-intermediary --examples` makes it",
        path.display()
    );
    path
}

pub(crate) async fn simulator() -> Simulator {
    let config = banq_simulator::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        webhook_retry_delay: Duration::from_millis(50),
        ..banq_simulator::Config::default()
    };
    Simulator::start(config).await.unwrap()
}

/// The settings of a local intermediary beside `simulator`.
pub(crate) fn settings_for(simulator: &Simulator, folder: &tempfile::TempDir) -> BTreeMap<String, String> {
    [
        ("BANQ_ENVIRONMENT", "local".to_owned()),
        ("BANQ_API_URL", simulator.api_url()),
        ("BANQ_AUTH_URL", simulator.auth_url()),
        ("BANQ_CLIENT_ID", "demo-client".to_owned()),
        ("BANQ_USERNAME", "demo-merchant".to_owned()),
        ("BANQ_PASSWORD", "demo-password".to_owned()),
        ("BANQ_ACCOUNT_GUID", "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42".to_owned()),
        ("BANQ_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("BANQ_API_KEY", API_KEY.to_owned()),
        ("BANQ_LISTEN", "127.0.0.1:0".to_owned()),
        ("BANQ_DATABASE_URL", format!("sqlite://{}", folder.path().join("test.sqlite").display())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

//! Runs an example.

use std::{future::Future, path::PathBuf, process::Stdio, time::Duration};

use banq_testkit::Settings;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

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
    pub(crate) async fn start(name: &str, settings: &Settings) -> Self {
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

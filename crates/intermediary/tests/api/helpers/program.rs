//! The real program.

use std::{collections::BTreeMap, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use super::within_deadline;

/// A running `banq-intermediary`; dropping it kills it.
pub(crate) struct Program {
    pub(crate) url: String,
    child: Child,
    log: JoinHandle<String>,
}

impl Program {
    /// Starts it, and waits until it says where it listens.
    pub(crate) async fn start(settings: &BTreeMap<String, String>, log: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_banq-intermediary"))
            .envs(settings)
            .env("RUST_LOG", log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).await.unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within_deadline(lines.next_line()).await.unwrap().expect("the program ended");
        let url = line.rsplit(' ').next().unwrap().to_owned();
        Self { url, child, log }
    }

    /// `kill -9`.
    pub(crate) async fn kill(mut self) {
        within_deadline(self.child.kill()).await.unwrap();
    }

    /// Ends it in order; everything that it logged.
    pub(crate) async fn terminate(mut self) -> String {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        assert!(within_deadline(self.child.wait()).await.unwrap().success());
        within_deadline(self.log).await.unwrap()
    }
}

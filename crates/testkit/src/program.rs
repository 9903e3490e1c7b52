//! A program as a process of its own, which can be killed.

use std::{ffi::OsStr, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};

use crate::{DEADLINE, PATIENCE, Settings, within};

/// A running server; dropping it kills it.
pub struct Program {
    /// Where it listens, without a slash at the end.
    pub url: String,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: Option<JoinHandle<String>>,
}

/// Returns the command that runs a program without input and with these settings as its whole environment. It is killed
/// when its process is dropped.
pub fn command(program: impl AsRef<OsStr>, settings: &Settings) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(settings).stdin(Stdio::null()).kill_on_drop(true);
    command
}

impl Program {
    /// Starts a server, and waits until the first line that it prints ends with its address.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let log = child.stderr.take().map(|mut stderr| {
            tokio::spawn(async move {
                let mut text = Vec::new();
                stderr.read_to_end(&mut text).await.unwrap();
                String::from_utf8_lossy(&text).into_owned()
            })
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within(PATIENCE, lines.next_line()).await.unwrap().expect("the program ended");
        let (_, url) = line.split_once(" on ").expect("the line says where the program listens");
        Self { url: url.to_owned(), child, lines, log }
    }

    /// Starts a server and keeps all that it logs.
    pub async fn start_with_log(mut command: Command) -> Self {
        command.stderr(Stdio::piped());
        Self::start(command).await
    }

    /// Returns the next line that it prints; `None` when it has ended.
    pub async fn line(&mut self) -> Option<String> {
        within(PATIENCE, self.lines.next_line()).await.unwrap()
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        within(PATIENCE, self.child.kill()).await.unwrap();
    }

    /// Ends it in order, and returns all that it logged since [`Program::start_with_log`].
    pub async fn terminate(mut self) -> String {
        self.end("-TERM", DEADLINE).await;
        within(DEADLINE, self.log.expect("it was started with its log")).await.unwrap()
    }

    /// Presses Ctrl-C, and waits until it has ended without a complaint and without another line.
    pub async fn interrupt(mut self) {
        self.end("-INT", PATIENCE).await;
        assert_eq!(self.line().await, None);
    }

    async fn end(&mut self, signal: &str, limit: Duration) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
        assert!(within(limit, self.child.wait()).await.unwrap().success());
    }
}

//! A NATS server of the tests' own, on a free port of loopback.
//!
//! It ends with the process that started it, however that ends: a shell between them waits for the end of its input,
//! which is this process.

use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
};

use crate::{free_port, until};

/// `$@`: the server and its options.
const SCRIPT: &str = r#"
"$@" >/dev/null 2>&1 </dev/null &
server=$!
read -r _
kill -KILL $server
"#;

/// A server that can be killed and started again; it ends when this is dropped.
pub struct NatsServer {
    port: u16,
    options: Vec<String>,
    shell: Option<Child>,
}

impl NatsServer {
    /// Starts one that asks for no login.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further options of its command line.
    pub async fn start_with(options: &[&str]) -> Self {
        let options = options.iter().copied().map(str::to_owned).collect();
        let mut server = Self { port: free_port(), options, shell: None };
        server.restart().await;
        server
    }

    /// Returns its address: a host and a port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it, as a fault would.
    pub fn kill(&mut self) {
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            shell.wait().unwrap();
        }
    }

    /// Starts it again, on the same port; it answers when this returns.
    pub async fn restart(&mut self) {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(program());
        command.args(["--addr", "127.0.0.1", "--port"]).arg(self.port.to_string()).args(&self.options);
        // In a group of its own: Ctrl-C ends the tests, and their end ends the server.
        self.shell = Some(command.process_group(0).stdin(Stdio::piped()).spawn().unwrap());
        until(async || {
            let connection = TcpStream::connect(self.address()).await.ok()?;
            let mut greeting = String::new();
            BufReader::new(connection).read_line(&mut greeting).await.ok()?;
            greeting.starts_with("INFO ").then_some(())
        })
        .await;
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The server: `BANQ_NATS_SERVER`, or where Debian puts it (outside of `PATH`), or in `PATH`.
fn program() -> PathBuf {
    let set = std::env::var_os("BANQ_NATS_SERVER").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    let mut places = set.into_iter().chain([PathBuf::from("/usr/sbin/nats-server")]).chain(in_path);
    places.find(|place| place.is_file()).expect("nats-server is not installed: set BANQ_NATS_SERVER to it")
}

//! The server as a process of its own.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use banq_testkit::{PATIENCE, free_port};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::app::TestApp;

/// A server that can be killed and started again at the same address.
pub(super) struct Program {
    pub(super) url: String,
    environment: Vec<(String, String)>,
    log: PathBuf,
    http: reqwest::Client,
    child: Child,
}

impl Program {
    /// Starts one with the settings of a test and `more`; its log goes to a file.
    pub(super) fn start(app: &TestApp, more: Vec<(String, String)>, log: PathBuf) -> Self {
        let port = free_port();
        let mut environment: Vec<_> = app.settings().into_iter().collect();
        environment.push(("BANQ_LISTEN".into(), format!("127.0.0.1:{port}")));
        environment.extend(more);
        let child = spawn(&environment, &log);
        // As a balancer looks: on a new connection each time.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { url: format!("http://127.0.0.1:{port}"), environment, log, http, child }
    }

    /// What `/readyz` says, if anybody answers.
    pub(super) async fn ready(&self) -> Option<u16> {
        let asked =
            self.http.get(format!("{}/readyz", self.url)).timeout(Duration::from_secs(2)).send().await;
        asked.ok().map(|answer| answer.status().as_u16())
    }

    /// Waits until it is ready, or is not any more; how long that took.
    pub(super) async fn becomes_ready(&self, expected: bool) -> Duration {
        let started = Instant::now();
        let wait = async {
            while (self.ready().await == Some(200)) != expected {
                sleep(Duration::from_millis(50)).await;
            }
        };
        let came = timeout(PATIENCE, wait).await;
        came.unwrap_or_else(|_| panic!("ready: never {expected}; its log:\n{}", self.log()));
        started.elapsed()
    }

    /// Waits until it uses no processor time: everything waits.
    pub(super) async fn is_idle(&self) {
        let used = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
            let (_, fields) = stat.rsplit_once(") ").unwrap();
            fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>()
        };
        let wait = async {
            let (mut before, mut looks) = (used(), 0);
            while looks < 10 {
                sleep(Duration::from_millis(30)).await;
                let now = used();
                looks = if now == before { looks + 1 } else { 0 };
                before = now;
            }
        };
        timeout(PATIENCE, wait).await.expect("it is never idle");
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub(super) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub(super) fn start_again(&mut self) {
        self.child = spawn(&self.environment, &self.log);
    }

    /// Stops it in order.
    pub(super) async fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().await.unwrap();
        assert!(stopped.success());
        let ended = timeout(PATIENCE, self.child.wait()).await.expect("it does not stop").unwrap();
        assert!(ended.success(), "{ended}; its log:\n{}", self.log());
    }

    /// Another command of the program, with the same settings; its exit code and all that it said.
    pub(super) async fn command(&self, arguments: &[&str]) -> (i32, String) {
        let mut settings: BTreeMap<String, String> = self.environment.iter().cloned().collect();
        settings.remove("LD_PRELOAD");
        settings.insert("BANQ_PUBLIC_URL".into(), self.url.clone());
        command(&settings, arguments).await
    }
}

/// Runs the program with these settings until it ends; its exit code and all that it said.
pub(super) async fn command(settings: &BTreeMap<String, String>, arguments: &[&str]) -> (i32, String) {
    let mut command = banq_testkit::command(env!("CARGO_BIN_EXE_banq-intermediary"), settings);
    let output = timeout(PATIENCE, command.args(arguments).output()).await.expect("it does not end").unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn spawn(environment: &[(String, String)], log: &PathBuf) -> Child {
    let log: File = OpenOptions::new().create(true).append(true).open(log).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_banq-intermediary"));
    command.env_clear().env("RUST_LOG", "info").envs(environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true).spawn().unwrap()
}

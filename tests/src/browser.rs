//! Chromium, driven over WebDriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use thirtyfour::WindowHandle;
use thirtyfour::prelude::*;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Browsers at work at the same time; the machine may be small.
const BROWSERS: usize = 2;

/// As root (in a container, as in CI) Chromium has no sandbox; the other flags keep it quiet and off the network.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// One browser with a profile of its own. Ends with [`Browser::quit`].
pub struct Browser {
    /// The WebDriver session.
    pub driver: WebDriver,
    _turn: SemaphorePermit<'static>,
    _process: Driver,
}

fn start_driver(program: &str) -> Option<(Driver, u16)> {
    let mut process = Command::new(program)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` puts it in place"));
    let output = BufReader::new(process.stdout.take().unwrap());
    let process = Driver(process);
    let port = output.lines().map_while(Result::ok).find_map(|line| {
        line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
    })?;
    Some((process, port))
}

/// The driver's process, ended with the test.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Browser {
    /// Starts chromedriver on a port that it chooses itself, and Chromium under it.
    pub async fn start() -> Self {
        static TURNS: OnceLock<Semaphore> = OnceLock::new();
        let turn = TURNS.get_or_init(|| Semaphore::new(BROWSERS)).acquire().await.unwrap();

        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        // It takes a port for two kinds of addresses at once, and gives up when one of them is taken.
        let (process, port) =
            (0..5).find_map(|_| start_driver(&program)).expect("chromedriver starts and says its port");

        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag).unwrap();
        }
        if let Ok(chromium) = std::env::var("CHROMIUM") {
            capabilities.set_binary(&chromium).unwrap();
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.unwrap();
        driver.set_window_rect(0, 0, 1200, 900).await.unwrap();
        driver.set_script_timeout(std::time::Duration::from_secs(40)).await.unwrap();
        Self { driver, _turn: turn, _process: process }
    }

    /// Says something in the browser's own protocol.
    pub async fn cdp(&self, command: &str, parameters: serde_json::Value) {
        self.driver.cdp().send_raw(command, parameters).await.unwrap();
    }

    /// Takes the page's network away, or gives it back.
    pub async fn offline(&self, offline: bool) {
        self.cdp("Network.enable", serde_json::json!({})).await;
        let conditions = serde_json::json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1
        });
        self.cdp("Network.emulateNetworkConditions", conditions).await;
    }

    /// Waits for the window that is not this one.
    pub async fn other_window(&self, this: &WindowHandle) -> WindowHandle {
        self.until_windows(2).await.into_iter().find(|window| window != this).unwrap()
    }

    /// Waits until every other window is closed.
    pub async fn until_one_window(&self) {
        self.until_windows(1).await;
    }

    /// WebDriver has no event for windows, so this one looks again and again.
    async fn until_windows(&self, count: usize) -> Vec<WindowHandle> {
        for _ in 0..300 {
            let windows = self.driver.windows().await.unwrap();
            if windows.len() == count {
                return windows;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("waited in vain for {count} windows");
    }

    /// Ends the session.
    pub async fn quit(self) {
        self.driver.quit().await.unwrap();
    }
}

//! A browser, driven over WebDriver.

use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use thirtyfour::WindowHandle;
use thirtyfour::prelude::*;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Engine;
use crate::driver::Driver;

/// Browsers at work at the same time; the machine may be small.
const BROWSERS: usize = 2;

/// One browser with a profile of its own. Ends with [`Browser::quit`].
pub struct Browser {
    /// The WebDriver session. Not dropped with a test that fails: its last word would be waited for, for minutes.
    pub driver: ManuallyDrop<WebDriver>,
    _process: Driver,
    _turn: SemaphorePermit<'static>,
}

impl Browser {
    /// Chromium, in which nearly all tests run.
    pub async fn start() -> Self {
        Self::start_in(Engine::Chromium).await
    }

    /// A browser of this engine.
    pub async fn start_in(engine: Engine) -> Self {
        static TURNS: OnceLock<Semaphore> = OnceLock::new();
        let turn = TURNS.get_or_init(|| Semaphore::new(BROWSERS)).acquire().await.unwrap();

        let process = engine.driver();
        let driver = WebDriver::new(process.url(), engine.capabilities()).await.unwrap();
        driver.set_window_rect(0, 0, 1200, 900).await.unwrap();
        driver.set_script_timeout(std::time::Duration::from_secs(40)).await.unwrap();
        Self { driver: ManuallyDrop::new(driver), _process: process, _turn: turn }
    }

    /// Says something in Chromium's own protocol.
    pub async fn cdp(&self, command: &str, parameters: serde_json::Value) -> serde_json::Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
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
        WebDriver::clone(&self.driver).quit().await.unwrap();
    }
}

//! A browser, driven over WebDriver.

use std::mem::ManuallyDrop;
use std::sync::OnceLock;

use serde_json::json;
use thirtyfour::WindowHandle;
use thirtyfour::prelude::*;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::driver::Driver;
use crate::{Deadline, Engine, PATIENCE, Screen, becomes, pause};

/// Browsers at work at the same time; the machine may be small.
const BROWSERS: usize = 2;

/// How often a browser is started until it runs.
const STARTS: u32 = 3;

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
        Self::start_on(engine, Screen::default()).await
    }

    /// A browser of this engine on this screen. One that does not come up on a busy machine is started again.
    pub async fn start_on(engine: Engine, screen: Screen) -> Self {
        static TURNS: OnceLock<Semaphore> = OnceLock::new();
        let turn = TURNS.get_or_init(|| Semaphore::new(BROWSERS)).acquire().await.unwrap();

        let mut failures = Vec::new();
        for _ in 0..STARTS {
            let process = engine.driver(screen);
            match session(&process, engine, screen).await {
                Ok(driver) => return Self { driver, _process: process, _turn: turn },
                Err(failure) => failures.push(failure),
            }
        }
        panic!("{engine:?} does not start: {failures:?}");
    }

    /// Says something in Chromium's own protocol.
    pub async fn cdp(&self, command: &str, parameters: serde_json::Value) -> serde_json::Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
    }

    /// Takes the page's network away, or gives it back.
    pub async fn offline(&self, offline: bool) {
        self.cdp("Network.enable", json!({})).await;
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1
        });
        self.cdp("Network.emulateNetworkConditions", conditions).await;
    }

    /// Waits for the window that is not this one; it may still be empty.
    pub async fn other_window(&self, this: &WindowHandle) -> WindowHandle {
        self.until_windows(2).await.into_iter().find(|window| window != this).unwrap()
    }

    /// Waits for the window that is not this one until it shows a page, and stays in this one.
    pub async fn loaded_window(&self, this: &WindowHandle) -> WindowHandle {
        let window = self.other_window(this).await;
        self.driver.switch_to_window(window.clone()).await.unwrap();
        let loaded = "return location.href !== 'about:blank' && document.readyState === 'complete'";
        // A document that is about to be replaced can refuse the answer.
        let look =
            async || self.driver.execute(loaded, vec![]).await.map(|loaded| loaded.json().clone()).ok();
        becomes!(look().await, Some(json!(true)), "the window shows a page");
        self.driver.switch_to_window(this.clone()).await.unwrap();
        window
    }

    /// Waits until every other window is closed.
    pub async fn until_one_window(&self) {
        self.until_windows(1).await;
    }

    /// WebDriver has no event for windows, so this one looks again and again.
    async fn until_windows(&self, count: usize) -> Vec<WindowHandle> {
        let deadline = Deadline::start();
        loop {
            let windows = self.driver.windows().await.unwrap();
            if windows.len() == count {
                return windows;
            }
            assert!(!deadline.is_over(), "waited in vain for {count} windows; there are {}", windows.len());
            pause().await;
        }
    }

    /// Ends the session. What is left of the browser ends with its driver.
    pub async fn quit(self) {
        let quit = WebDriver::clone(&self.driver).quit();
        if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, quit).await {
            eprintln!("the browser did not end by itself: {error}");
        }
    }
}

/// Starts the browser and waits until its window has its size.
async fn session(
    process: &Driver,
    engine: Engine,
    screen: Screen,
) -> Result<ManuallyDrop<WebDriver>, String> {
    let (width, height) = screen.size;
    let started = WebDriver::new(process.url(), engine.capabilities(screen));
    let started = tokio::time::timeout(PATIENCE, started).await.map_err(|_| "no session".to_owned())?;
    let driver = ManuallyDrop::new(started.map_err(|error| error.to_string())?);
    let prepare = async {
        driver.set_script_timeout(2 * PATIENCE).await?;
        driver.set_window_rect(0, 0, width, height).await?;
        driver.set_page_load_timeout(2 * PATIENCE).await
    };
    prepare.await.map_err(|error| error.to_string())?;
    // A window changes its size in its own time.
    let deadline = Deadline::start();
    loop {
        let seen = driver.execute("return innerWidth", vec![]).await.map_err(|error| error.to_string())?;
        if seen.json() == &json!(width) {
            return Ok(driver);
        }
        if deadline.is_over() {
            return Err(format!("the window is {} wide, not {width}", seen.json()));
        }
        pause().await;
    }
}

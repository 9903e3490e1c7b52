//! The three engines that browsers are made of, and what each is told at its start.

use serde_json::{Value, json};
use thirtyfour::Capabilities;

use crate::driver::Driver;

/// What draws the page and runs its scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Of Chrome and Edge.
    Chromium,
    /// Of Firefox itself.
    Firefox,
    /// Of Safari; here in WebKitGTK's own small browser.
    WebKit,
}

/// The window of a browser, and the screen that it is on.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Width and height of the window, in CSS pixels.
    pub size: (u32, u32),
    /// Device pixels of a CSS pixel.
    pub scale: u32,
}

impl Default for Screen {
    fn default() -> Self {
        Self { size: (1200, 900), scale: 1 }
    }
}

/// As root (in a container, as in CI) Chromium has no sandbox; the other flags keep it quiet and off the network.
const CHROMIUM_FLAGS: [&str; 9] = [
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

impl Engine {
    /// Starts the engine's WebDriver server.
    pub(crate) fn driver(self, screen: Screen) -> Driver {
        match self {
            Self::Chromium => Driver::chromium(),
            Self::Firefox => Driver::firefox(),
            Self::WebKit => Driver::webkit(screen.scale),
        }
    }

    /// What a session asks the driver for.
    pub(crate) fn capabilities(self, screen: Screen) -> Capabilities {
        let scale = format!("--force-device-scale-factor={}", screen.scale);
        let flags: Vec<&str> = CHROMIUM_FLAGS.into_iter().chain([&*scale]).collect();
        let mut firefox = options("FIREFOX", &["-headless"]);
        firefox["prefs"] = json!({ "layout.css.devPixelsPerPx": screen.scale.to_string() });
        let wanted = match self {
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:chromeOptions": options("CHROMIUM", &flags),
            }),
            Self::Firefox => json!({ "browserName": "firefox", "moz:firefoxOptions": firefox }),
            Self::WebKit => json!({
                "browserName": "MiniBrowser",
                "webkitgtk:browserOptions": options("MINIBROWSER", &["--automation"]),
            }),
        };
        serde_json::from_value(wanted).unwrap()
    }
}

/// Where the browser is, unless the driver knows that itself, and its arguments.
fn options(variable: &str, arguments: &[&str]) -> Value {
    let mut options = json!({ "args": arguments });
    if let Ok(binary) = std::env::var(variable) {
        options["binary"] = json!(binary);
    }
    options
}

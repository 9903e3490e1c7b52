//! The programs that drive the browsers, each on a port of its own, ended with the test.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Deadline;
use crate::port::Port;
use crate::process::{Folder, Process};

/// A WebDriver server. What it and its browser leave in the folder for temporary files goes with it.
pub(crate) struct Driver {
    port: u16,
    _held: Option<Port>,
    _process: Process,
    /// The display that its browser draws on.
    _display: Option<Process>,
    _folder: Folder,
}

impl Driver {
    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// chromedriver, on a port that it chooses itself.
    pub(crate) fn chromium() -> Self {
        // It takes a port for two kinds of addresses at once, and gives up when one of them is taken.
        (0..5)
            .find_map(|_| {
                let mut command = program("CHROMEDRIVER", "chromedriver");
                Self::said(command.arg("--port=0"), "started successfully on port ")
            })
            .expect("chromedriver starts and says its port")
    }

    /// geckodriver, which wants a second port, for a protocol that is not used here.
    pub(crate) fn firefox() -> Self {
        let mut command = program("GECKODRIVER", "geckodriver");
        command.args(["--host=127.0.0.1", "--port=0", "--websocket-port=0"]);
        Self::said(&mut command, "Listening on 127.0.0.1:").expect("geckodriver starts and says its port")
    }

    /// WebKitWebDriver, which neither chooses its port nor says when it listens, on a display of its own with this many
    /// device pixels for a CSS pixel.
    pub(crate) fn webkit(scale: u32) -> Self {
        let pixels = format!("{}x{}x24", 1280 * scale, 1024 * scale);
        let screen = || {
            let mut screen = program("XVFB", "Xvfb");
            screen.args(["-displayfd", "1", "-screen", "0", &pixels, "-nolisten", "tcp"]);
            Process::said(&mut screen, None, "")
        };
        // Two that start at the same moment can want the same number.
        let (display, number) = (0..5).find_map(|_| screen()).expect("Xvfb starts and says its display");
        let (folder, port) = (Folder::new(), Port::free());
        let mut command = program("WEBKITDRIVER", "WebKitWebDriver");
        command.arg(format!("--port={}", port.number())).arg("--host=127.0.0.1");
        // The one display there is, and no settings of somebody's desktop.
        command.env("DISPLAY", format!(":{number}")).env_remove("WAYLAND_DISPLAY");
        command.env("GDK_BACKEND", "x11").env("GSETTINGS_BACKEND", "memory");
        command.env("GDK_SCALE", scale.to_string());
        let mut process =
            Process::start(command.env("TMPDIR", folder.path()).stdout(Stdio::null()), Some(&folder));
        let deadline = Deadline::start();
        while TcpStream::connect(("127.0.0.1", port.number())).is_err() {
            assert!(process.runs() && !deadline.is_over(), "WebKitWebDriver starts and listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            port: port.number(),
            _held: Some(port),
            _process: process,
            _display: Some(display),
            _folder: folder,
        }
    }

    /// A driver that says its port after these words.
    fn said(command: &mut Command, words: &'static str) -> Option<Self> {
        let folder = Folder::new();
        let (process, port) = Process::said(command.env("TMPDIR", folder.path()), Some(&folder), words)?;
        let port = port.trim_end_matches('.').parse().unwrap();
        Some(Self { port, _held: None, _process: process, _display: None, _folder: folder })
    }
}

/// A program by its variable, or by its name in `PATH`.
fn program(variable: &str, name: &str) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()));
    command.stderr(Stdio::null());
    command
}

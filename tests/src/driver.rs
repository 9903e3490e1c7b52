//! The programs that drive the browsers, each on a port of its own, ended with the test.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A WebDriver server.
pub(crate) struct Driver {
    port: u16,
    _process: Process,
    /// The display that its browser draws on.
    _display: Option<Process>,
}

impl Driver {
    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// chromedriver, on a port that it chooses itself.
    pub(crate) fn chromium() -> Self {
        let start = || {
            let mut command = program("CHROMEDRIVER", "chromedriver");
            said(command.arg("--port=0"), "started successfully on port ")
        };
        // It takes a port for two kinds of addresses at once, and gives up when one of them is taken.
        let (process, port) = (0..5).find_map(|_| start()).expect("chromedriver starts and says its port");
        Self { port: number(&port), _process: process, _display: None }
    }

    /// geckodriver, which wants a second port, for a protocol that is not used here.
    pub(crate) fn firefox() -> Self {
        let mut command = program("GECKODRIVER", "geckodriver");
        command.args(["--host=127.0.0.1", "--port=0", "--websocket-port=0"]);
        let (process, port) =
            said(&mut command, "Listening on 127.0.0.1:").expect("geckodriver starts and says its port");
        Self { port: number(&port), _process: process, _display: None }
    }

    /// WebKitWebDriver, which neither chooses its port nor says when it listens, on a display of its own.
    pub(crate) fn webkit() -> Self {
        let mut screen = program("XVFB", "Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
        let (display, number) = said(&mut screen, "").expect("Xvfb starts and says its display");
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = program("WEBKITDRIVER", "WebKitWebDriver");
            command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
            // The one display there is, and no settings of somebody's desktop.
            command.env("DISPLAY", format!(":{number}")).env_remove("WAYLAND_DISPLAY");
            command.env("GDK_BACKEND", "x11").env("GSETTINGS_BACKEND", "memory");
            let mut process = Process::start(command.stdout(Stdio::null()));
            while process.0.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { port, _process: process, _display: Some(display) };
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            // Somebody else took the port meanwhile.
        }
        panic!("WebKitWebDriver starts and listens");
    }
}

/// A program by its variable, or by its name in `PATH`.
fn program(variable: &str, name: &str) -> Command {
    Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()))
}

/// Starts a program and waits for the line in which it says what follows these words.
fn said(command: &mut Command, words: &str) -> Option<(Process, String)> {
    let mut process = Process::start(command.stdout(Stdio::piped()));
    let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said = lines.find_map(|line| Some(line.split_once(words)?.1.trim().to_owned()))?;
    // Keeps reading, or the program would stop at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Some((process, said))
}

fn number(port: &str) -> u16 {
    port.trim_end_matches('.').parse().unwrap()
}

/// A program and what it started: a browser outlives a driver that is killed, so all of them are ended.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let started = command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
        Self(started.unwrap_or_else(|error| panic!("{name}: {error}; `cargo xtask test` puts it in place")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

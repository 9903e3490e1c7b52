//! Runs shop, intermediary and simulator on this machine, until Ctrl-C.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::{bundle, paths, run};

const SHOP: u16 = 8080;
const BANQ: u16 = 8081;
/// The origins of `trunk serve`, which proxies the shop's routes: Trunk.toml.
const TRUNK_SERVE: [&str; 2] = ["http://127.0.0.1:8082", "http://localhost:8082"];
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// From where the demo is reachable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    ThisMachine,
    /// A phone on the same network can scan the code.
    Lan,
}

/// Builds everything, starts both servers, and stops them on Ctrl-C.
pub(crate) fn start(reach: Reach) -> Result<(), Error> {
    let (host, listen) = match reach {
        Reach::ThisMachine => (Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST),
        Reach::Lan => (lan()?, Ipv4Addr::UNSPECIFIED),
    };
    for port in [SHOP, BANQ] {
        TcpListener::bind((listen, port)).map_err(|_| Error::PortTaken(port))?;
    }
    let widget = build()?;

    let (stop, stopped) = channel();
    // The loop below listens as long as the program runs.
    let handler = move || {
        let _ = stop.send(());
    };
    ctrlc::set_handler(handler).map_err(|error| Error::Other(error.to_string()))?;
    let mut servers = servers(host, listen, &widget)?;
    for server in &mut servers {
        server.wait_until_healthy()?;
    }
    println!("\n  the shop   http://{host}:{SHOP}/widget/\n  the phone  http://{host}:{BANQ}/app");
    println!(
        "  the simulator of Banq and its scenarios  http://{host}:{BANQ}/\n\nNo money moves. Ctrl-C stops it."
    );
    loop {
        match stopped.recv_timeout(Duration::from_millis(300)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => servers.iter_mut().try_for_each(Server::still_runs)?,
        }
    }
}

/// Builds both servers while the widget and its tools build, which leave processors idle at times. Returns the widget's
/// folder.
fn build() -> Result<PathBuf, Error> {
    println!("building intermediary and simulator");
    std::thread::scope(|scope| {
        let servers = scope.spawn(|| {
            let mut build = run::cargo();
            build.args(["build", "--quiet", "-p", "banq-simulator", "-p", "banq-intermediary"]);
            run::show(&mut build)
        });
        let widget = bundle::plain(&[]);
        servers.join().map_err(|_| Error::Stopped("the build of the servers"))??;
        widget
    })
}

fn servers(host: Ipv4Addr, listen: Ipv4Addr, widget: &Path) -> Result<[Server; 2], Error> {
    let (shop, banq) = (format!("http://{host}:{SHOP}"), format!("http://{host}:{BANQ}"));
    let data = paths::target()?.join("demo");
    // Left by earlier runs, none of which still runs: its ports would be taken.
    let _ = fs::remove_dir_all(&data);
    fs::create_dir_all(&data).map_err(Error::file(&data))?;
    // One database per run: the simulator keeps payments in memory, so checkouts of earlier runs would have none.
    let database = data.join(format!("{}.sqlite", std::process::id()));
    let (secret, key) = (random()?, random()?);
    let simulator = Server::start(
        "banq-simulator",
        BANQ,
        &[
            ("SIMULATOR_LISTEN", &format!("{listen}:{BANQ}")),
            ("SIMULATOR_PUBLIC_URL", &banq),
            ("SIMULATOR_WEBHOOK_URL", &format!("{shop}/your-web-hooks/payment-status")),
            ("SIMULATOR_WEBHOOK_SECRET", &secret),
        ],
    )?;
    let intermediary = Server::start(
        "banq-intermediary",
        SHOP,
        &[
            // Warnings only by default: the demo is for looking at the pages.
            ("RUST_LOG", &std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned())),
            ("BANQ_ENVIRONMENT", "local"),
            ("BANQ_API_URL", &format!("{banq}/api/")),
            ("BANQ_AUTH_URL", &format!("{banq}/oauth/token")),
            ("BANQ_CLIENT_ID", "demo-client"),
            ("BANQ_USERNAME", "demo-merchant"),
            ("BANQ_PASSWORD", "demo-password"),
            ("BANQ_ACCOUNT_GUID", "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42"),
            ("BANQ_ACCOUNT_SPACE_ID", "1"),
            ("BANQ_WEBHOOK_SECRET", &secret),
            ("BANQ_API_KEY", &key),
            ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
            ("BANQ_PUBLIC_URL", &shop),
            ("BANQ_LISTEN", &format!("{listen}:{SHOP}")),
            ("BANQ_ALLOWED_ORIGINS", &format!("{shop},{}", TRUNK_SERVE.join(","))),
            ("BANQ_DATABASE_URL", &format!("sqlite://{}", database.display())),
            ("BANQ_WIDGET_DIR", &widget.display().to_string()),
        ],
    )?;
    Ok([simulator, intermediary])
}

/// A child process that ends with this program.
struct Server {
    name: &'static str,
    port: u16,
    child: Child,
}

impl Server {
    fn start(name: &'static str, port: u16, environment: &[(&str, &str)]) -> Result<Self, Error> {
        let program = paths::target()?.join("debug").join(name);
        let child = Command::new(&program)
            .envs(environment.iter().copied())
            .spawn()
            .map_err(|cause| Error::Start { program: name.to_owned(), cause })?;
        Ok(Self { name, port, child })
    }

    fn still_runs(&mut self) -> Result<(), Error> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(_)) | Err(_) => Err(Error::Stopped(self.name)),
        }
    }

    fn wait_until_healthy(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        while !is_healthy(self.port) {
            self.still_runs()?;
            if Instant::now() > deadline {
                return Err(Error::Other(format!("{} does not answer on port {}", self.name, self.port)));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both servers survive a kill without losing data, so it is a valid way to stop them.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_healthy(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = [0; 12];
    stream.write_all(request.as_bytes()).and_then(|()| stream.read_exact(&mut answer)).is_ok()
        && answer == *b"HTTP/1.1 200"
}

/// Returns this machine's address in the network. Connecting a UDP socket selects it without sending anything;
/// 192.0.2.1 is reserved for documentation.
fn lan() -> Result<Ipv4Addr, Error> {
    let address = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
        .and_then(|socket| socket.connect(("192.0.2.1", 9)).and_then(|()| socket.local_addr()));
    match address {
        Ok(std::net::SocketAddr::V4(address)) if !address.ip().is_loopback() => Ok(*address.ip()),
        Ok(_) | Err(_) => Err(Error::NoLan),
    }
}

fn random() -> Result<String, Error> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| Error::Other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

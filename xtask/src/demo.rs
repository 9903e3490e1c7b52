//! Builds the widget and the server, and runs the server's own demo until Ctrl-C.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::{bundle, paths, run, tools};

const SHOP: u16 = 8080;
const BANQ: u16 = 8081;

/// From where the demo is reachable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    ThisMachine,
    /// A phone on the same network can scan the code.
    Lan,
}

/// Builds everything, and becomes the demo. Returns only if it does not start.
pub(crate) fn start(reach: Reach) -> Result<(), Error> {
    for port in [SHOP, BANQ] {
        // Now, and not after the build.
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|_| Error::PortTaken(port))?;
    }
    let widget = build()?;
    tools::remove_builds();
    let program = paths::target()?.join("debug").join("banq-intermediary");
    let mut demo = Command::new(&program);
    demo.arg("demo").arg("--widget-dir").arg(widget);
    demo.args([format!("--port={SHOP}"), format!("--banq-port={BANQ}")]);
    if reach == Reach::Lan {
        demo.arg("--lan");
    }
    Err(Error::Start { program: program.display().to_string(), cause: demo.exec() })
}

/// Builds the server while the widget and its tools build, which leave processors idle at times. Returns the widget's
/// folder.
fn build() -> Result<PathBuf, Error> {
    println!("building the server");
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let mut build = run::cargo();
            build.args(["build", "--quiet", "-p", "banq-intermediary"]);
            run::show(&mut build)
        });
        let widget = bundle::plain(&[]);
        server.join().map_err(|_| Error::Stopped("the build of the server"))??;
        widget
    })
}

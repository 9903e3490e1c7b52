//! The shop of `examples/next`, rendered by Next.js on its own server.

use std::process::Command;

use crate::port::Port;
use crate::process::Process;
use crate::{TestApp, paths};

/// A running shop; it ends when it is dropped.
pub struct NextShop {
    _process: Process,
}

impl NextShop {
    /// An origin on which no program listens.
    pub fn free_origin() -> String {
        format!("http://127.0.0.1:{}", Port::free().number())
    }

    /// Starts the built shop on this origin.
    pub fn start(app: &TestApp, origin: &str) -> Self {
        let folder = paths::source_of_example("next");
        let (_, port) = origin.rsplit_once(':').unwrap();
        let mut next = Command::new(folder.join("node_modules/.bin/next"));
        next.args(["start", "-H", "127.0.0.1", "-p", port]).current_dir(&folder);
        next.env("BANQ_SERVER", app.base()).env("NEXT_TELEMETRY_DISABLED", "1");
        let (process, _) = Process::said(&mut next, None, "Ready in").expect("next start ended");
        Self { _process: process }
    }
}

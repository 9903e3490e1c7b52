//! Tests the server against its own OpenAPI document: sends valid and invalid requests to every route, with the
//! simulator behind it. A response must not be a 5xx or differ from the document.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::error::Error;
use crate::python_tools::SCHEMATHESIS;
use crate::{paths, run};

/// A stream ends only with its checkout, so it is excluded; the server's own tests cover it.
const ENDLESS: &str = "/checkouts/{checkout_id}/events";

const WEBHOOK_SECRET: &str = "a secret for tests";

/// Seconds; a long poll may take half a minute.
const SLOWEST: &str = "35";

/// Starts both servers on free ports and runs schemathesis.
pub(crate) fn ask() -> Result<(), Error> {
    let program = SCHEMATHESIS.program()?;
    let mut build = run::cargo();
    build.args(["build", "--quiet", "-p", "banq-simulator", "-p", "banq-intermediary"]);
    run::show(&mut build)?;
    let data = paths::target()?.join("schemathesis");
    std::fs::create_dir_all(&data).map_err(Error::file(&data))?;
    let database = data.join(format!("{}.sqlite", std::process::id()));
    let simulator = Server::start("banq-simulator", &[("SIMULATOR_LISTEN", "127.0.0.1:0")])?;
    let intermediary = Server::start(
        "banq-intermediary",
        &[
            ("BANQ_ENVIRONMENT", "local"),
            ("BANQ_API_URL", &format!("{}/api/", simulator.url)),
            ("BANQ_AUTH_URL", &format!("{}/oauth/token", simulator.url)),
            ("BANQ_CLIENT_ID", "demo-client"),
            ("BANQ_USERNAME", "demo-merchant"),
            ("BANQ_PASSWORD", "demo-password"),
            ("BANQ_ACCOUNT_GUID", "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42"),
            ("BANQ_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("BANQ_API_KEY", "a-key-for-tests"),
            ("BANQ_LISTEN", "127.0.0.1:0"),
            ("BANQ_DATABASE_URL", &format!("sqlite://{}", database.display())),
            ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
            ("RUST_LOG", "warn"),
        ],
    )?;
    let mut program = Command::new(program);
    let own = paths::root().join("xtask/schemathesis");
    program.current_dir(&data).env("SCHEMATHESIS_HOOKS", "hooks").env("PYTHONPATH", &own);
    program.env("BANQ_WEBHOOK_SECRET", WEBHOOK_SECRET);
    program.arg("--config-file").arg(own.join("schemathesis.toml"));
    program.arg("run").arg(format!("{}/openapi.json", intermediary.url));
    program.args([
        "--header",
        "Authorization: Bearer a-key-for-tests",
        "--checks",
        "all",
        "--max-examples",
        "60",
    ]);
    program.args([
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-response-time",
        SLOWEST,
        "--request-timeout",
        SLOWEST,
    ]);
    program.args(["--exclude-path", ENDLESS]);
    run::show(&mut program)
}

/// A child process that ends with this program, and its listening address.
struct Server {
    child: Child,
    url: String,
    /// Kept open: a program that still writes must not get a broken pipe.
    _out: BufReader<ChildStdout>,
}

impl Server {
    fn start(name: &'static str, environment: &[(&str, &str)]) -> Result<Self, Error> {
        let program = paths::target()?.join("debug").join(name);
        let mut child = Command::new(&program)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| Error::Start { program: name.to_owned(), cause })?;
        let mut out = BufReader::new(child.stdout.take().ok_or(Error::Stopped(name))?);
        let mut line = String::new();
        // Ends when the program does, which has then printed why.
        while out.read_line(&mut line).is_ok_and(|count| count > 0) {
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                return Ok(Self { url: url.to_owned(), child, _out: out });
            }
            line.clear();
        }
        Err(Error::Stopped(name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

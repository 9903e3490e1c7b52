//! Runs everything that CI runs, step by step. A failure stops no other step, and is listed at the end.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Instant;

use crate::error::Error;
use crate::outcome::{Outcome, Steps};
use crate::tools::{CARGO_DENY, WASM_BINDGEN};
use crate::{book, bundle, dist, examples, npm_package, paths, run, sbom, setup, wasm_std, words};

type Step = (&'static str, fn(&mut Outcome) -> Result<(), Error>);

/// Quick steps first.
const STEPS: [Step; 11] = [
    ("fmt", |_| fmt()),
    ("clippy", |_| clippy()),
    ("doc", |_| doc()),
    ("book", |_| book::build()),
    ("deny", |_| deny()),
    ("sbom", |_| sbom::write().map(drop)),
    ("dist", |_| dist::bundle()),
    ("npm", npm_package::test),
    ("native", native),
    ("wasm", wasm),
    (LARGE, frameworks),
];

/// The step that `--all` and its own name run, because of what it installs.
const LARGE: &str = "frameworks";

const WASM: &str = "wasm32-unknown-unknown";

/// Runs the usual steps, all with `--all`, or the named ones, each to its end.
pub(crate) fn steps(names: &[&str]) -> Result<(), Error> {
    let known: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    let usual: Vec<&str> = known.iter().copied().filter(|name| *name != LARGE).collect();
    let names = match names {
        [] => &usual,
        ["--all"] => &known,
        names => names,
    };
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Error::NoStep((*unknown).to_owned(), known.join(", ")));
    }
    let mut steps = Steps::default();
    for (name, step) in STEPS.iter().filter(|(name, _)| names.contains(name)) {
        println!("== {name}");
        let start = Instant::now();
        let mut outcome = Outcome::default();
        let result = step(&mut outcome);
        let word = if result.is_ok() { "passed" } else { "FAILED" };
        println!("== {name}: {word} in {} s", start.elapsed().as_secs());
        steps.add(name, outcome, result);
    }
    print!("{steps}");
    if steps.passed() { Ok(()) } else { Err(Error::Tests) }
}

/// The look of the code, and the prose in it and in the documents.
fn fmt() -> Result<(), Error> {
    let format = run::show(run::cargo().args(["fmt", "--all", "--check"]));
    let phrases = words::phrases();
    let spelling = words::spelling();
    format.and(phrases).and(spelling)
}

fn clippy() -> Result<(), Error> {
    wasm_std::ensure_target()?;
    let strict = ["--", "-D", "warnings"];
    run::show(run::cargo().args(["clippy", "--quiet", "--workspace", "--all-targets"]).args(strict))?;
    let widget = ["clippy", "--quiet", "-p", "banq-checkout", "--all-targets", "--target", WASM];
    run::show(run::cargo().args(widget).args(strict))
}

fn doc() -> Result<(), Error> {
    let mut doc = run::cargo();
    doc.args(["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"]);
    run::show(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn deny() -> Result<(), Error> {
    let folder = CARGO_DENY.folder()?;
    let deny = || run::command("cargo", &[&folder]);
    run::show(deny().args(["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    // The advisory database is a remote repository; if it is unreachable, this check is skipped.
    if run::answer(deny().args(["deny", "--log-level", "off", "fetch", "db"])).is_some() {
        run::show(deny().args(["deny", "--log-level", "error", "check", "advisories"]))
    } else {
        println!("skipped: advisories, because their database cannot be reached from here");
        Ok(())
    }
}

/// Runs unit tests, tests of the servers from outside, and browser tests of the whole flow.
fn native(outcome: &mut Outcome) -> Result<(), Error> {
    let browsers = setup::browsers()?;
    let (postgres, nats) = (setup::postgres()?, setup::nats()?);
    if !paths::dist().join("banq-checkout_bg.wasm").exists() {
        dist::bundle()?;
    }
    let plain = bundle::plain(&[&without_node()?])?;
    let examples = examples::build()?;
    // Some tests start and kill programs, which are built with the tests of their packages.
    let mut test = run::cargo();
    test.args(["test", "--workspace", "--no-fail-fast"]);
    test.env("BANQ_E2E_DIST", paths::dist()).env("BANQ_POSTGRES_BIN", postgres).env("BANQ_NATS_SERVER", nats);
    test.env("BANQ_E2E_TARGET", paths::target()?).env("BANQ_E2E_PLAIN", plain);
    test.env("BANQ_E2E_EXAMPLES", examples);
    run::line_by_line(test.envs(browsers), |line| outcome.read(line))
}

/// Runs the browser tests of the pages whose frameworks are large.
fn frameworks(outcome: &mut Outcome) -> Result<(), Error> {
    let browser = setup::chromium()?;
    if !paths::dist().join("banq-checkout_bg.wasm").exists() {
        dist::bundle()?;
    }
    let mut test = run::cargo();
    test.args(["test", "-p", "banq-checkout-e2e", "--test", "e2e", "--", "--ignored"]);
    test.env("BANQ_E2E_DIST", paths::dist()).env("BANQ_E2E_TARGET", paths::target()?);
    test.env("BANQ_E2E_EXAMPLES", examples::build_large()?);
    run::line_by_line(test.envs(browser), |line| outcome.read(line))
}

/// Returns a folder for the front of `PATH` in which Node.js, npm and their tools exist and fail, which proves that
/// trunk builds the bundle without them.
fn without_node() -> Result<PathBuf, Error> {
    let folder = paths::target()?.join("without-node");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    for name in ["node", "npm", "npx", "esbuild", "wasm-opt"] {
        let program = folder.join(name);
        fs::write(&program, "#!/bin/sh\nexit 1\n").map_err(Error::file(&program))?;
        fs::set_permissions(&program, Permissions::from_mode(0o755)).map_err(Error::file(&program))?;
    }
    Ok(folder)
}

/// Runs the component's tests in a browser, without servers.
fn wasm(outcome: &mut Outcome) -> Result<(), Error> {
    wasm_std::ensure_target()?;
    let browser = setup::chromium()?;
    let runner = WASM_BINDGEN.folder()?.join("wasm-bindgen-test-runner");
    let mut test = run::cargo();
    test.args([
        "test",
        "--no-fail-fast",
        "-p",
        "banq-checkout",
        "--test",
        "component",
        "--test",
        "pay_with_banq",
        "--target",
        WASM,
    ]);
    test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    // The runner's timeout for all tests together, in seconds; its default of 20 is too short for a busy machine.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "600");
    run::line_by_line(test.envs(browser), |line| outcome.read(line))
}

//! Measures the project beside what a developer would write instead: prepares everything, and runs `bench/`.

use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::{debian, dist, npm_package, paths, run, setup, size, tools};

/// The parts that look at the widget's release bundle, and the page beside it.
const OF_THE_PAGE: [&str; 2] = ["bytes", "page"];

/// Runs the named parts, or all.
pub(crate) fn measure(parts: &[&str]) -> Result<(), Error> {
    let wants = |names: &[&str]| parts.is_empty() || parts.iter().any(|part| names.contains(part));
    let out = paths::target()?.join("bench");
    std::fs::create_dir_all(&out).map_err(Error::file(&out))?;
    let yardsticks = install()?;

    println!("building the servers and the load generator, with optimisation");
    let mut build = run::cargo();
    build.args(["build", "--quiet", "--release"]);
    build.args(
        ["banq-intermediary", "banq-simulator", "banq-checkout-bench"].map(|name| format!("-p={name}")),
    );
    run::show(&mut build)?;
    let programs = paths::target()?.join("release");
    // A stream is an open file of the server, and another of the generator.
    let mut bench = Command::new("sh");
    bench.args(["-c", "ulimit -n 65536 2>/dev/null || ulimit -n $(ulimit -Hn); exec \"$@\"", "sh"]);
    bench.arg(programs.join("banq-checkout-bench")).args(parts);
    bench.env("BANQ_BENCH_BIN", programs).env("BANQ_BENCH_OUT", &out);
    if std::env::var_os("BANQ_BENCH_NODE").is_none() {
        bench.env("BANQ_BENCH_NODE", yardsticks.join("server.mjs"));
    }
    if wants(&OF_THE_PAGE) {
        dist::bundle()?;
        bench.env("BANQ_E2E_DIST", paths::dist()).env("BANQ_BENCH_TWIN", twin(&yardsticks)?);
        bench.envs(setup::browsers()?);
    }
    if wants(&["payments", "instances", "load"]) {
        bench.env("BANQ_POSTGRES_BIN", setup::postgres()?);
    }
    if wants(&["instances"]) {
        bench.env("BANQ_NATS_SERVER", setup::nats()?);
    }
    if wants(&["streams"]) {
        bench.env("BANQ_BENCH_NGINX", nchan()?);
    }
    run::show(&mut bench)
}

/// Installs the packages of the yardsticks on Node.js, once. Returns their folder.
fn install() -> Result<PathBuf, Error> {
    let folder = paths::root().join("bench/yardsticks");
    let built = folder.join("node_modules/better-sqlite3/build/Release/better_sqlite3.node");
    if !built.exists() {
        println!("installing better-sqlite3, undici and uqr from npm, for the yardsticks (a minute, once)");
        npm_package::install("the yardsticks", &folder)?;
        // Downloads the built library, or compiles it.
        let mut rebuild = Command::new("npm");
        run::quietly("npm rebuild", rebuild.args(["rebuild", "better-sqlite3"]).current_dir(&folder))?;
    }
    Ok(folder)
}

/// Unpacks nginx with nchan, and makes the folder that nchan wants whatever its settings say. Returns where they are.
fn nchan() -> Result<PathBuf, Error> {
    let home =
        debian::unpacked("nchan", &["nginx", "libnginx-mod-nchan"], "nchan is the yardstick of the streams")?;
    let folder = PathBuf::from("/var/lib/nginx");
    match std::fs::create_dir_all(&folder) {
        Err(error) if !folder.exists() => Err(Error::Other(format!(
            "nchan needs the folder {}, which cannot be made ({error}): make it as root, or leave the part streams out",
            folder.display()
        ))),
        _ => Ok(home),
    }
}

/// Builds the page in hand-written JavaScript as the widget is built: minified, and compressed by brotli.
fn twin(yardsticks: &std::path::Path) -> Result<PathBuf, Error> {
    let folder = paths::target()?.join("bench/twin");
    std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    let script = folder.join("pay.js");
    let mut esbuild = Command::new(tools::npm()?.join("esbuild"));
    esbuild.arg(yardsticks.join("page/pay.js")).arg(format!("--outfile={}", script.display()));
    esbuild.args(["--bundle", "--minify", "--format=iife", "--global-name=Pay", "--log-level=warning"]);
    run::quietly("esbuild of bench/yardsticks/page", &mut esbuild)?;
    let bytes = std::fs::read(&script).map_err(Error::file(&script))?;
    let compressed = folder.join("pay.js.br");
    let weighed = size::weigh("pay.js", &bytes)?;
    std::fs::write(&compressed, weighed.brotli).map_err(Error::file(&compressed))?;
    Ok(folder)
}

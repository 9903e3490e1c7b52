//! The release bundle: built by trunk, minified, compressed, weighed.

use std::fs;
use std::process::Command;

use crate::error::Error;
use crate::names::Names;
use crate::setup::{self, BuildTools};
use crate::{paths, run, size};

const LOADER: &str = "ecommerce.js";
const GLUE: &str = "banq-checkout.js";
const WASM: &str = "banq-checkout_bg.wasm";
/// The client without a face: a bundle of its own, which no page with the widget loads.
const HEADLESS: &str = "banq-headless";
const HEADLESS_GLUE: &str = "banq-headless.js";
const HEADLESS_WASM: &str = "banq-headless_bg.wasm";
/// As index.html says it to trunk.
const WASM_OPT: [&str; 4] =
    ["-Oz", "--converge", "--low-memory-unused", "--one-caller-inline-max-function-size=30"];

/// Builds the bundle and prints its table.
pub(crate) fn bundle() -> Result<(), Error> {
    let tools = setup::build_tools()?;
    build(&tools)?;
    let button = button_css(&tools)?;
    let dist = paths::dist();
    let names = Names::shorten(&tools.npm.join("wasm-opt"), &dist.join(WASM))?;
    minify(&tools, LOADER, &[format!("--define:BUTTON_CSS={button:?}")], None)?;
    minify(&tools, GLUE, &[], Some(&names))?;
    headless(&tools)?;
    let names = Names::shorten(&tools.npm.join("wasm-opt"), &dist.join(HEADLESS_WASM))?;
    minify(&tools, HEADLESS_GLUE, &[], Some(&names))?;
    let page = compress(&[LOADER, GLUE, WASM])?;
    print!("{}{}", size::table("all a page loads", &page), size::BUDGETS);
    print!("\n{}", size::table("the client without a face", &compress(&[HEADLESS_GLUE, HEADLESS_WASM])?));
    size::check(&page)
}

/// Puts the precompressed forms beside the files.
fn compress(names: &[&'static str]) -> Result<Vec<size::Weighed>, Error> {
    let mut files = Vec::new();
    for name in names {
        let path = paths::dist().join(name);
        let file = size::weigh(name, &fs::read(&path).map_err(Error::file(&path))?)?;
        for (ending, bytes) in [("gz", &file.gzip), ("br", &file.brotli)] {
            let path = paths::dist().join(format!("{name}.{ending}"));
            fs::write(&path, bytes).map_err(Error::file(&path))?;
        }
        files.push(file);
    }
    Ok(files)
}

/// The size-tuned build: a standard library compiled for size, and panics that stop at once, without the
/// text that nobody on a phone would read, and no `Debug`. All are unstable options of a stable compiler.
fn build(tools: &BuildTools) -> Result<(), Error> {
    let mut trunk = run::command("trunk", &[&tools.trunk, &tools.wasm_bindgen, &tools.npm]);
    trunk.args(["build", "--release", "--cargo-profile", "widget", "--skip-version-check"]);
    tune_for_size(&mut trunk)?;
    // Trunk reads NO_COLOR as a boolean and stops at anything else.
    trunk.env_remove("NO_COLOR");
    println!("building the widget");
    run::quietly("trunk build", &mut trunk)
}

fn tune_for_size(command: &mut Command) -> Result<(), Error> {
    command.env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
    command.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
    command.env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none");
    // Other flags than the tests have: a folder of its own, or each would rebuild the other's.
    command.env("CARGO_TARGET_DIR", paths::target()?.join("widget"));
    Ok(())
}

/// Trunk builds one program a page; this one by the same three steps.
fn headless(tools: &BuildTools) -> Result<(), Error> {
    println!("building the client without a face");
    let mut build = run::cargo();
    build.args(["build", "--profile", "widget", "--target", "wasm32-unknown-unknown", "--bin", HEADLESS]);
    build.args(["-p", "banq-checkout", "--no-default-features", "--features", "headless"]);
    tune_for_size(&mut build)?;
    run::quietly("building the client without a face", &mut build)?;
    let dist = paths::dist();
    let built =
        paths::target()?.join("widget/wasm32-unknown-unknown/widget").join(format!("{HEADLESS}.wasm"));
    let mut bindgen = Command::new(tools.wasm_bindgen.join("wasm-bindgen"));
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", HEADLESS, "--out-dir"]);
    run::quietly("wasm-bindgen", bindgen.arg(&dist).arg(&built))?;
    let wasm = dist.join(HEADLESS_WASM);
    let mut optimize = Command::new(tools.npm.join("wasm-opt"));
    run::quietly("wasm-opt", optimize.args(WASM_OPT).arg(&wasm).arg("-o").arg(&wasm))
}

/// The button's rules, minified, for the loader.
fn button_css(tools: &BuildTools) -> Result<String, Error> {
    let source = paths::root().join("src/view/button.css");
    let target = paths::target()?.join("button.css");
    let mut esbuild = Command::new(tools.npm.join("esbuild"));
    esbuild.arg(&source).args(["--minify", "--log-level=warning"]);
    esbuild.arg(format!("--outfile={}", target.display()));
    run::quietly("minifying button.css", &mut esbuild)?;
    let css = fs::read_to_string(&target).map_err(Error::file(&target))?;
    Ok(css.trim().to_owned())
}

fn minify(tools: &BuildTools, script: &str, more: &[String], names: Option<&Names>) -> Result<(), Error> {
    let path = paths::dist().join(script);
    let mut esbuild = Command::new(tools.npm.join("esbuild"));
    esbuild.arg(&path).args(["--minify", "--target=es2020", "--allow-overwrite", "--log-level=warning"]);
    esbuild.args(more).arg(format!("--outfile={}", path.display()));
    if let Some(names) = names {
        names.apply(&mut esbuild)?;
    }
    run::quietly(&format!("minifying {script}"), &mut esbuild)
}

//! The release bundle: built by trunk, minified, compressed, weighed.

use std::fs;
use std::process::Command;

use crate::error::Error;
use crate::setup::{self, BuildTools};
use crate::{paths, run, size};

const LOADER: &str = "ecommerce.js";
const GLUE: &str = "banq-checkout.js";
const WASM: &str = "banq-checkout_bg.wasm";

/// Builds the bundle and prints its table.
pub(crate) fn bundle() -> Result<(), Error> {
    let tools = setup::build_tools()?;
    build(&tools)?;
    let button = button_css(&tools)?;
    minify(&tools, LOADER, &[format!("--define:BUTTON_CSS={button:?}")])?;
    minify(&tools, GLUE, &[])?;
    let dist = paths::dist();
    let mut files = Vec::new();
    for name in [LOADER, GLUE, WASM] {
        let path = dist.join(name);
        let file = size::weigh(name, &fs::read(&path).map_err(Error::file(&path))?)?;
        for (ending, bytes) in [("gz", &file.gzip), ("br", &file.brotli)] {
            let path = dist.join(format!("{name}.{ending}"));
            fs::write(&path, bytes).map_err(Error::file(&path))?;
        }
        files.push(file);
    }
    print!("{}", size::table(&files));
    size::check(&files)
}

/// The size-tuned build: a standard library compiled for size, and panics that stop at once, without the
/// text that nobody on a phone would read. Both are unstable options of a stable compiler.
fn build(tools: &BuildTools) -> Result<(), Error> {
    let mut trunk = run::command("trunk", &[&tools.trunk, &tools.wasm_bindgen, &tools.npm]);
    trunk.args(["build", "--release", "--cargo-profile", "widget", "--skip-version-check"]);
    trunk.env("RUSTC_BOOTSTRAP", "1");
    trunk.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
    trunk.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
    trunk.env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort");
    // Other flags than the tests have: a folder of its own, or each would rebuild the other's.
    trunk.env("CARGO_TARGET_DIR", paths::target().join("widget"));
    // Trunk reads NO_COLOR as a boolean and stops at anything else.
    trunk.env_remove("NO_COLOR");
    println!("building the widget");
    run::quietly("trunk build", &mut trunk)
}

/// The button's rules, minified, for the loader.
fn button_css(tools: &BuildTools) -> Result<String, Error> {
    let source = paths::root().join("src/view/button.css");
    let target = paths::target().join("button.css");
    let mut esbuild = Command::new(tools.npm.join("esbuild"));
    esbuild.arg(&source).args(["--minify", "--log-level=warning"]);
    esbuild.arg(format!("--outfile={}", target.display()));
    run::quietly("minifying button.css", &mut esbuild)?;
    let css = fs::read_to_string(&target).map_err(Error::file(&target))?;
    Ok(css.trim().to_owned())
}

fn minify(tools: &BuildTools, script: &str, more: &[String]) -> Result<(), Error> {
    let path = paths::dist().join(script);
    let mut esbuild = Command::new(tools.npm.join("esbuild"));
    esbuild.arg(&path).args(["--minify", "--target=es2020", "--allow-overwrite", "--log-level=warning"]);
    esbuild.args(more).arg(format!("--outfile={}", path.display()));
    run::quietly(&format!("minifying {script}"), &mut esbuild)
}

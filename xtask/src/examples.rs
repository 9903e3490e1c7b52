//! The pages in `examples/`, built with the npm package for the browser tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::{npm_package, paths, run};

/// The pages that Vite builds.
const PAGES: [&str; 6] = ["headless", "original-element", "react", "svelte", "vite-module", "vue"];

/// The intermediary's address in the built pages. A test writes that of its own in its place.
const SERVER: &str = "http://intermediary.invalid";

/// Builds all pages. Returns the folder that holds a folder for each.
pub(crate) fn build() -> Result<PathBuf, Error> {
    npm_package::fill()?;
    let folder = paths::root().join("examples");
    npm_package::install("the examples", &folder)?;
    let built = paths::target()?.join("examples");
    for page in PAGES {
        build_page(&folder, page, &built.join(page))?;
    }
    Ok(built)
}

fn build_page(folder: &Path, page: &str, built: &Path) -> Result<(), Error> {
    let mut vite = Command::new(folder.join("node_modules/.bin/vite"));
    vite.args(["build", "--logLevel=warn", "--emptyOutDir", "--outDir"]).arg(built);
    vite.current_dir(folder.join(page)).env("VITE_BANQ_SERVER", SERVER);
    run::quietly(&format!("vite build of examples/{page}"), &mut vite)
}

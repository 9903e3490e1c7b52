//! The pages in `examples/`, built for the browser tests: most with the npm package, one with Yew.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bundle::Trunk;
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
    let mut yew = Trunk::ensure()?.build(&built.join("yew"), &[]);
    run::quietly("trunk build of examples/yew", yew.current_dir(folder.join("yew")))?;
    Ok(built)
}

/// Builds the pages of Angular and Next.js, whose packages are large: 750 MB.
pub(crate) fn build_large() -> Result<PathBuf, Error> {
    npm_package::fill()?;
    let folder = paths::root().join("examples");
    let built = paths::target()?.join("examples");
    let angular = folder.join("angular");
    npm_package::install("the example of Angular", &angular)?;
    let mut ng = Command::new(angular.join("node_modules/.bin/ng"));
    // The value is an expression of JavaScript.
    ng.args(["build", "--progress=false", "--define", &format!("BANQ_SERVER='{SERVER}'"), "--output-path"]);
    run::quietly("ng build of examples/angular", ng.arg(built.join("angular")).current_dir(&angular))?;
    let next = folder.join("next");
    npm_package::install("the example of Next.js", &next)?;
    let mut build = Command::new(next.join("node_modules/.bin/next"));
    build.arg("build").env("NEXT_TELEMETRY_DISABLED", "1").current_dir(&next);
    run::quietly("next build of examples/next", &mut build)?;
    Ok(built)
}

fn build_page(folder: &Path, page: &str, built: &Path) -> Result<(), Error> {
    let mut vite = Command::new(folder.join("node_modules/.bin/vite"));
    vite.args(["build", "--logLevel=warn", "--emptyOutDir", "--outDir"]).arg(built);
    vite.current_dir(folder.join(page)).env("VITE_BANQ_SERVER", SERVER);
    run::quietly(&format!("vite build of examples/{page}"), &mut vite)
}

//! The npm package `banq-checkout`: fills it with the bundle, and tests it as it is published.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::outcome::Outcome;
use crate::{paths, run};

/// Endings of the bundle's files that the package does not need: pages, and forms that a server compresses by itself.
const LEFT_OUT: [&str; 3] = [".br", ".gz", ".html"];

/// Copies the bundle's files into the package.
pub(crate) fn fill() -> Result<(), Error> {
    let widget = paths::root().join("npm/widget");
    let _ = fs::remove_dir_all(&widget);
    fs::create_dir_all(&widget).map_err(Error::file(&widget))?;
    let dist = paths::dist();
    for entry in fs::read_dir(&dist).map_err(Error::file(&dist))? {
        let path = entry.map_err(Error::file(&dist))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() && !LEFT_OUT.iter().any(|ending| name.ends_with(ending)) {
            fs::copy(&path, widget.join(&name)).map_err(Error::file(&path))?;
        }
    }
    Ok(())
}

/// Installs the packages that a folder's lock file names, without running their scripts.
pub(crate) fn install(what: &str, folder: &Path) -> Result<(), Error> {
    if run::find("npm").is_none() {
        return Err(Error::Missing("npm", "it packs and tests the npm package; install Node.js 20 or newer"));
    }
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    run::quietly(&format!("npm ci for {what}"), &mut install)
}

/// Packs the package, and runs its tests against the packed files.
pub(crate) fn test(outcome: &mut Outcome) -> Result<(), Error> {
    fill()?;
    let folder = paths::root().join("npm/test");
    install("the tests of the npm package", &folder)?;
    run::quietly("packing the npm package", Command::new("node").arg("pack.js").current_dir(&folder))?;
    let mut test = Command::new("node");
    test.args(["--test", "--test-reporter=tap"]).current_dir(&folder);
    run::line_by_line(&mut test, |line| outcome.read_tap(line))
}

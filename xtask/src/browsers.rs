//! Finds the tests' browsers and their drivers: by environment variables, in `PATH`, or from Debian's packages.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::run;
use crate::tools::{GECKODRIVER, debian};

/// A browser and its driver. The tests find each program by its variable.
struct Browser {
    programs: &'static [Program],
    /// Debian's packages with these programs.
    packages: &'static [&'static str],
    why: &'static str,
    /// The error if they are still missing after the installation.
    missing: Error,
}

struct Program {
    variable: &'static str,
    names: &'static [&'static str],
}

/// Programs by their variables, for the environment of a test.
pub(crate) type Found = Vec<(&'static str, PathBuf)>;

/// Returns Chromium, for all browser tests.
pub(crate) fn chromium() -> Result<Found, Error> {
    find(Browser {
        programs: &[
            Program { variable: "CHROMIUM", names: &["chromium", "chromium-browser", "google-chrome"] },
            Program { variable: "CHROMEDRIVER", names: &["chromedriver"] },
        ],
        packages: &["chromium", "chromium-driver", "fonts-liberation"],
        why: "run the browser tests",
        missing: Error::Missing(
            "chromium",
            "install Chromium and chromedriver, or set CHROMIUM and CHROMEDRIVER",
        ),
    })
}

/// Returns Firefox, for the tests that run in every engine.
pub(crate) fn firefox() -> Result<Found, Error> {
    let mut found = find(Browser {
        programs: &[Program { variable: "FIREFOX", names: &["firefox-esr", "firefox"] }],
        packages: &["firefox-esr"],
        why: "run the browser tests in Firefox too",
        missing: Error::Missing("firefox", "install Firefox, or set FIREFOX"),
    })?;
    let driver = match set("GECKODRIVER") {
        Some(set) => set,
        None => GECKODRIVER.folder()?.join(GECKODRIVER.program),
    };
    found.push(("GECKODRIVER", driver));
    Ok(found)
}

/// Returns WebKit, Safari's engine, for the same tests. Its browser has no headless mode, hence the display.
pub(crate) fn webkit() -> Result<Found, Error> {
    find(Browser {
        programs: &[
            Program { variable: "MINIBROWSER", names: &["MiniBrowser"] },
            Program { variable: "WEBKITDRIVER", names: &["WebKitWebDriver"] },
            Program { variable: "XVFB", names: &["Xvfb"] },
        ],
        packages: &["webkit2gtk-driver", "xvfb"],
        why: "run the browser tests in WebKit too",
        missing: Error::Missing(
            "WebKitGTK",
            "install WebKitWebDriver, MiniBrowser and Xvfb, or set WEBKITDRIVER, MINIBROWSER and XVFB",
        ),
    })
}

fn find(browser: Browser) -> Result<Found, Error> {
    if let Some(found) = look(&browser) {
        return Ok(found);
    }
    debian(browser.packages, browser.why)?;
    look(&browser).ok_or(browser.missing)
}

fn look(browser: &Browser) -> Option<Found> {
    let programs = browser.programs.iter();
    programs
        .map(|Program { variable, names }| {
            let anywhere = || names.iter().find_map(|name| run::find(name).or_else(|| in_library(name)));
            Some((*variable, set(variable).or_else(anywhere)?))
        })
        .collect()
}

fn set(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// Returns a program of WebKitGTK, which is beside its library and not in `PATH`: `/usr/lib/TRIPLET/webkit2gtk-VERSION`
/// on Debian, `/usr/libexec/webkit2gtk-VERSION` elsewhere.
fn in_library(program: &str) -> Option<PathBuf> {
    let folders = |path: &Path| {
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut parents = folders(Path::new("/usr/lib"));
    parents.push("/usr/libexec".into());
    let libraries = parents.iter().flat_map(|parent| folders(parent));
    libraries
        .filter(|folder| {
            folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit2gtk"))
        })
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

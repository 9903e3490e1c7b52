//! Debian's packages, unpacked in the tools' folder and not installed: an installed server starts at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::{paths, run};

/// Libraries that every Debian has, and that must fit its loader.
const BASE: [&str; 3] = ["libc6", "libgcc-s1", "libcrypt1"];

/// Downloads and unpacks packages with their libraries, once. Returns their folder, which has this name.
pub(crate) fn unpacked(name: &str, packages: &[&str], why: &str) -> Result<PathBuf, Error> {
    let home = paths::tools().join(name);
    if home.exists() {
        return Ok(home);
    }
    let list = packages.join(", ");
    println!("unpacking Debian's packages {list}: {why}");
    let part = paths::tools().join(format!("{name}.part"));
    let _ = fs::remove_dir_all(&part);
    fs::create_dir_all(&part).map_err(Error::file(&part))?;
    if run::quietly("apt-get download", &mut download(packages, &part)).is_err() {
        // The lists of packages may be missing or old.
        let update = run::quietly("apt-get update", Command::new("apt-get").arg("update"));
        let again = update.and_then(|()| run::quietly("apt-get download", &mut download(packages, &part)));
        again.map_err(|_| {
            Error::Other(format!(
                "Debian's packages could not be downloaded: run `apt-get update` as root, or install {list}"
            ))
        })?;
    }
    let files = fs::read_dir(&part).map_err(Error::file(&part))?.flatten().map(|entry| entry.path());
    for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "deb")) {
        run::quietly("dpkg -x", Command::new("dpkg").arg("-x").arg(&file).arg(&part))?;
        fs::remove_file(&file).map_err(Error::file(&file))?;
    }
    fs::rename(&part, &home).map_err(Error::file(&home))?;
    Ok(home)
}

/// Returns the command that downloads the packages and their libraries into a folder.
fn download(packages: &[&str], folder: &Path) -> Command {
    let kinds = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"];
    let mut depends = Command::new("apt-cache");
    depends.args(["depends", "--recurse"]).args(kinds.map(|kind| format!("--no-{kind}"))).args(packages);
    let tree = run::answer(&mut depends).unwrap_or_default();
    // A line of its own without an indentation is a package; one in angle brackets exists only by another name.
    let libraries = tree.lines().filter(|name| name.starts_with("lib") && !BASE.contains(name));
    let libraries: BTreeSet<&str> = libraries.filter(|name| !name.contains(':')).collect();
    let libraries = libraries.into_iter().filter(|name| !packages.contains(name));
    let mut download = Command::new("apt-get");
    download.arg("download").args(packages).args(libraries).current_dir(folder);
    download
}

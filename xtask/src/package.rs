//! What is published of the server: an archive and a Debian package, each with the widget in the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::python_tools::HADOLINT;
use crate::tools::CARGO_DEB;
use crate::{dist, paths, run, sbom};

const PROGRAM: &str = "banq-intermediary";

/// Documents and settings that go beside the program.
const BESIDE: [&str; 6] = [
    "README.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "packaging/banq-intermediary.env",
    "packaging/banq-intermediary.service",
];

/// Shells, and the names by which they find completions.
const COMPLETIONS: [(&str, &str); 3] =
    [("bash", "banq-intermediary.bash"), ("zsh", "_banq-intermediary"), ("fish", "banq-intermediary.fish")];

/// Builds the widget, the server that contains it, the archive and the Debian package, and pays an order with nothing
/// but the archive.
pub(crate) fn package() -> Result<(), Error> {
    run::show(Command::new(HADOLINT.program()?).arg(paths::root().join("packaging/Containerfile")))?;
    dist::bundle()?;
    let folder = paths::target()?.join("package");
    let _ = fs::remove_dir_all(&folder);
    let files = folder.join("files");
    collect(&build()?, &files)?;
    let archive = archive(&folder, &files)?;
    let package = debian(&folder, &files)?;
    first_payment(&folder, &archive)?;
    for path in [archive, package] {
        println!("{}", path.display());
    }
    Ok(())
}

/// Builds the program for release, with the widget in it.
fn build() -> Result<PathBuf, Error> {
    println!("building {PROGRAM} for release");
    let mut build = run::cargo();
    build.args(["build", "--quiet", "--release", "-p", PROGRAM]).env("BANQ_EMBED_WIDGET", paths::dist());
    run::show(&mut build)?;
    Ok(paths::target()?.join("release").join(PROGRAM))
}

/// Puts all files of the archive into a folder.
fn collect(program: &Path, files: &Path) -> Result<(), Error> {
    let completions = files.join("completions");
    fs::create_dir_all(&completions).map_err(Error::file(&completions))?;
    let copy = |from: &Path| {
        let to = files.join(from.file_name().unwrap_or_default());
        fs::copy(from, &to).map(|_| ()).map_err(Error::file(from))
    };
    copy(program)?;
    for name in BESIDE {
        copy(&paths::root().join(name))?;
    }
    let print = |arguments: &[&str], to: &Path| {
        let text = run::answer(Command::new(program).args(arguments));
        let text = text.ok_or_else(|| Error::Other(format!("{PROGRAM} {arguments:?} failed")))?;
        fs::write(to, text).map_err(Error::file(to))
    };
    for list in sbom::write()? {
        copy(&list)?;
    }
    for (shell, name) in COMPLETIONS {
        print(&["completions", shell], &completions.join(name))?;
    }
    print(&["man"], &files.join("banq-intermediary.1"))
}

/// Writes the archive, which has the same bytes for the same files, and its checksum.
fn archive(folder: &Path, files: &Path) -> Result<PathBuf, Error> {
    let name = format!("{PROGRAM}-{}-{}", version(), host()?);
    let top = folder.join(&name);
    run::show(Command::new("cp").arg("-r").arg(files).arg(&top))?;
    let archive = folder.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args([
        "--create",
        "--gzip",
        "--sort=name",
        "--mtime=@0",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
    ]);
    tar.arg("--file").arg(&archive).arg("--directory").arg(folder).arg(&name);
    run::show(&mut tar)?;
    let mut sum = Command::new("sha256sum");
    sum.arg(format!("{name}.tar.gz")).current_dir(folder);
    let sum = run::answer(&mut sum).ok_or_else(|| Error::Other("sha256sum failed".to_owned()))?;
    let path = archive.with_extension("gz.sha256");
    fs::write(&path, sum).map_err(Error::file(&path))?;
    Ok(archive)
}

/// Writes the Debian package; `[package.metadata.deb]` of the server says which file goes where.
fn debian(folder: &Path, files: &Path) -> Result<PathBuf, Error> {
    let units = folder.join("deb");
    fs::create_dir_all(&units).map_err(Error::file(&units))?;
    let unit = files.join("banq-intermediary.service");
    let text = fs::read_to_string(&unit).map_err(Error::file(&unit))?;
    let unit = units.join("banq-intermediary.service");
    fs::write(&unit, text.replace("/usr/local/bin/", "/usr/bin/")).map_err(Error::file(&unit))?;
    // `[package.metadata.deb]` can name only files relative to the package, also where cargo's target folder is another.
    let named = paths::root().join("target/package");
    if named != folder {
        fs::create_dir_all(&named).map_err(Error::file(&named))?;
        run::show(Command::new("cp").arg("-r").args([files, &units]).arg(&named))?;
    }
    let mut deb = run::command("cargo", &[&CARGO_DEB.folder()?]);
    deb.args(["deb", "--quiet", "--no-build", "--no-strip", "-p", PROGRAM, "--output"]).arg(folder);
    run::show(&mut deb)?;
    let entries = fs::read_dir(folder).map_err(Error::file(folder))?;
    let mut found = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let found = found.find(|path| path.extension().is_some_and(|extension| extension == "deb"));
    found.ok_or_else(|| Error::Other("cargo deb made no package".to_owned()))
}

/// Unpacks the archive in a folder of its own, and pays an order with its demo.
fn first_payment(folder: &Path, archive: &Path) -> Result<(), Error> {
    let alone = folder.join("alone");
    fs::create_dir_all(&alone).map_err(Error::file(&alone))?;
    run::show(
        Command::new("tar").arg("--extract").arg("--file").arg(archive).arg("--directory").arg(&alone),
    )?;
    let name = archive.file_name().unwrap_or_default().to_string_lossy();
    let program = alone.join(name.trim_end_matches(".tar.gz")).join(PROGRAM);
    let script = paths::root().join("packaging/first-payment.sh");
    run::show(Command::new(script).arg(program))
}

/// Returns the version of all packages of the workspace.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Returns the target triple of this machine.
fn host() -> Result<String, Error> {
    let known = run::answer(Command::new("rustc").args(["--print", "host-tuple"]));
    known.map(|triple| triple.trim().to_owned()).ok_or(Error::Other("rustc does not say its host".to_owned()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_guide_shows_the_files_that_are_packaged() {
        let guide = include_str!("../../docs/deploy.md");
        for file in [
            include_str!("../../packaging/banq-intermediary.service"),
            include_str!("../../packaging/banq-intermediary.env"),
        ] {
            assert!(guide.contains(&format!("\n{file}```")), "{file}");
        }
    }
}

//! Installs the standard library for WebAssembly, compiled and as source: by rustup if it can download, otherwise from
//! Debian's package of the same version.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::{paths, run};

const TARGET: &str = "wasm32-unknown-unknown";

/// Installs the source of the standard library, which a build for size compiles itself.
pub(crate) fn ensure_source() -> Result<(), Error> {
    let sysroot = sysroot()?;
    let source = sysroot.join("lib/rustlib/src/rust/library/std");
    if !source.exists() {
        println!("installing rust-src: the release build of the widget compiles a smaller standard library");
        if !rustup(&["component", "add", "rust-src"]) {
            source_from_debian(&sysroot)?;
        }
    }
    Ok(())
}

pub(crate) fn ensure_target() -> Result<(), Error> {
    let sysroot = sysroot()?;
    let compiled = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    if !compiled.exists() {
        println!("installing the target {TARGET}: the widget is compiled for it");
        if !rustup(&["target", "add", TARGET]) {
            ensure_source()?;
            build_target(&compiled)?;
        }
    }
    Ok(())
}

fn sysroot() -> Result<PathBuf, Error> {
    run::answer(run::command("rustc", &[]).args(["--print", "sysroot"]))
        .map(PathBuf::from)
        .ok_or(Error::Missing("rustc", "install Rust by rustup"))
}

/// Returns whether rustup succeeded; it fails if its server is unreachable.
fn rustup(arguments: &[&str]) -> bool {
    run::find("rustup").is_some() && run::answer(run::command("rustup", &[]).args(arguments)).is_some()
}

/// Downloads Debian's package of the same source. Reads the mirror from the machine's apt, and changes nothing there.
fn source_from_debian(sysroot: &Path) -> Result<(), Error> {
    let version = run::answer(run::command("rustc", &[]).arg("--version"))
        .and_then(|output| output.split_whitespace().nth(1).map(str::to_owned))
        .ok_or(Error::Missing("rustc", "install Rust by rustup"))?;
    let sites = run::answer(Command::new("apt-get").args(["indextargets", "--format", "$(SITE)"]));
    let site = sites.as_deref().and_then(debian_site).ok_or(Error::Missing(
        "rust-src",
        "rustup could not download it and this is no Debian; try `rustup component add rust-src`",
    ))?;
    let folder = paths::tools().join("rust-src");
    for part in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(part)).map_err(Error::file(folder.join(part)))?;
    }
    let list = folder.join("sources.list");
    let keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let line = format!("deb [signed-by={keys}] {site} trixie-backports main\n");
    fs::write(&list, line).map_err(Error::file(&list))?;
    let apt = |program: &str| {
        let mut apt = Command::new(program);
        for (name, path) in [
            ("Dir::Etc::sourcelist", list.clone()),
            ("Dir::Etc::sourceparts", PathBuf::from("/dev/null")),
            ("Dir::State::Lists", folder.join("lists")),
            ("Dir::Cache", folder.join("cache")),
        ] {
            apt.arg("-o").arg(format!("{name}={}", path.display()));
        }
        apt.current_dir(&folder);
        apt
    };
    run::quietly("apt-get update for rust-src", apt("apt-get").arg("update"))?;
    let versions = run::answer(apt("apt-cache").args(["madison", "rust-src"])).unwrap_or_default();
    let package = debian_version(&versions, &version).ok_or_else(|| {
        Error::Other(format!("Debian has no rust-src {version}: use the toolchain of rust-toolchain.toml"))
    })?;
    run::quietly(
        "apt-get download rust-src",
        apt("apt-get").arg("download").arg(format!("rust-src={package}")),
    )?;
    let archive = fs::read_dir(&folder)
        .map_err(Error::file(&folder))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or_else(|| Error::Other("apt-get downloaded no rust-src".to_owned()))?;
    run::quietly(
        "unpacking rust-src",
        Command::new("dpkg").arg("-x").arg(&archive).arg(folder.join("unpacked")),
    )?;
    let from = folder.join("unpacked/usr/src").join(format!("rustc-{version}"));
    let to = sysroot.join("lib/rustlib/src/rust");
    fs::create_dir_all(&to).map_err(Error::file(&to))?;
    let mut copy = Command::new("cp");
    copy.arg("-r").args(["library", "Cargo.lock", "Cargo.toml"].map(|name| from.join(name))).arg(&to);
    run::quietly("copying rust-src", &mut copy)?;
    fs::remove_dir_all(&folder).map_err(Error::file(&folder))
}

/// Returns the first mirror that looks like Debian's own archive.
fn debian_site(sites: &str) -> Option<&str> {
    sites.lines().find(|site| site.trim_end_matches('/').ends_with("/debian"))
}

/// Returns the package version of this Rust version in `apt-cache madison`'s table.
fn debian_version<'a>(table: &'a str, rust: &str) -> Option<&'a str> {
    table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|version| version.starts_with(&format!("{rust}+")))
}

/// Compiles the standard library in a crate of its own, and stores the result as rustup would.
fn build_target(compiled: &Path) -> Result<(), Error> {
    let scratch = paths::tools().join("wasm-std");
    fs::create_dir_all(scratch.join("src")).map_err(Error::file(&scratch))?;
    let manifest = "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(scratch.join("Cargo.toml"), manifest).map_err(Error::file(&scratch))?;
    fs::write(scratch.join("src/lib.rs"), "").map_err(Error::file(&scratch))?;
    let mut build = run::cargo();
    build.current_dir(&scratch).args(["build", "--release", "--target", TARGET]);
    build.arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test");
    // The only way to build the standard library with a stable compiler.
    build.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", scratch.join("target"));
    run::quietly("building the standard library for WebAssembly", &mut build)?;
    let part = compiled.with_extension("part");
    fs::create_dir_all(&part).map_err(Error::file(&part))?;
    let built = scratch.join("target").join(TARGET).join("release/deps");
    for entry in fs::read_dir(&built).map_err(Error::file(&built))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libscratch") {
            fs::copy(entry.path(), part.join(&name)).map_err(Error::file(part.join(name)))?;
        }
    }
    fs::rename(&part, compiled).map_err(Error::file(compiled))?;
    fs::remove_dir_all(&scratch).map_err(Error::file(&scratch))
}

#[cfg(test)]
mod tests {
    use super::{debian_site, debian_version};

    #[test]
    fn the_mirror_is_the_machines_own() {
        let sites = "https://deb.node.example/node_20.x\nhttp://deb.debian.org/debian-security\nhttp://deb.debian.org/debian\n";
        assert_eq!(debian_site(sites), Some("http://deb.debian.org/debian"));
    }

    #[test]
    fn the_package_is_of_the_toolchains_version() {
        let table = " rust-src | 1.96.1+dfsg1-2~bpo13+1 | http://x trixie-backports/main\n rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://x";
        assert_eq!(debian_version(table, "1.95.0"), Some("1.95.0+dfsg1-2~bpo13+1"));
        assert_eq!(debian_version(table, "1.9"), None);
    }
}

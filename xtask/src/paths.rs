//! The project's folders.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::error::Error;
use crate::run;

/// The folder with the sources of the book, in the root.
pub(crate) const BOOK: &str = "docs";

pub(crate) fn root() -> PathBuf {
    // Cargo's variable names this package's folder; the program itself may have been built for another clone that
    // shares the target folder.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    // xtask/ is a folder of the workspace, so it has a parent.
    Path::new(&own).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Returns the folder of the widget's release bundle.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Returns cargo's target folder, as cargo reports it: a variable or a `.cargo/config.toml` can name another one.
pub(crate) fn target() -> Result<&'static Path, Error> {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    match TARGET.get() {
        Some(known) => Ok(known),
        None => {
            let found = target_of(&mut run::cargo())?;
            Ok(TARGET.get_or_init(|| found))
        }
    }
}

/// Asks this cargo for its target folder.
fn target_of(cargo: &mut Command) -> Result<PathBuf, Error> {
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    run::answer(cargo)
        .and_then(|output| serde_json::from_str::<serde_json::Value>(&output).ok())
        .and_then(|metadata| Some(PathBuf::from(metadata["target_directory"].as_str()?)))
        .ok_or_else(|| Error::Other("cargo metadata does not say where the target folder is".to_owned()))
}

/// Returns the folder of the installed tools: `BANQ_TOOLS`, or a folder in the user's cache, so that a fresh clone
/// reuses tools that an earlier one has built.
pub(crate) fn tools() -> PathBuf {
    // An empty value counts as none.
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = folder("XDG_CACHE_HOME");
    let home = folder("HOME").map(|home| home.join(".cache"));
    folder("BANQ_TOOLS")
        .or_else(|| Some(cache.or(home)?.join("banq-checkout").join("tools")))
        .unwrap_or_else(|| root().join(".tools"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::target_of;
    use crate::run;

    /// Creates an empty package in a folder of its own; returns the folder, and a cargo without other settings.
    fn package(name: &str, config: &str) -> (std::path::PathBuf, std::process::Command) {
        // Canonical, as cargo reports it.
        let folder = std::env::temp_dir().canonicalize().unwrap();
        let folder = folder.join(format!("banq-xtask-{name}-{}", std::process::id()));
        let package = folder.join("clone");
        fs::create_dir_all(package.join("src")).unwrap();
        fs::create_dir_all(folder.join(".cargo")).unwrap();
        fs::write(folder.join(".cargo/config.toml"), config).unwrap();
        fs::write(package.join("Cargo.toml"), "[package]\nname = \"one\"\nedition = \"2024\"\n").unwrap();
        fs::write(package.join("src/lib.rs"), "").unwrap();
        let mut cargo = run::cargo();
        cargo.current_dir(&package).env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
        (folder, cargo)
    }

    #[test]
    fn target_without_a_setting_is_in_the_workspace() {
        let (folder, mut cargo) = package("plain", "");
        assert_eq!(target_of(&mut cargo).unwrap(), folder.join("clone/target"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn target_follows_a_config_file_above_the_workspace() {
        let (folder, mut cargo) = package("config", "[build]\ntarget-dir = \"shared\"\n");
        assert_eq!(target_of(&mut cargo).unwrap(), folder.join("shared"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn target_follows_the_variable_first() {
        let (folder, mut cargo) = package("variable", "[build]\ntarget-dir = \"shared\"\n");
        cargo.env("CARGO_TARGET_DIR", "/somewhere/else");
        assert_eq!(target_of(&mut cargo).unwrap(), Path::new("/somewhere/else"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn target_that_cargo_does_not_say_is_an_error() {
        let (folder, mut cargo) = package("broken", "");
        fs::write(folder.join("clone/Cargo.toml"), "not a manifest").unwrap();
        assert!(target_of(&mut cargo).unwrap_err().to_string().contains("cargo metadata"));
        fs::remove_dir_all(folder).unwrap();
    }
}

//! The widget's bundle as trunk alone builds it: servable, but not optimised for size.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::tools::{TRUNK, WASM_BINDGEN};
use crate::{paths, run, wasm_std};

/// The programs that trunk needs.
pub(crate) struct Trunk {
    trunk: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
}

impl Trunk {
    pub(crate) fn ensure() -> Result<Self, Error> {
        wasm_std::ensure_target()?;
        Ok(Self { trunk: TRUNK.folder()?, wasm_bindgen: WASM_BINDGEN.folder()? })
    }

    /// Returns `trunk build` into a folder, with these programs first in `PATH`.
    pub(crate) fn build(&self, dist: &Path, first: &[&Path]) -> Command {
        let mut trunk = run::command("trunk", &[first, &[&self.trunk, &self.wasm_bindgen]].concat());
        trunk.args(["build", "--skip-version-check", "--dist"]).arg(dist);
        // Trunk reads NO_COLOR as a boolean and stops at any other value.
        trunk.env_remove("NO_COLOR");
        trunk
    }
}

/// Builds the bundle with trunk alone, and returns its folder. Needs the debug build to be ready.
pub(crate) fn plain(first: &[&Path]) -> Result<PathBuf, Error> {
    let dist = paths::target()?.join("plain");
    let trunk = Trunk::ensure()?;
    println!("building the widget");
    run::quietly("trunk build", &mut trunk.build(&dist, first))?;
    Ok(dist)
}

//! Puts in place what is missing. Silent and quick when nothing is.

use std::path::PathBuf;

use crate::browsers::{self, Found};
use crate::error::Error;
use crate::tools::{self, CARGO_DENY, TRUNK, WASM_BINDGEN};
use crate::wasm_std;

/// The tools that build the widget.
pub(crate) struct BuildTools {
    pub(crate) trunk: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) npm: PathBuf,
}

/// What `dist` and `demo` need.
pub(crate) fn build_tools() -> Result<BuildTools, Error> {
    wasm_std::ensure()?;
    Ok(BuildTools { trunk: TRUNK.folder()?, wasm_bindgen: WASM_BINDGEN.folder()?, npm: tools::npm()? })
}

/// What the tests of the component need.
pub(crate) fn chromium() -> Result<Found, Error> {
    browsers::chromium()
}

/// What the browser tests need, by the variables that they find it by.
pub(crate) fn browsers() -> Result<Found, Error> {
    tools::openssl()?;
    let axe = vec![("AXE", tools::axe()?)];
    Ok([browsers::chromium()?, browsers::firefox()?, browsers::webkit()?, axe].concat())
}

/// What the tests of the store need: the folder of PostgreSQL's programs.
pub(crate) fn postgres() -> Result<PathBuf, Error> {
    tools::postgres()
}

/// Everything, so that demo and test start at once.
pub(crate) fn everything() -> Result<(), Error> {
    build_tools()?;
    browsers()?;
    postgres()?;
    CARGO_DENY.folder()?;
    println!("everything is in place");
    Ok(())
}

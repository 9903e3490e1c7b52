//! Puts in place what is missing. Silent and quick when nothing is.

use std::path::PathBuf;

use crate::browsers::{self, Found};
use crate::bundle::Trunk;
use crate::error::Error;
use crate::tools::{self, CARGO_DENY};
use crate::wasm_std;

/// What the tests of the component need.
pub(crate) fn chromium() -> Result<Found, Error> {
    browsers::chromium()
}

/// What the browser tests need, by the variables that they find it by.
pub(crate) fn browsers() -> Result<Found, Error> {
    tools::openssl()?;
    let scripts = vec![("AXE", tools::axe()?), ("DARKREADER", tools::darkreader()?)];
    Ok([browsers::chromium()?, browsers::firefox()?, browsers::webkit()?, scripts].concat())
}

/// What the tests of the store need: the folder of PostgreSQL's programs.
pub(crate) fn postgres() -> Result<PathBuf, Error> {
    tools::postgres()
}

/// Everything, so that demo and test start at once.
pub(crate) fn everything() -> Result<(), Error> {
    Trunk::ensure()?;
    wasm_std::ensure_source()?;
    tools::npm()?;
    browsers()?;
    postgres()?;
    CARGO_DENY.folder()?;
    println!("everything is in place");
    Ok(())
}

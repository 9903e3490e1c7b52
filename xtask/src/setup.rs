//! Installs what is missing. Silent and quick if nothing is.

use std::path::PathBuf;

use crate::browsers::{self, Found};
use crate::bundle::Trunk;
use crate::error::Error;
use crate::tools::{self, CARGO_CYCLONEDX, CARGO_DENY, MDBOOK, TYPOS};
use crate::wasm_std;

/// Returns the browser for the component's tests.
pub(crate) fn chromium() -> Result<Found, Error> {
    browsers::chromium()
}

/// Returns the browsers for the browser tests, by the variables that name them.
pub(crate) fn browsers() -> Result<Found, Error> {
    tools::command_line()?;
    tools::languages_of_shops()?;
    let scripts =
        vec![("AXE", tools::axe()?), ("DARKREADER", tools::darkreader()?), ("FONTS", tools::fonts()?)];
    Ok([browsers::chromium()?, browsers::firefox()?, browsers::webkit()?, scripts].concat())
}

/// Returns the folder of PostgreSQL's programs, for the store's tests.
pub(crate) fn postgres() -> Result<PathBuf, Error> {
    tools::postgres()
}

/// Returns the NATS server, for the tests of several instances.
pub(crate) fn nats() -> Result<PathBuf, Error> {
    tools::nats()
}

/// Installs everything, so that demo and test start at once.
pub(crate) fn everything() -> Result<(), Error> {
    Trunk::ensure()?;
    wasm_std::ensure_source()?;
    tools::npm()?;
    browsers()?;
    postgres()?;
    nats()?;
    CARGO_DENY.folder()?;
    CARGO_CYCLONEDX.folder()?;
    TYPOS.folder()?;
    MDBOOK.folder()?;
    println!("everything is in place");
    Ok(())
}

//! For people who run the server: checks of an installation, and a view of what it keeps.

pub mod doctor;
mod open_api;
pub(crate) mod operator;

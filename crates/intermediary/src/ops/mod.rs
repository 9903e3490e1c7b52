//! For operators: checks of an installation, and access to its records.

pub mod doctor;
mod open_api;
pub(crate) mod operator;

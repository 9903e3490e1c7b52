//! For operators: checks of an installation, and access to its records.

pub mod doctor;
pub(crate) mod operator;

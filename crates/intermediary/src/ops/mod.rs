//! For people who run the server: checks of an installation, and a view of what it keeps.

pub mod doctor;
pub(crate) mod operator;

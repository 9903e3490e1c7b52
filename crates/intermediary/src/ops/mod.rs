//! For operators: checks of an installation, access to its records, and the policy of a shop's page.

pub mod doctor;
pub(crate) mod operator;
pub(crate) mod page_policy;

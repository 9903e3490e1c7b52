//! Checks whether this server can do its work, and the conditions around it.

pub(crate) mod credentials;
pub(crate) mod deployment;
pub(crate) mod host;
pub(crate) mod readiness;
pub(crate) mod startup_line;

//! Whether this server can do its work, and what of its surroundings stands in the way.

pub(crate) mod credentials;
pub(crate) mod deployment;
pub(crate) mod host;
pub(crate) mod readiness;

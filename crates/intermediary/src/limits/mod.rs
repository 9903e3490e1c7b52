//! Limits on link requests per client, and on concurrent connections.

pub(crate) mod client_key;
pub(crate) mod concurrency;
pub(crate) mod eviction;
pub(crate) mod rate;

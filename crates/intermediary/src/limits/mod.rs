//! Limits against too many: requests of one client, and connections at a time.

pub(crate) mod client_key;
pub(crate) mod concurrency;
pub(crate) mod eviction;
pub(crate) mod rate;

//! The intermediary's edges, from outside: connections, streams, limits, what it shows of itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod connections;
mod helpers;
mod link_tokens;
mod open_api;
mod order_ids;
mod orders;
mod program;
mod streams;
mod watching;
mod withdrawal;

//! The intermediary's edges, from outside: connections, streams, limits, what it shows of itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod connections;
mod files;
mod helpers;
mod logs;
mod open_api;
mod orders;
mod places;
mod program;
mod seats;
mod streams;
mod watching;

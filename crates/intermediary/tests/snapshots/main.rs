//! Text that people and other programs read, compared with committed files: `docs/openapi.json`, problems, and the
//! command line's output. CONTRIBUTING.md says how to renew the files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod audit;
mod command_line;
mod harness;
mod open_api;
mod problems;

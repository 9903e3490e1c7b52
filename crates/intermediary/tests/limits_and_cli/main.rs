//! Tests of the intermediary's limits and command line, from outside: connections, streams, settings, and what the
//! server shows of itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod bodies;
mod browser_reports;
mod clocks;
mod commands;
mod connections;
mod demo;
mod documents;
mod files;
mod helpers;
mod link_tokens;
mod logs;
mod metrics;
mod open_api;
mod order_ids;
mod orders;
mod places;
mod program;
mod quick_start;
mod seats;
mod settings;
mod streams;
mod surroundings;
mod watching;
mod withdrawal;

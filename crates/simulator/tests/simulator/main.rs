//! Black-box tests: each starts its own simulator on a free port and sends HTTP requests to it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod actions;
mod fixtures;
mod helpers;
mod links;
mod pages;
mod program;
mod recurring;
mod scenarios;
mod tokens;
mod webhook_config;
mod webhooks;

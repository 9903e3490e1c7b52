//! Black-box tests: every one starts a stand-in of its own on a free port and speaks HTTP to it.

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

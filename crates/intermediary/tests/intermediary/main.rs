//! Black-box tests: each starts the server on a free port, with Banq's stand-in beside it, and speaks HTTP
//! to it as a page, a shop's server, Banq, or somebody who means harm ([`attacks`]).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod alarm;
mod attacks;
mod fixtures;
mod health;
mod helpers;
mod links;
mod provider;
mod restart;
mod streams;
mod token;
mod webhooks;
mod widget;

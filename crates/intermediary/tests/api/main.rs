//! Black-box tests: each starts the server and the simulator on free ports, and sends HTTP requests to the server as a
//! page, a shop's server, Banq, or an attacker ([`attacks`]).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod alarm;
mod attacks;
mod fixtures;
mod health;
mod helpers;
mod links;
mod prices;
mod provider;
mod restart;
mod streams;
mod token;
mod webhook_signatures;
mod webhooks;
mod widget;

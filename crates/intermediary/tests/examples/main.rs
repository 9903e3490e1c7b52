//! The examples do what they say, against the simulator.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod helpers;
mod nested;
mod notification;
mod shops;

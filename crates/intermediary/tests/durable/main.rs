//! Nothing lost: the intermediary against a stand-in of Banq and a shop that wants to be told, on SQLite and
//! on a PostgreSQL that the tests start, with processes that die.
//!
//! - [`world`]: Banq, shop and database of a test; [`shop`]: what the shop was told; [`postgres`]: a cluster
//! - [`fulfilment`]: telling the shop; [`sweep`]: webhooks that never come; [`poison`]: dead letters
//! - [`order_source`]: an embedding program that says what orders cost
//! - [`instances`]: several instances, and one that dies
//! - [`unlike_instances`]: several that do not agree; [`clock_set`]: a clock that jumps
//! - [`outage`]: PostgreSQL itself dies; [`tls`]: it is reached over TLS
//! - [`retention`]: what is old is deleted
//! - [`command_line`]: what an operator sees and does
//! - [`measure`]: figures for `docs/scaling.md`
//! - [`chaos`]: many payments, random `kill -9`; its full size by `cargo xtask chaos`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod chaos;
mod clock_set;
mod command_line;
mod fulfilment;
mod instances;
mod measure;
mod order_source;
mod outage;
mod poison;
mod postgres;
mod retention;
mod shop;
mod sweep;
mod tls;
mod unlike_instances;
mod world;

//! Tests that nothing is lost: the intermediary with the simulator and a shop that gets notifications, on SQLite and on
//! a PostgreSQL that the tests start, with processes that die.
//!
//! - [`app`]: Banq, shop and database of a test; [`shop`]: what the shop was told
//! - [`fulfilment`]: telling the shop; [`sweep`]: webhooks that never come; [`poison`]: dead letters
//! - [`agreement`]: payments that repeat, to which the shopper agrees
//! - [`early_question`]: what Banq answers while a webhook is being stored
//! - [`hang_up`]: a webhook whose sender does not wait for the answer
//! - [`turns`]: money that differs, goes back or becomes doubtful
//! - [`order_source`]: an embedding program that says what orders cost
//! - [`crash_loop`]: a process that dies again and again
//! - [`instances`]: several instances, and one that dies; [`nats`]: they wake each other by NATS, which dies too
//! - [`faults`]: what can happen to a database, on both
//! - [`unlike_instances`]: several that do not agree; [`clock_set`]: a clock that jumps
//! - [`outage`]: PostgreSQL itself dies; [`tls`]: it is reached over TLS
//! - [`retention`]: what is old is deleted
//! - [`withdrawal`]: an order that the shop takes back
//! - [`command_line`]: what an operator sees and does, also for many at once ([`bulk`]) and beside a
//!   database that is not as it should be ([`database_state`])
//! - [`chaos`]: many payments, random `kill -9`; its full size by `cargo xtask chaos`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod agreement;
mod app;
mod bulk;
mod chaos;
mod clock_set;
mod command_line;
mod crash_loop;
mod database_state;
mod early_question;
mod faults;
mod fulfilment;
mod hang_up;
mod instances;
mod nats;
mod order_source;
mod outage;
mod poison;
mod retention;
mod shop;
mod sweep;
mod tls;
mod turns;
mod unlike_instances;
mod withdrawal;

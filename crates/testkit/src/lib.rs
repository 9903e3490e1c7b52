//! The harness of the server tests and the browser tests.
//!
//! - [`TestApp`]: a simulator, a database, a client, and the servers of one test
//! - [`settings()`]: the `BANQ_…` settings of a server beside a simulator, and the secrets in them
//! - [`Program`]: the real program, which can be killed; [`postgres`]: a cluster of the tests' own; [`NatsServer`]
//! - [`within_deadline`], [`eventually`], [`until`]: waiting

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "everything here runs inside a test, which fails by panicking"
)]

mod app;
mod nats;
pub mod postgres;
mod program;
mod settings;
mod wait;

pub use self::{
    app::{TestApp, client, free_port, simulator_config},
    nats::NatsServer,
    program::{Program, command},
    settings::{
        ACCOUNT_GUID, API_KEY, CLIENT_ID, PASSWORD, Settings, USERNAME, WEBHOOK_PATH, WEBHOOK_SECRET,
        changed, settings, sqlite,
    },
    wait::{DEADLINE, PATIENCE, eventually, until, within, within_deadline},
};

//! The harness of the server tests and the browser tests.
//!
//! - [`TestApp`]: a simulator, a database, a client, and the servers of one test
//! - [`settings`]: the `BANQ_…` settings of a server beside a simulator, and the secrets in them

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "everything here runs inside a test, which fails by panicking"
)]

mod app;
mod settings;

pub use self::{
    app::{TestApp, client, simulator_config},
    settings::{
        ACCOUNT_GUID, API_KEY, CLIENT_ID, PASSWORD, Settings, USERNAME, WEBHOOK_PATH, WEBHOOK_SECRET,
        changed, settings, sqlite,
    },
};

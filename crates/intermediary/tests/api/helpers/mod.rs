//! What the tests start from.
//!
//! - [`app`]: a server with the simulator, and the requests of pages and shops
//! - [`program`]: the real program, which can be killed
//! - [`wire`]: a listener and forger between the server and Banq
//! - [`answer`], [`events`]: what comes back
//! - [`webhook`]: bodies and signatures; [`database`]: what was stored; [`log`]: what was logged
//! - [`raw`]: bytes that no HTTP client would send

mod answer;
mod app;
mod database;
mod events;
mod log;
mod program;
mod raw;
mod webhook;
mod wire;

use std::{future::Future, time::Duration};

pub(crate) use banq_testkit::{API_KEY, PASSWORD, WEBHOOK_SECRET};

pub(crate) use self::{
    answer::Answer,
    app::{SHOP, TestApp, banq, client, provider_link, secret, settings, simulator_config, with_shop},
    database::Database,
    events::Events,
    log::Log,
    program::Program,
    raw::Raw,
    webhook::{openssl_mac, openssl_signature, webhook},
    wire::{Forged, Wire},
};

/// So long that only a fault takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for at most 20 s.
pub(crate) async fn within_deadline<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing happened for 20 seconds")
}

/// Looks again and again, for what tells nobody that it happened.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let looking = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "waited in vain: {what}");
}

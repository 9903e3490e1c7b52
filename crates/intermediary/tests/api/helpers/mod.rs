//! What the tests start from.
//!
//! - [`app`]: a server with the simulator, and the requests of pages and shops
//! - [`config`]: settings, clients and programs that differ from those of other tests
//! - [`wire`]: a listener and forger between the server and Banq
//! - [`answer`], [`events`]: what comes back
//! - [`webhook`]: bodies and signatures; [`database`]: what was stored; [`log`]: what was logged
//! - [`raw`]: bytes that no HTTP client would send

mod answer;
mod app;
mod config;
mod database;
mod events;
mod log;
mod raw;
mod webhook;
mod wire;

pub(crate) use banq_testkit::{API_KEY, PASSWORD, WEBHOOK_SECRET, eventually, within_deadline};

pub(crate) use self::{
    answer::Answer,
    app::{TestApp, provider_link},
    config::{SHOP, banq, client, secret, settings, simulator_config, start_program, with_shop},
    database::Database,
    events::Events,
    log::Log,
    raw::Raw,
    webhook::{openssl_mac, openssl_signature, webhook},
    wire::{Forged, Wire},
};

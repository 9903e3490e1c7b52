//! The merchant's server between the checkout widget and a payment provider. It creates payment links, receives the
//! provider's webhooks, asks the provider for the state of payments, and notifies the page and the shop.
//!
//! Start with [`config`] and [`server`], or with [`intermediary`] to nest the server. A program that nests it disables
//! the command line (feature `cli`): `default-features = false`.
//!
//! Whole programs: `examples/nest_into_axum.rs`, `examples/order_source.rs`; `examples/verify_notification.rs` for the
//! shop that receives notifications.
//!
//! The folders, from the bottom up:
//! - [`domain`]: orders, ids, and the transition function that decides about money; no I/O
//! - [`provider`]: the interface to payment providers; `provider/banq` uses the Open API
//! - [`store`]: everything durable, and all SQL
//! - [`limits`]: rate limits and concurrency limits
//! - [`checkout`]: creates payment links; confirms payment states with the provider
//! - [`stream`]: delivers a checkout's newest state to the pages that wait for it
//! - [`health`]: readiness, the provider's credentials, the other servers on the same database
//! - [`widget`]: the widget's files in memory
//! - [`http`]: router, routes, middleware, OpenAPI document, and the server's own connections
//! - [`worker`]: background work: webhooks, polls, notifications to the shop, retention
//! - [`ops`]: for operators: `doctor`, access to the server's records, and the policy of a shop's page
//! - [`cli`]: the program's command line (feature `cli`)
//!
//! `ARCHITECTURE.md` describes the two flows file by file.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = banq_intermediary::Config::load(None)?; // BANQ_… from the environment
//! let server = banq_intermediary::Server::start(config).await?;
//! println!("{}", server.url());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod checkout;
#[cfg(feature = "cli")]
pub mod cli;
mod config;
mod domain;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
mod http;
mod intermediary;
mod limits;
mod metrics;
mod ops;
mod provider;
mod server;
mod start_error;
mod store;
mod stream;
mod widget;
mod worker;

pub use config::{
    BanqConfig, Config, ConfigError, Database, DatabaseSettings, Environment, FulfilmentConfig, Limits,
    LinkTokens, NatsConfig, ProviderAddresses, ProviderConfig, SETTINGS, Setting, Tuning,
};
pub use domain::order_source::{Order, OrderError, OrderFuture, OrderSource};
pub use intermediary::Intermediary;
pub use jiff::civil::Date;
pub use open_api;
pub use open_api::{Amount, Frequency, Schedule, ScheduleError, Secret};
use open_api::{backoff, single_flight};
pub use ops::{
    doctor,
    operator::{
        AuditEntry, Backlog, CheckoutDetails, DeadLetter, GivenUpJob, Notification, Operator, OperatorError,
    },
    page_policy::PagePolicy,
};
pub use provider::{
    admin::ProviderAdmin,
    report::{AdminError, Report},
};
pub use server::Server;
pub use start_error::StartError;
pub use store::NotificationState;
pub use widget::bundle::BundleError;

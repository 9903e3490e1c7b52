//! The merchant's server between the checkout widget and a payment provider: it makes payment links, takes
//! the provider's webhooks, finds out the truth, and tells the page.
//!
//! Set up and run: [`config`]; [`server`] on a socket, or [`intermediary`] to
//! nest; [`app`]: what all share; [`router`]: every address on one page.
//!
//! Every request: [`serve`]: connections and their limits; [`request_id`]; [`client`]: whose it is, with
//! [`census`] and [`rate`] against too many (a [`crowd`] knows who has most); [`origin`]: which pages may ask;
//! [`api_key`]; [`body`]: so much, so fast; [`answer`] or [`error`] and [`problem`]; [`failures`]: what of those is
//! logged, by a [`sampler`].
//!
//! Flow 1, asking for money:
//! - [`order_id`]: which texts name an order
//! - [`orders`]: the shop says what an order costs, or its own code does: [`order_source`]; [`withdrawal`]: it
//!   takes an order back
//! - [`checkout`]: the page asks for a link, with a [`wish`], [`money`] without floats and a
//!   [`schedule`]
//! - [`link_token`]: which pages may ask for an order's link
//! - [`attempt`]: one request per order ([`single_flight`]), one payment per wish
//! - [`provider`]: the seam; `provider/banq` speaks the Open API
//! - [`order_code`]: what the provider calls the order
//! - [`link_url`]: which links may be shown; [`lifetime`]: until when
//!
//! Flow 2, learning of it:
//! - [`webhook`]: raw bytes, verified, on disk, 200
//! - [`worker`]: does what is due, with [`backoff`]
//! - [`confirm`]: asks the provider, compares order and amount
//! - [`decision`]: what the provider's answer means
//! - [`payment`]: the pure transition function; [`watch`]: when to look again unprompted
//! - [`store`]: everything durable, and all SQL
//! - [`hub`]: wakes [`sse`] streams and long polls; [`wakeups`]: also those of other instances; a stream's
//!   [`reader`] says [`frame`] by frame, with a shared [`heartbeat`]
//! - [`fulfilment`]: tells the shop
//!
//! [`retention`] deletes what is old; [`alarm`] says what waits for a person. [`deployment`]: the servers on one
//! database agree.
//!
//! For people: [`operator`], what can be seen and done without a running server.
//!
//! Beside them: [`health`] with [`readiness`], [`credentials`] (known at the start), [`metrics`], [`openapi`],
//! [`doctor`], [`surroundings`] (the machine), [`widget`] (the widget's files: a [`bundle`] in memory, [`conditional`]
//! requests, the policy of its [`page`]), [`secret`], [`clock`], [`nearest`] (what a misspelt name may mean).
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

mod alarm;
mod answer;
mod api_key;
mod app;
mod attempt;
mod backoff;
mod body;
mod bundle;
mod census;
mod checkout;
mod client;
mod clock;
mod conditional;
mod config;
mod confirm;
mod credentials;
mod crowd;
mod decision;
mod deployment;
pub mod doctor;
mod error;
mod failures;
mod frame;
mod fulfilment;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
mod heartbeat;
mod hub;
mod intermediary;
mod lifetime;
mod link_token;
mod link_url;
mod metrics;
mod money;
mod nearest;
mod openapi;
mod operator;
mod order_code;
mod order_id;
mod order_source;
mod orders;
mod origin;
mod page;
mod payment;
mod problem;
mod provider;
mod rate;
mod reader;
mod readiness;
mod request_id;
mod retention;
mod router;
mod sampler;
mod schedule;
mod secret;
mod serve;
mod server;
mod single_flight;
mod sse;
mod store;
mod surroundings;
mod wakeups;
mod watch;
mod webhook;
mod widget;
mod wish;
mod withdrawal;
mod worker;

pub use bundle::BundleError;
pub use config::{
    Addresses, BanqConfig, Config, ConfigError, Database, Environment, FulfilmentConfig, Limits, Tuning,
};
pub use intermediary::{Intermediary, StartError};
pub use jiff::civil::Date;
pub use link_token::LinkTokens;
pub use money::Amount;
pub use operator::{
    AuditEntry, Backlog, CheckoutDetails, DeadLetter, GivenUpJob, Notification, Operator, OperatorError,
};
pub use order_source::{Order, OrderError, OrderFuture, OrderSource};
pub use provider::banq::open_api;
pub use schedule::{Frequency, Schedule, ScheduleError};
pub use secret::Secret;
pub use server::Server;
pub use store::NotificationState;

//! The merchant's server between the checkout widget and a payment provider: it makes payment links, takes
//! the provider's webhooks, finds out the truth, and tells the page.
//!
//! Set up and run: [`config`]; [`server`] on a socket, or [`intermediary`] to nest; [`app`]: what all share;
//! [`router`]: every address on one page.
//!
//! Every request: [`request_id`]; [`origin`]: which pages may ask; [`body`]: so much, so fast; [`answer`] or
//! [`error`] and [`problem`].
//!
//! Flow 1, asking for money:
//! - [`orders`]: the shop says what an order costs
//! - [`checkout`]: the page asks for a link, with a [`wish`] and [`money`] without floats
//! - [`attempt`]: one request per order ([`single_flight`]), one payment per wish
//! - [`provider`]: the seam; `provider/banq` speaks the Open API
//! - [`link_url`]: which links may be shown
//!
//! Flow 2, learning of it:
//! - [`webhook`]: raw bytes, verified, on disk, 200
//! - [`worker`]: does what is due, with [`backoff`]
//! - [`confirm`]: asks the provider, compares order and amount
//! - [`payment`]: the pure transition function; [`watch`]: when to look again unprompted
//! - [`store`]: everything durable, and all SQL
//! - [`hub`]: wakes [`sse`] streams and long polls; [`wakeups`]: also those of other instances
//! - [`fulfilment`]: tells the shop
//!
//! For people: [`operator`], what can be seen and done without a running server.
//!
//! Beside them: [`health`], [`widget`] (the widget's files), [`secret`], [`clock`].
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

mod answer;
mod app;
mod attempt;
mod backoff;
mod body;
mod checkout;
mod clock;
mod config;
mod confirm;
mod error;
mod fulfilment;
mod health;
mod hub;
mod intermediary;
mod link_url;
mod money;
mod operator;
mod orders;
mod origin;
mod payment;
mod problem;
mod provider;
mod request_id;
mod router;
mod secret;
mod server;
mod single_flight;
mod sse;
mod store;
mod wakeups;
mod watch;
mod webhook;
mod widget;
mod wish;
mod worker;

pub use config::{BanqConfig, Config, ConfigError, Database, Environment, FulfilmentConfig, Tuning};
pub use intermediary::{Intermediary, StartError};
pub use operator::{AuditEntry, Backlog, CheckoutDetails, DeadLetter, Notification, Operator, OperatorError};
pub use secret::Secret;
pub use server::Server;

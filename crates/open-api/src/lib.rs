//! Banq's Open API as a typed client for any Rust program, after the vendor documents 000, 001 and 002; everything that
//! no document states is marked *assumed*.
//!
//! - [`OpenApi`]: the client; [`OpenApiSettings`]: its settings
//! - [`GetPaid`], [`WebhookConfig`]: requests; [`Payment`], [`Transaction`], [`User`]: responses
//! - [`PaymentStatus`], [`TransactionStatus`], [`FailReason`]: Banq's vocabulary, including unknown words
//! - [`Amount`]: dollars, never as a float; [`Schedule`]: recurring payments; [`Secret`]: text that logs never show
//! - [`OpenApiError`]: one error for every documented status
//! - [`backoff`], [`single_flight`]: used by the client and public for reuse
//!
//! `examples/payment_link.rs` is a whole program.
//!
//! ```no_run
//! use banq_open_api::{Login, OpenApi, OpenApiSettings, Secret, Timeouts};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let api = OpenApi::new(OpenApiSettings {
//!     api_url: "https://sandbox.banq.com/api/".parse()?,
//!     auth_url: "https://banq-staging.auth0.com/oauth/token".parse()?,
//!     login: Login::Application {
//!         client_id: "YOUR-CLIENT-ID".into(),
//!         username: "YOUR-CLIENT-USERNAME".into(),
//!         password: Secret::new("YOUR-CLIENT-PASSWORD"),
//!     },
//!     timeouts: Timeouts::default(),
//!     direct: false,
//! })?;
//! let page = api.payments(1, 50).await?;
//! println!("{} payments", page.meta.resource_count);
//! # Ok(())
//! # }
//! ```

pub mod amount;
pub mod backoff;
mod client;
mod clock;
mod error;
mod request;
mod resource;
mod response;
mod schedule;
mod secret;
mod settings;
pub mod single_flight;
mod token;
mod transport;
mod vocabulary;

pub use self::{
    amount::Amount,
    client::OpenApi,
    clock::LARGEST_DIFFERENCE,
    error::OpenApiError,
    request::{GetPaid, WebhookConfig},
    resource::{AccountSpace, BanqAccount, Meta, Page, Payment, Transaction, User, WebhookRegistration},
    schedule::{Frequency, Schedule, ScheduleError},
    secret::Secret,
    settings::{Observed, OpenApiSettings, Timeouts},
    token::Login,
    vocabulary::{FailReason, PaymentStatus, TransactionStatus},
};

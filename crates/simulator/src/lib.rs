//! A local simulator of Banq: the Auth0 token endpoint, the Open API, the hosted pay page, the phone app and the sender
//! of webhooks, all in one process and in memory. **No money moves.**
//!
//! It shares no type with the intermediary; the fixtures in `fixtures/`, taken from the vendor's documents, bind both
//! to the same format. [`assumptions`] lists everything that no document states.
//!
//! In the order of a payment's life:
//!
//! - [`config`]: settings; [`server`]: starts and stops the simulator; [`routes`]: all routes
//! - [`token`]: access tokens; [`request_log`]: the calls that arrived
//! - [`link_request`]: the request for a payment; [`idempotency`]: repeated answers; [`money`]: dollars without floats
//! - [`bank`]: the state, each payment an [`entry`]; [`payment`], [`occurrence`] and [`fail_reason`]: the pure state
//!   machine; [`resource`]: the API's answers
//! - [`webhook`]: body and signature; [`delivery`]: queues and retries
//! - [`scenario`] and [`amendment`]: deliberate faults; [`control`]: the handle for tests; [`error`]
//!
//! ```no_run
//! # async fn example() -> Result<(), banq_simulator::Error> {
//! use banq_simulator::{Config, Simulator, WebhookConfig};
//!
//! let listen = ([127, 0, 0, 1], 0).into();
//! let sim = Simulator::start(Config { listen, ..Config::default() }).await?;
//! sim.set_webhook(WebhookConfig::new("http://127.0.0.1:8080/your-web-hooks/payment-status", "secret"));
//! // … ask for a link at sim.api_url() …
//! let id = sim.control().payments()[0].id;
//! sim.control().accept(id).await?;
//! sim.stop().await;
//! # Ok(())
//! # }
//! ```

mod amendment;
mod assumptions;
mod bank;
mod config;
mod control;
mod delivery;
mod entry;
mod error;
mod fail_reason;
mod idempotency;
mod link_request;
mod money;
mod occurrence;
mod payment;
mod request_log;
mod resource;
mod routes;
mod scenario;
mod server;
mod token;
mod webhook;

pub use config::Config;
pub use control::Control;
pub use delivery::{Attempt, Delivery, DeliveryState, Outcome};
pub use error::Error;
pub use fail_reason::FailReason;
pub use occurrence::{Occurrence, OccurrenceStatus};
pub use payment::{Action, Status};
pub use request_log::ApiRequest;
pub use resource::{Frequency, Payment, Transaction, TransactionStatus};
pub use scenario::{ApiScenario, Scenarios, WebhookScenario};
pub use server::Simulator;
pub use webhook::{SIGNATURE_HEADER, WebhookConfig, WebhookShape, WebhookType, sign};

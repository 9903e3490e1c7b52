//! Banq's Open API as a typed client (vendor documents 000, 001 and 002; what no document states is marked
//! *assumed*). Any Rust program can use it, with or without the rest of this server.
//!
//! - [`transport`]: one call with its deadline, repeats and errors
//! - [`token`]: the access token, fetched once for however many wait
//! - [`request`], [`resource`] and [`words`]: what requests and answers look like
//! - [`Schedule`]: recurring payments
//! - [`error`]: every documented status is its own error
//! - [`clock`]: how far the two clocks are apart
//!
//! ```no_run
//! use banq_intermediary::{Amount, Secret, open_api::*};
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

mod clock;
mod error;
mod request;
mod resource;
mod token;
mod transport;
mod words;

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

pub(crate) use self::clock::LARGEST_DIFFERENCE;
pub use self::{
    error::OpenApiError,
    request::{GetPaid, WebhookConfig},
    resource::{AccountSpace, BanqAccount, Meta, Page, Payment, Transaction, User, WebhookRegistration},
    token::Login,
    words::{FailReason, PaymentStatus, TransactionStatus},
};
use self::{
    request::{GetPaidBody, WebhookConfigBody},
    resource::{read, read_page},
    transport::{Call, Transport},
};
pub use crate::schedule::{Frequency, Schedule, ScheduleError};

/// Where and as whom to ask.
#[derive(Debug, Clone)]
pub struct OpenApiSettings {
    /// `https://api.banq.com/api/`, with a slash at the end.
    pub api_url: Url,
    /// `https://banq-prod.auth0.com/oauth/token`
    pub auth_url: Url,
    /// Who asks.
    pub login: Login,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Without the proxy that the environment may name: a stand-in is on this machine.
    pub direct: bool,
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until one request is answered.
    pub request: Duration,
    /// Until there is an answer, repeats included.
    pub deadline: Duration,
    /// The pause before the first repeat; doubled, with jitter.
    pub retry_pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            request: Duration::from_secs(10),
            deadline: Duration::from_secs(12),
            retry_pause: Duration::from_millis(200),
        }
    }
}

/// One call that has ended, for metrics.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// `get-paid-link`, `payment`, …
    pub call: &'static str,
    /// How it failed, if it did.
    pub error: Option<&'a OpenApiError>,
    /// Repeats included.
    pub took: Duration,
}

type Observe = Arc<dyn Fn(Observed<'_>) + Send + Sync>;

/// The client. It holds one token and one pool of connections: share it.
///
/// Every call repeats what is safe to repeat (a GET, a PUT, a POST under its `X-Idempotent-Id`) a few times
/// with jitter, obeys `Retry-After`, and fetches a new token once when its own is refused.
pub struct OpenApi {
    transport: Transport,
}

impl OpenApi {
    /// Prepares the client; asks nothing yet.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(settings: OpenApiSettings) -> Result<Self, reqwest::Error> {
        Self::observed(settings, TaskTracker::new(), |_| {})
    }

    /// Tells `observe` of every call; what outlives its caller is one of `tasks`.
    pub(crate) fn observed(
        settings: OpenApiSettings,
        tasks: TaskTracker,
        observe: impl Fn(Observed<'_>) + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self { transport: Transport::new(settings, Arc::new(observe), tasks)? })
    }

    /// Milliseconds by which this machine's clock is ahead of Banq's, as the newest answer of the API shows them;
    /// `None` before the first.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.transport.clock_ahead()
    }

    /// Whether there is a token for these credentials (000, "Authentication").
    ///
    /// # Errors
    /// [`OpenApiError::Credentials`] when they are wrong.
    pub async fn sign_in(&self) -> Result<(), OpenApiError> {
        self.transport.sign_in().await
    }

    /// `POST /v1/payments/get-paid-link` (002): a payment with a link that anybody can pay. Where the answer
    /// has no `id`, it is the last part of its `Location` (001, "Error Codes").
    ///
    /// # Errors
    /// [`OpenApiError`]; after an ambiguous one a repeat under the same `idempotent_id` is safe.
    pub async fn get_paid_link(
        &self,
        idempotent_id: Uuid,
        request: &GetPaid,
    ) -> Result<Payment, OpenApiError> {
        let body = GetPaidBody::new(request, None);
        self.get_paid("get-paid-link", "v1/payments/get-paid-link", idempotent_id, &body).await
    }

    /// `POST /v1/payments/get-paid-direct` (000): the same request, sent straight into the app of the user
    /// whose banq is `payer` (*assumed*: the documents don't say how the user is named).
    ///
    /// # Errors
    /// As for [`OpenApi::get_paid_link`].
    pub async fn get_paid_direct(
        &self,
        idempotent_id: Uuid,
        payer: Uuid,
        request: &GetPaid,
    ) -> Result<Payment, OpenApiError> {
        let body = GetPaidBody::new(request, Some(payer));
        self.get_paid("get-paid-direct", "v1/payments/get-paid-direct", idempotent_id, &body).await
    }

    async fn get_paid(
        &self,
        name: &'static str,
        path: &str,
        id: Uuid,
        body: &GetPaidBody<'_>,
    ) -> Result<Payment, OpenApiError> {
        let answer = self.transport.call(name, path, Call::Post(id, json(body)?)).await?;
        let mut payment: Payment = read(&answer.body)?;
        let last_part =
            |location: String| location.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
        payment.id = payment.id.or_else(|| answer.location.and_then(last_part));
        Ok(payment)
    }

    /// `GET /v1/payments/{id}` (002): the truth about one payment.
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn payment(&self, id: &str) -> Result<Payment, OpenApiError> {
        let path = format!("v1/payments/{}", part(id)?);
        read(&self.transport.call("payment", &path, Call::Get).await?.body)
    }

    /// `GET /v1/payments` (*assumed*; 000 says only how pages are asked for), pages counted from 1.
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn payments(&self, page: u32, page_size: u32) -> Result<Page<Payment>, OpenApiError> {
        let path = format!("v1/payments?page={page}&pageSize={page_size}");
        read_page(&self.transport.call("payments", &path, Call::Get).await?.body)
    }

    /// `GET /v1/transactions/{id}`; *assumed*: 001 says that transactions can be retrieved, not where. Their
    /// webhooks carry only a transaction's id, so some way to the payment must exist.
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn transaction(&self, id: &str) -> Result<Transaction, OpenApiError> {
        let path = format!("v1/transactions/{}", part(id)?);
        read(&self.transport.call("transaction", &path, Call::Get).await?.body)
    }

    /// `GET /v1/transactions`; *assumed*, as [`OpenApi::payments`].
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn transactions(&self, page: u32, page_size: u32) -> Result<Page<Transaction>, OpenApiError> {
        let path = format!("v1/transactions?page={page}&pageSize={page_size}");
        read_page(&self.transport.call("transactions", &path, Call::Get).await?.body)
    }

    /// `GET /v1/users/me?include=accountSpaces,banqAccounts` (002).
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn me(&self) -> Result<User, OpenApiError> {
        let path = "v1/users/me?include=accountSpaces,banqAccounts";
        read(&self.transport.call("users-me", path, Call::Get).await?.body)
    }

    /// `GET /v1/account-spaces/{id}/webhook-config`; *assumed*: the documents have only POST and PUT.
    ///
    /// # Errors
    /// [`OpenApiError::NotFound`] when none is registered.
    pub async fn webhook_config(&self, account_space: u64) -> Result<WebhookRegistration, OpenApiError> {
        let path = webhook_config_path(account_space);
        read(&self.transport.call("webhook-config", &path, Call::Get).await?.body)
    }

    /// `POST /v1/account-spaces/{id}/webhook-config` (001, 002).
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn create_webhook_config(
        &self,
        account_space: u64,
        idempotent_id: Uuid,
        config: &WebhookConfig,
    ) -> Result<WebhookRegistration, OpenApiError> {
        let call = Call::Post(idempotent_id, json(&WebhookConfigBody::new(config))?);
        let path = webhook_config_path(account_space);
        read(&self.transport.call("create-webhook-config", &path, call).await?.body)
    }

    /// `PUT /v1/account-spaces/{id}/webhook-config` (001, 002).
    ///
    /// # Errors
    /// [`OpenApiError::NotFound`] when none is registered.
    pub async fn update_webhook_config(
        &self,
        account_space: u64,
        config: &WebhookConfig,
    ) -> Result<WebhookRegistration, OpenApiError> {
        let call = Call::Put(json(&WebhookConfigBody::new(config))?);
        let path = webhook_config_path(account_space);
        read(&self.transport.call("update-webhook-config", &path, call).await?.body)
    }
}

fn webhook_config_path(account_space: u64) -> String {
    format!("v1/account-spaces/{account_space}/webhook-config")
}

/// An id that stays in its place in a path: `../users/me` is none.
fn part(id: &str) -> Result<&str, OpenApiError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_id = !id.is_empty() && id.bytes().all(allowed);
    is_id.then_some(id).ok_or_else(|| OpenApiError::BadRequest("this is no id of Banq's".to_owned()))
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, OpenApiError> {
    serde_json::to_vec(body).map_err(|error| OpenApiError::BadRequest(error.to_string()))
}

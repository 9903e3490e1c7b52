//! The client: one method per call.

use std::sync::Arc;

use serde::Serialize;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    error::OpenApiError,
    request::{GetPaid, GetPaidBody, WebhookConfig, WebhookConfigBody},
    resource::{Page, Payment, Transaction, User, WebhookRegistration, read, read_page},
    settings::{Observed, OpenApiSettings},
    transport::{Call, Transport},
};

/// The client. It holds one token and one pool of connections, so share it.
///
/// Each call retries a few times with jitter if that is safe (a GET, a PUT, a POST under its `X-Idempotent-Id`), obeys
/// `Retry-After`, and fetches a new token once if its own is refused.
pub struct OpenApi {
    transport: Transport,
}

impl OpenApi {
    /// Creates the client; sends no request yet.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(settings: OpenApiSettings) -> Result<Self, reqwest::Error> {
        Self::observed(settings, TaskTracker::new(), |_| {})
    }

    /// Like [`OpenApi::new`]; calls `observe` after every call, for metrics. Work that outlives its caller is spawned
    /// on `tasks`.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn observed(
        settings: OpenApiSettings,
        tasks: TaskTracker,
        observe: impl Fn(Observed<'_>) + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self { transport: Transport::new(settings, Arc::new(observe), tasks)? })
    }

    /// Returns by how many milliseconds this machine's clock is ahead of Banq's, by the newest response of the API;
    /// `None` before the first one.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.transport.clock_ahead()
    }

    /// Fetches a token with these credentials (000, "Authentication").
    ///
    /// # Errors
    /// [`OpenApiError::Credentials`] if they are wrong.
    pub async fn sign_in(&self) -> Result<(), OpenApiError> {
        self.transport.sign_in().await
    }

    /// `POST /v1/payments/get-paid-link` (002): creates a payment with a link that anyone can pay. If the response has
    /// no `id`, the id is the last part of its `Location` (001, "Error Codes").
    ///
    /// # Errors
    /// [`OpenApiError`]; after an ambiguous one a retry under the same `idempotent_id` is safe.
    pub async fn get_paid_link(
        &self,
        idempotent_id: Uuid,
        request: &GetPaid,
    ) -> Result<Payment, OpenApiError> {
        let body = GetPaidBody::new(request, None);
        self.get_paid("get-paid-link", "v1/payments/get-paid-link", idempotent_id, &body).await
    }

    /// `POST /v1/payments/get-paid-direct` (000): sends the same request directly to the app of the user whose banq is
    /// `payer` (*assumed*: the documents do not say how the user is named).
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

    /// `GET /v1/payments/{id}` (002): returns the present state of one payment.
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn payment(&self, id: &str) -> Result<Payment, OpenApiError> {
        let path = format!("v1/payments/{}", part(id)?);
        read(&self.transport.call("payment", &path, Call::Get).await?.body)
    }

    /// `GET /v1/payments` (*assumed*; 000 says only how to request pages); pages are counted from 1.
    ///
    /// # Errors
    /// [`OpenApiError`]
    pub async fn payments(&self, page: u32, page_size: u32) -> Result<Page<Payment>, OpenApiError> {
        let path = format!("v1/payments?page={page}&pageSize={page_size}");
        read_page(&self.transport.call("payments", &path, Call::Get).await?.body)
    }

    /// `GET /v1/transactions/{id}`; *assumed*: 001 says that transactions can be retrieved, but not where. Their
    /// webhooks carry only a transaction's id, so there must be a way to the payment.
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
    /// [`OpenApiError::NotFound`] if none is registered.
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
    /// [`OpenApiError::NotFound`] if none is registered.
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

/// Returns the id if it cannot change the path, as `../users/me` would.
fn part(id: &str) -> Result<&str, OpenApiError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_id = !id.is_empty() && id.bytes().all(allowed);
    is_id.then_some(id).ok_or_else(|| OpenApiError::BadRequest("this is no id of Banq's".to_owned()))
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, OpenApiError> {
    serde_json::to_vec(body).map_err(|error| OpenApiError::BadRequest(error.to_string()))
}

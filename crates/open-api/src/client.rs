//! The client: one method for each call.

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

    /// As [`OpenApi::new`]; calls `observe` after every call, for metrics. Work that outlives its caller is spawned on
    /// `tasks`.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn observed(
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

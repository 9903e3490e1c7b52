//! `…/webhook-config`: the receiver of webhooks (000, 001 and 002, "Subscribing to Webhooks").

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};

use super::api::{Envelope, data};
use crate::{
    assumptions::RETRY_LIMIT,
    bank::{Bank, lock},
    config::http_url,
    error::Error,
    link_request::word,
    webhook::{WebhookConfig, WebhookShape, WebhookType},
};

/// The body of POST and PUT.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    url: Option<String>,
    enabled: Option<bool>,
    retry_count: Option<u32>,
    web_hook_types: Option<Vec<String>>,
    // The vendor capitalises this name.
    #[serde(rename = "SharedSecret", alias = "sharedSecret")]
    shared_secret: Option<String>,
}

/// The answer: the whole registration except the secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    url: String,
    enabled: bool,
    retry_count: u32,
    web_hook_types: Vec<WebhookType>,
}

/// `GET /v1/account-spaces/{accountSpaceId}/webhook-config`
pub(super) async fn show(
    State(bank): State<Arc<Bank>>,
    Path(account): Path<String>,
) -> Result<Json<Envelope<Shown>>, Error> {
    check_account(&bank, &account)?;
    let config = lock(&bank.webhook).clone();
    config.map(shown).ok_or(Error::NotFound { what: "webhook-config of account space", id: account })
}

/// `POST /v1/account-spaces/{accountSpaceId}/webhook-config`
pub(super) async fn create(
    State(bank): State<Arc<Bank>>,
    Path(account): Path<String>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<impl IntoResponse, Error> {
    let shown = set(&bank, &account, &body, WebhookShape::AccountSpaceId)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("{}{}", bank.public_url, uri.path()))], shown))
}

/// `PUT /v1/account-spaces/{accountSpaceId}/webhook-config`
pub(super) async fn update(
    State(bank): State<Arc<Bank>>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<impl IntoResponse, Error> {
    check_registered(&bank, &account)?;
    set(&bank, &account, &body, WebhookShape::AccountSpaceId)
}

/// `POST /v1/accounts/{id}/webhook-config`: the quickstart's path, which selects its form of webhook bodies.
pub(super) async fn create_older(
    State(bank): State<Arc<Bank>>,
    Path(account): Path<String>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Result<impl IntoResponse, Error> {
    let shown = set(&bank, &account, &body, WebhookShape::AccountId)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("{}{}", bank.public_url, uri.path()))], shown))
}

/// `PUT /v1/accounts/{id}/webhook-config`
pub(super) async fn update_older(
    State(bank): State<Arc<Bank>>,
    Path(account): Path<String>,
    body: Bytes,
) -> Result<impl IntoResponse, Error> {
    check_registered(&bank, &account)?;
    set(&bank, &account, &body, WebhookShape::AccountId)
}

fn set(bank: &Bank, account: &str, body: &[u8], shape: WebhookShape) -> Result<Json<Envelope<Shown>>, Error> {
    check_account(bank, account)?;
    let body: Body = serde_json::from_slice(body)
        .map_err(|cause| Error::Malformed(format!("The body is not readable: {cause}")))?;
    let mut webhook = lock(&bank.webhook);
    let old = webhook.clone().unwrap_or_default();
    let url = body.url.ok_or_else(|| Error::Invalid("url is missing.".to_owned()))?;
    http_url(&url).map_err(|problem| Error::Invalid(format!("url {problem}.")))?;
    let retry_count = body.retry_count.unwrap_or(old.retry_count);
    if retry_count > RETRY_LIMIT {
        return Err(Error::Invalid(format!("retryCount must be at most {RETRY_LIMIT}.")));
    }
    let types = match body.web_hook_types {
        None => old.types,
        Some(words) => words.iter().map(|word| webhook_type(word)).collect::<Result<_, _>>()?,
    };
    let enabled = body.enabled.unwrap_or(old.enabled);
    let secret = body.shared_secret.or(old.secret);
    let config = WebhookConfig { url, secret, enabled, retry_count, types, shape };
    *webhook = Some(config.clone());
    Ok(shown(config))
}

fn webhook_type(name: &str) -> Result<WebhookType, Error> {
    word(&name.to_lowercase())
        .ok_or_else(|| Error::Invalid("webHookTypes must be payment or transaction.".to_owned()))
}

fn check_account(bank: &Bank, account: &str) -> Result<(), Error> {
    if account == bank.config.account_space_id.to_string() {
        return Ok(());
    }
    Err(Error::NotFound { what: "account space", id: account.to_owned() })
}

/// Only an existing registration can be changed.
fn check_registered(bank: &Bank, account: &str) -> Result<(), Error> {
    check_account(bank, account)?;
    let unknown = || Error::NotFound { what: "webhook-config of account space", id: account.to_owned() };
    lock(&bank.webhook).as_ref().map(drop).ok_or_else(unknown)
}

fn shown(config: WebhookConfig) -> Json<Envelope<Shown>> {
    let WebhookConfig { url, enabled, retry_count, types, secret: _, shape: _ } = config;
    data(Shown { url, enabled, retry_count, web_hook_types: types })
}

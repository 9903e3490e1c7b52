//! The body, signature and receiver of webhooks (000 and 001, "Webhooks" and "Webhook message authentication").

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::{payment::Event, resource};

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Banq-Webhook-Hmac";

/// A webhook registration, as webhook-config sets it. Has no `Debug`, because it holds the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookConfig {
    /// The receiver.
    pub url: String,
    /// The key of the signature; without one, webhooks are not signed.
    pub secret: Option<String>,
    /// Whether webhooks are sent.
    pub enabled: bool,
    /// How often a failed webhook is retried.
    pub retry_count: u32,
    /// The kinds that are sent.
    pub types: Vec<WebhookType>,
    /// The form of the body: the documents have two.
    pub shape: WebhookShape,
}

/// A kind of webhook, named as in webhook-config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum WebhookType {
    Payment,
    Transaction,
}

/// The two names that the vendor's documents have for the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WebhookShape {
    /// `accountSpaceId`, as in the Open API reference (001).
    #[default]
    AccountSpaceId,
    /// `accountId`, as in the quickstart (000); registering by its older path selects it.
    AccountId,
}

impl WebhookConfig {
    /// Returns a registration of all kinds at `url`, signed with `secret`, with five retries.
    pub fn new(url: impl Into<String>, secret: impl Into<String>) -> WebhookConfig {
        WebhookConfig { url: url.into(), secret: Some(secret.into()), ..WebhookConfig::default() }
    }

    /// Returns whether an event of this kind is sent.
    pub(crate) fn wants(&self, event: Event) -> bool {
        self.enabled && self.types.contains(&event.kind())
    }
}

impl Default for WebhookConfig {
    fn default() -> WebhookConfig {
        WebhookConfig {
            url: String::new(),
            secret: None,
            enabled: true,
            retry_count: 5,
            types: vec![WebhookType::Payment, WebhookType::Transaction],
            shape: WebhookShape::default(),
        }
    }
}

impl Event {
    pub(crate) fn kind(self) -> WebhookType {
        match self {
            Event::PaymentCreated | Event::PaymentAccepted | Event::PaymentCompleted => WebhookType::Payment,
            Event::PaymentDeclined | Event::PaymentOnHold | Event::PaymentCanceled => WebhookType::Payment,
            Event::PaymentExpired | Event::PaymentResumed => WebhookType::Payment,
            Event::PaymentOccurrenceCanceled => WebhookType::Payment,
            Event::TransactionCreated | Event::TransactionFailed | Event::TransactionUpdated => {
                WebhookType::Transaction
            }
        }
    }

    /// Returns the vendor's word for the event.
    fn action(self) -> &'static str {
        match self {
            Event::PaymentCreated | Event::TransactionCreated => "Created",
            Event::PaymentAccepted => "Accepted",
            Event::PaymentCompleted => "Completed",
            Event::PaymentDeclined => "Declined",
            Event::PaymentOnHold => "OnHold",
            Event::PaymentCanceled => "Canceled",
            Event::PaymentExpired => "Expired",
            Event::PaymentResumed => "Resumed",
            Event::PaymentOccurrenceCanceled => "OccurrenceCanceled",
            Event::TransactionFailed => "Failed",
            Event::TransactionUpdated => "Updated",
        }
    }
}

/// Returns the body of the webhook `id` that reports `event` on the payment or transaction `resource_id`, exactly as
/// the vendor writes it. No value needs escaping: they are words, numbers, GUIDs and a time.
pub(crate) fn body(
    shape: WebhookShape,
    account: u64,
    id: Uuid,
    event: Event,
    resource_id: Uuid,
    at: Timestamp,
) -> String {
    let field = match shape {
        WebhookShape::AccountSpaceId => "accountSpaceId",
        WebhookShape::AccountId => "accountId",
    };
    let kind = match event.kind() {
        WebhookType::Payment => "Payment",
        WebhookType::Transaction => "Transaction",
    };
    let action = event.action();
    let at = resource::timestamp(at);
    format!(
        r#"{{"{field}":{account},"action":"{action}","id":"{id}","resourceId":"{resource_id}","resourceType":"{kind}","createdAtUtc":"{at}"}}"#
    )
}

/// Returns the value of [`SIGNATURE_HEADER`]: base64 of the HMAC-SHA256 over the raw body.
pub fn sign(secret: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length: RFC 2104, section 2")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_documented_bodies_are_written_to_the_letter() {
        let example = |shape| {
            let id = "c88d829b-c2c1-4c78-9b07-e7667ee399ff".parse().unwrap();
            let resource = "9bf48226-79c3-43d2-9be5-264bfef4660d".parse().unwrap();
            let at = "2021-01-11T12:12:12.5431424Z".parse().unwrap();
            body(shape, 1, id, Event::TransactionCreated, resource, at)
        };
        let space = include_str!("../fixtures/webhook-account-space-id.json");
        let account = include_str!("../fixtures/webhook-account-id.json");
        assert_eq!(example(WebhookShape::AccountSpaceId), space.trim_end());
        assert_eq!(example(WebhookShape::AccountId), account.trim_end());
    }

    #[test]
    fn the_signature_is_what_openssl_computes() {
        // printf '{"a":1}' | openssl dgst -sha256 -hmac 'shared secret' -binary | base64
        assert_eq!(sign("shared secret", br#"{"a":1}"#), "BimtcW689rJ5SFwMPwuQESEhmgJZ0bVJuOEFNY7dNaA=");
    }
}

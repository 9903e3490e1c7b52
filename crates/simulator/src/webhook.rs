//! What a webhook says, how it is signed, and where it goes (000 and 001, "Webhooks" and "Webhook message
//! authentication").

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::{payment::Event, resource};

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Banq-Webhook-Hmac";

/// Where webhooks go, as webhook-config sets it. Not printable: it holds the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookConfig {
    /// The receiver.
    pub url: String,
    /// The key of the signature; without one nothing is signed.
    pub secret: Option<String>,
    /// Whether any are sent.
    pub enabled: bool,
    /// How often a failed one is tried again.
    pub retry_count: u32,
    /// The kinds that are sent.
    pub types: Vec<WebhookType>,
    /// Which of the two documented bodies is sent.
    pub shape: WebhookShape,
}

/// A kind of webhook in webhook-config's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum WebhookType {
    Payment,
    Transaction,
}

/// The vendor's documents name the account in two ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WebhookShape {
    /// `accountSpaceId`, as the Open API reference writes it (001).
    #[default]
    AccountSpaceId,
    /// `accountId`, as the quickstart writes it (000); registering by its older path chooses it.
    AccountId,
}

impl WebhookConfig {
    /// All kinds to `url`, signed with `secret`, with five retries.
    pub fn new(url: impl Into<String>, secret: impl Into<String>) -> WebhookConfig {
        WebhookConfig { url: url.into(), secret: Some(secret.into()), ..WebhookConfig::default() }
    }

    /// Whether an event of this kind is to be sent.
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

    /// The vendor's word for what happened.
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

/// The body of the webhook `id` that tells of `event` on the payment or transaction `resource_id`, to the
/// letter as the vendor writes it. No value in it needs escaping: they are words, numbers, GUIDs and a time.
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

/// The value of [`SIGNATURE_HEADER`]: base64 of the HMAC-SHA256 over the raw body.
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

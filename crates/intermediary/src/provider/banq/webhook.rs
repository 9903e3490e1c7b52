//! Checks and reads Banq's webhooks (000, 001: "Webhooks", "Webhook message authentication").

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use uuid::Uuid;

use super::NAME;
use crate::{
    Secret,
    domain::{provider_id::ProviderId, time},
    provider::{Subject, WebhookEvent, WebhookRefusal},
};

/// The path to which Banq sends webhooks (002, "Subscribing to Webhooks").
pub(crate) const PATH: &str = "/your-web-hooks/payment-status";

/// The header with the Base64 of HMAC-SHA256 over the raw request body, keyed by SharedSecret.
///
/// Anyone can reach the webhook route, so only this signature tells Banq from an attacker who says "paid". It is
/// checked over the bytes as they arrived (after parsing, two readings of one body could differ), by the library's
/// constant-time comparison (a hand-written one leaks how many bytes were right), and at full length (a truncated value
/// is easier to guess). A webhook without it is refused.
const SIGNATURE: &str = "x-banq-webhook-hmac";

/// Maximum characters of `action` and `resourceType` that are stored.
const LONGEST_WORD: usize = 40;

/// Checks the signature. While a key is being replaced, two keys are valid.
pub(crate) fn verify(secrets: &[Secret], headers: &HeaderMap, raw: &[u8]) -> Result<(), WebhookRefusal> {
    let mut values = headers.get_all(SIGNATURE).iter();
    // The sender of two signatures would choose which one counts: both are refused.
    let (Some(value), None) = (values.next(), values.next()) else { return Err(WebhookRefusal::Signature) };
    let signature = STANDARD.decode(value.as_bytes()).map_err(|_| WebhookRefusal::Signature)?;
    let is_signed = secrets.iter().any(|secret| is_signed_with(secret, &signature, raw));
    is_signed.then_some(()).ok_or(WebhookRefusal::Signature)
}

fn is_signed_with(secret: &Secret, signature: &[u8], raw: &[u8]) -> bool {
    // HMAC takes a key of any length (RFC 2104), so this cannot fail. If it did, no webhook would pass.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(raw);
    mac.verify_slice(signature).is_ok()
}

/// Returns the header name, the signature and the body of a webhook about nothing, signed as Banq signs. A server that
/// receives it stores it and changes nothing.
pub(crate) fn probe(secret: &Secret) -> Option<(&'static str, String, String)> {
    let (id, resource) = (Uuid::new_v4(), Uuid::new_v4());
    let body = format!(
        r#"{{"accountSpaceId":0,"action":"Probe","id":"{id}","resourceId":"{resource}","resourceType":"Doctor"}}"#
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(body.as_bytes());
    Some((SIGNATURE, STANDARD.encode(mac.finalize().into_bytes()), body))
}

/// The body of a webhook. It also has `accountSpaceId` in 001 and `accountId` in 000; the payment tells which account
/// it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    id: String,
    action: String,
    resource_type: String,
    resource_id: String,
    // Only for the metrics. Any type is accepted, so that this field never makes a webhook unreadable.
    #[serde(default)]
    created_at_utc: serde_json::Value,
}

/// Reads a body whose signature was right.
pub(crate) fn read(raw: &[u8]) -> Result<WebhookEvent, WebhookRefusal> {
    let body: Body = serde_json::from_slice(raw).map_err(|_| WebhookRefusal::Unreadable)?;
    let id = ProviderId::new(NAME, &body.id).ok_or(WebhookRefusal::Unreadable)?;
    let resource = ProviderId::new(NAME, &body.resource_id).ok_or(WebhookRefusal::Unreadable)?;
    let kind = format!("{} {}", word(&body.resource_type), word(&body.action));
    // The action does not matter, because the payment's present state is what counts: an action of a later version may
    // be the one that takes the money back.
    let subject = match body.resource_type.to_ascii_lowercase().as_str() {
        "payment" => Subject::Payment(resource),
        "transaction" => Subject::Transaction(resource),
        _ => Subject::Unknown(resource),
    };
    let created_at = body.created_at_utc.as_str().and_then(time::parse);
    Ok(WebhookEvent { id, subject, kind, created_at })
}

/// Shortens a word and removes control characters, for a log line and a table.
fn word(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(LONGEST_WORD).collect()
}

#[cfg(any(test, feature = "fuzzing"))]
/// Reads a webhook: verifies its signature, and parses the body as if it were signed.
///
/// # Panics
/// A forged signature is accepted.
pub fn fuzz(signature: &[u8], body: &[u8]) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = axum::http::HeaderValue::from_bytes(signature) {
        headers.insert(SIGNATURE, value);
    }
    let secret = Secret::new("what no fuzzer knows");
    assert!(verify(&[secret], &headers, body).is_err(), "a guessed signature was believed");
    if let Ok(event) = read(body) {
        assert!(event.kind.chars().all(|char| !char.is_control()), "a log line could be faked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(secret: &str, signature: &str, raw: &[u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, signature.parse().unwrap());
        verify(&[Secret::new(secret)], &headers, raw).is_ok()
    }

    #[test]
    fn the_signature_is_what_openssl_computes() {
        // printf '{"a":1}' | openssl dgst -sha256 -hmac 'shared secret' -binary | base64
        let signature = "BimtcW689rJ5SFwMPwuQESEhmgJZ0bVJuOEFNY7dNaA=";
        assert!(verified("shared secret", signature, br#"{"a":1}"#));
        assert!(!verified("shared secret", signature, br#"{"a":2}"#));
        assert!(!verified("another secret", signature, br#"{"a":1}"#));
        assert!(!verified("shared secret", "", br#"{"a":1}"#));
        assert!(!verified("shared secret", "BimtcQ==", br#"{"a":1}"#));
    }

    #[test]
    fn both_keys_are_valid_during_replacement_and_none_without_one() {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, "BimtcW689rJ5SFwMPwuQESEhmgJZ0bVJuOEFNY7dNaA=".parse().unwrap());
        let check = |secrets: &[&str]| {
            let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
            verify(&secrets, &headers, br#"{"a":1}"#).is_ok()
        };
        assert!(check(&["new", "shared secret"]) && check(&["shared secret", "old"]));
        assert!(!check(&["new", "old"]) && !check(&[]));
    }

    #[test]
    fn a_probe_is_a_signed_webhook_about_nothing() {
        let secret = Secret::new("shared secret");
        let (name, signature, body) = probe(&secret).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(name, signature.parse().unwrap());
        assert!(verify(&[secret], &headers, body.as_bytes()).is_ok());
        assert!(matches!(read(body.as_bytes()).unwrap().subject, Subject::Unknown(_)));
    }

    #[test]
    fn two_signatures_are_none() {
        let mut headers = HeaderMap::new();
        for _ in 0..2 {
            headers.append(SIGNATURE, "BimtcW689rJ5SFwMPwuQESEhmgJZ0bVJuOEFNY7dNaA=".parse().unwrap());
        }
        assert!(verify(&[Secret::new("shared secret")], &headers, br#"{"a":1}"#).is_err());
    }

    #[test]
    fn both_documented_shapes_are_read() {
        for raw in [
            &include_bytes!("../../../fixtures/webhook-account-space-id.json")[..],
            include_bytes!("../../../fixtures/webhook-account-id.json"),
        ] {
            let event = read(raw).unwrap();
            assert_eq!(event.id.as_str(), "banq:c88d829b-c2c1-4c78-9b07-e7667ee399ff");
            let id = ProviderId::new(NAME, "9bf48226-79c3-43d2-9be5-264bfef4660d").unwrap();
            assert_eq!(event.subject, Subject::Transaction(id));
            assert_eq!(event.kind, "Transaction Created");
            assert_eq!(event.created_at, time::parse("2021-01-11T12:12:12.543Z"));
        }
    }

    #[test]
    fn kinds_are_matched_in_any_case_and_any_action_asks() {
        let subject = |kind: &str, action: &str| {
            let raw = format!(r#"{{"id":"a","action":"{action}","resourceType":"{kind}","resourceId":"b"}}"#);
            read(raw.as_bytes()).unwrap().subject
        };
        let payment = Subject::Payment(ProviderId::new(NAME, "b").unwrap());
        assert_eq!(subject("payment", "completed"), payment);
        assert_eq!(subject("PAYMENT", "onHold"), payment);
        for action in ["Failed", "Refunded", "Cancelled", "OccurrenceCancelled", ""] {
            assert_eq!(subject("Payment", action), payment, "{action}");
        }
        let id = ProviderId::new(NAME, "b").unwrap();
        assert_eq!(subject("Transaction", "Completed"), Subject::Transaction(id.clone()));
        for (kind, action) in [("Refund", "Created"), ("", "")] {
            assert_eq!(subject(kind, action), Subject::Unknown(id.clone()), "{kind} {action}");
        }
    }

    #[test]
    fn body_that_is_no_webhook_is_unreadable() {
        for raw in [
            "",
            "{}",
            "[]",
            "null",
            "{\"id\":\"a\"",
            r#"{"id":"../a","action":"Created","resourceType":"Payment","resourceId":"b"}"#,
        ] {
            assert_eq!(read(raw.as_bytes()), Err(WebhookRefusal::Unreadable), "{raw}");
        }
    }
}

//! Banq's webhooks (000, 001: "Webhooks", "Webhook message authentication").

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

/// Where Banq sends webhooks (002, "Subscribing to Webhooks").
pub(crate) const PATH: &str = "/your-web-hooks/payment-status";

/// Base64 of HMAC-SHA256 over the raw request body, keyed by SharedSecret.
///
/// Anyone can reach the webhook route, so this signature is all that tells Banq from an attacker who says
/// "paid". It is checked over the bytes as they came (parsing first would let two readings of one body
/// differ), by the library's constant-time comparison (a hand-written one leaks how many bytes were right),
/// at full length (a truncated value is easier to guess), and its absence is a refusal, not a default.
const SIGNATURE: &str = "x-banq-webhook-hmac";

/// The longest text of `action` and `resourceType` that is kept.
const LONGEST_WORD: usize = 40;

/// Checks the signature; while a key is being replaced, two are valid.
pub(crate) fn verify(secrets: &[Secret], headers: &HeaderMap, raw: &[u8]) -> Result<(), WebhookRefusal> {
    let mut values = headers.get_all(SIGNATURE).iter();
    // Of two signatures, which one counts would be a question of taste: refused.
    let (Some(value), None) = (values.next(), values.next()) else { return Err(WebhookRefusal::Signature) };
    let signature = STANDARD.decode(value.as_bytes()).map_err(|_| WebhookRefusal::Signature)?;
    let is_signed = secrets.iter().any(|secret| is_signed_with(secret, &signature, raw));
    is_signed.then_some(()).ok_or(WebhookRefusal::Signature)
}

fn is_signed_with(secret: &Secret, signature: &[u8], raw: &[u8]) -> bool {
    // A key of any length is a key (RFC 2104), so this can't fail; if it did, nothing passes.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(raw);
    mac.verify_slice(signature).is_ok()
}

/// A webhook about nothing, signed as Banq would: its name, its header and its body. Whoever receives it stores
/// it and changes nothing.
pub(crate) fn probe(secret: &Secret) -> Option<(&'static str, String, String)> {
    let (id, resource) = (Uuid::new_v4(), Uuid::new_v4());
    let body = format!(
        r#"{{"accountSpaceId":0,"action":"Probe","id":"{id}","resourceId":"{resource}","resourceType":"Doctor"}}"#
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(body.as_bytes());
    Some((SIGNATURE, STANDARD.encode(mac.finalize().into_bytes()), body))
}

/// 001 has `accountSpaceId` beside these, 000 `accountId`: which account it is follows from the payment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    id: String,
    action: String,
    resource_type: String,
    resource_id: String,
    // Only for the metrics: of any type, so that it can refuse nothing.
    #[serde(default)]
    created_at_utc: serde_json::Value,
}

/// Reads a body whose signature was right.
pub(crate) fn read(raw: &[u8]) -> Result<WebhookEvent, WebhookRefusal> {
    let body: Body = serde_json::from_slice(raw).map_err(|_| WebhookRefusal::Unreadable)?;
    let id = ProviderId::new(NAME, &body.id).ok_or(WebhookRefusal::Unreadable)?;
    let resource = ProviderId::new(NAME, &body.resource_id).ok_or(WebhookRefusal::Unreadable)?;
    let kind = format!("{} {}", word(&body.resource_type), word(&body.action));
    // Whatever happened to it, the payment's present state is what counts: an action of a later version may be the one
    // that takes the money back.
    let subject = match body.resource_type.to_ascii_lowercase().as_str() {
        "payment" => Subject::Payment(resource),
        "transaction" => Subject::Transaction(resource),
        _ => Subject::Unknown(resource),
    };
    let created_at = body.created_at_utc.as_str().and_then(time::parse);
    Ok(WebhookEvent { id, subject, kind, created_at })
}

/// A word fit for a log line and a table.
fn word(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(LONGEST_WORD).collect()
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
    fn while_a_key_is_replaced_both_are_valid_and_without_one_none_is() {
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
    fn what_is_no_webhook_is_unreadable() {
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

//! The symmetric signature of Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over
//! `{webhook-id}.{webhook-timestamp}.{body}`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Secret;

/// The prefix of a secret, by which scanners recognise a leaked one.
const PREFIX: &str = "whsec_";

/// Bytes of a key (Standard Webhooks, "Signature scheme").
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

pub(crate) struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    pub(crate) fn parse(secret: &Secret) -> Option<Self> {
        let key = STANDARD.decode(secret.expose().strip_prefix(PREFIX)?).ok()?;
        let mac = LENGTHS.contains(&key.len()).then(|| Hmac::new_from_slice(&key).ok()).flatten();
        mac.map(Self)
    }

    /// Returns the header `webhook-signature`. The id and the time are signed too, so a signature cannot be moved to
    /// another notification or replayed later.
    pub(crate) fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks reference implementations.
    #[test]
    fn the_reference_example_is_signed_as_the_reference_signs_it() {
        let key = SigningKey::parse(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// A shop verifies with the Rust library of the Standard Webhooks project.
    #[test]
    fn standard_library_accepts_signature_and_refuses_changed_body() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let now = jiff::Timestamp::now().as_second();
        let body = r#"{"type":"order.paid","data":{"orderId":"Größe 7"}}"#;
        let signature = SigningKey::parse(&Secret::new(secret)).unwrap().sign("msg_1", now, body);
        let verify = |secret: &str, id: &str, seconds: i64, body: &str| {
            let headers = [
                ("webhook-id", id),
                ("webhook-timestamp", &seconds.to_string()),
                ("webhook-signature", &signature),
            ];
            let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let headers = axum::http::HeaderMap::from_iter(headers);
            standardwebhooks::Webhook::new(secret).unwrap().verify(body.as_bytes(), &headers).is_ok()
        };
        assert!(verify(secret, "msg_1", now, body));
        assert!(!verify(secret, "msg_1", now, &body.replace('7', "8")));
        assert!(!verify(secret, "msg_2", now, body));
        assert!(!verify(secret, "msg_1", now + 1, body));
        assert!(!verify("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_1", now, body));
    }

    #[test]
    fn a_secret_of_another_form_or_length_is_none() {
        for secret in [
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_MfKQ9r8G",
            "whsec_not base64",
            "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(SigningKey::parse(&Secret::new(secret)).is_none(), "{secret}");
        }
    }
}

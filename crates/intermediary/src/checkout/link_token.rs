//! Link tokens: without one, anyone who counts order ids reads what each costs and whether it is paid, and gets the key
//! to its checkout.
//!
//! A token is a MAC of the order's id. So it is checked without looking whether there is such an order: for one that
//! does not exist the answer, and the time that it takes, is the same.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::config::LinkTokens;

/// Bytes of a token: 128 bits cannot be guessed.
const LENGTH: usize = 16;

/// Makes and checks tokens.
pub(crate) struct Tokens {
    mac: Hmac<Sha256>,
    rule: LinkTokens,
}

impl Tokens {
    pub(crate) fn new(key: [u8; 32], rule: LinkTokens) -> Self {
        // HMAC itself fills a shorter key up with zeros.
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(&key);
        Self { mac: Hmac::new(&block.into()), rule }
    }

    /// Returns the token of an order: 22 characters that need no escape in JSON, HTML or a URL.
    pub(crate) fn of(&self, order_id: &str) -> String {
        let tag = self.mac.clone().chain_update(order_id).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(tag.iter().copied().take(LENGTH).collect::<Vec<_>>())
    }

    /// Checks the token that a page sent. `is_shop`: the request shows the API key, and needs no token.
    /// Returns `false` for a wrong one, and for none where one is required.
    pub(crate) fn allows(&self, order_id: &str, sent: Option<&RawValue>, is_shop: bool) -> bool {
        match (sent, self.rule) {
            (Some(sent), _) => self.is_of(order_id, sent),
            (None, LinkTokens::Optional) => true,
            (None, LinkTokens::Required) => is_shop,
        }
    }

    fn is_of(&self, order_id: &str, sent: &RawValue) -> bool {
        let sent = serde_json::from_str::<String>(sent.get()).ok();
        let sent = sent.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let mac = self.mac.clone().chain_update(order_id);
        // A shorter one would be compared only as far as it goes.
        sent.is_some_and(|sent| sent.len() == LENGTH && mac.verify_truncated_left(&sent).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn a_token_fits_its_order_and_no_other() {
        let tokens = Tokens::new([7; 32], LinkTokens::Required);
        let token = tokens.of("A7Q2-9XKD");
        assert_eq!(token.len(), 22);
        let sent = json(&format!("\"{token}\""));
        assert!(tokens.allows("A7Q2-9XKD", Some(&sent), false));
        assert!(!tokens.allows("A7Q2-9XKE", Some(&sent), false));
        assert!(!Tokens::new([8; 32], LinkTokens::Required).allows("A7Q2-9XKD", Some(&sent), false));
        assert_eq!(
            Tokens::new([7; 32], LinkTokens::Optional).of("A7Q2-9XKD"),
            token,
            "restarts change nothing"
        );
    }

    #[test]
    fn what_is_not_the_whole_token_is_refused() {
        for rule in [LinkTokens::Optional, LinkTokens::Required] {
            let tokens = Tokens::new([7; 32], rule);
            let token = tokens.of("1");
            let wrong =
                ["\"\"", "7", "{}", "true", &format!("\"{}\"", &token[..20]), &format!("\"{token}AA\"")];
            for wrong in wrong {
                assert!(!tokens.allows("1", Some(&json(wrong)), true), "{wrong}");
            }
            assert_eq!(tokens.allows("1", None, false), rule == LinkTokens::Optional);
            assert!(tokens.allows("1", None, true), "the shop needs none");
        }
    }
}

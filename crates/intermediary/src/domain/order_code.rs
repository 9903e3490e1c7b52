//! Chooses the order code: the provider's name for an order.
//!
//! A payment counts for an order only if the provider returns the order's code byte for byte. A provider that trims
//! blanks, changes case outside ASCII or normalises Unicode would turn a good payment into a mismatch, so an id that
//! might not return unchanged is replaced by a token made from it.

use sha2::{Digest, Sha256};

/// The maximum length of an id that is sent unchanged, in bytes.
const LONGEST: usize = 50;

/// Returns the order's own id if it is short, ASCII and without blanks; otherwise a token derived from it.
pub(crate) fn of(order_id: &str) -> String {
    if order_id.len() <= LONGEST && order_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return order_id.to_owned();
    }
    let digest = Sha256::digest(order_id);
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("order-{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_is_its_own_code() {
        for id in ["009221", "A7Q2-9XKD", "shop_1.2", "<YOUR-ORDER-ID>", &"a".repeat(50)] {
            assert_eq!(of(id), id);
        }
    }

    #[test]
    fn an_id_that_may_come_back_changed_gets_a_token() {
        let ids = ["Café 7", "two words", "Käse", &"a".repeat(51), "ﬁ"];
        let codes = ids.map(of);
        for code in &codes {
            assert!(code.len() == 38 && code.starts_with("order-") && code.is_ascii(), "{code}");
        }
        let distinct: std::collections::HashSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(of("Café 7"), codes[0], "it follows from the id");
    }
}

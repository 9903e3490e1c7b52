//! A provider's id of a payment, a transaction or a webhook.

use std::fmt;

use uuid::Uuid;

/// The maximum length of a provider's id, in bytes.
const LONGEST: usize = 100;

/// `provider:9bf48226-…`: prefixed with the provider's name, so that ids of two providers cannot be confused.
///
/// Only letters, digits, `-` and `_`: an id becomes part of the path of a request to the provider, and a webhook must
/// not be able to choose another path with `../`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ProviderId(String);

impl ProviderId {
    /// Makes the id from `raw` of `provider`; GUIDs, which ignore case, become lower case. Returns `None` for forbidden
    /// characters and lengths.
    pub(crate) fn new(provider: &str, raw: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if raw.is_empty() || raw.len() > LONGEST || !raw.bytes().all(allowed) {
            return None;
        }
        Some(match Uuid::parse_str(raw) {
            Ok(guid) => Self(format!("{provider}:{guid}")),
            Err(_) => Self(format!("{provider}:{raw}")),
        })
    }

    pub(crate) fn from_store(text: String) -> Self {
        Self(text)
    }

    /// Returns the id with the provider's name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as `provider` writes it; `None` for an id of another provider.
    pub(crate) fn raw_for(&self, provider: &str) -> Option<&str> {
        self.0.strip_prefix(provider)?.strip_prefix(':')
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_the_same_in_any_case() {
        let id = ProviderId::new("first", "9BF48226-79C3-43D2-9BE5-264BFEF4660D").unwrap();
        assert_eq!(id.as_str(), "first:9bf48226-79c3-43d2-9be5-264bfef4660d");
        assert_eq!(id.raw_for("first"), Some("9bf48226-79c3-43d2-9be5-264bfef4660d"));
        assert_eq!(ProviderId::new("first", "Abc_1").unwrap().raw_for("first"), Some("Abc_1"));
    }

    #[test]
    fn id_is_raw_for_its_own_provider_only() {
        let id = ProviderId::new("first", "1").unwrap();
        for other in ["second", "fir", "first:", ""] {
            assert_eq!(id.raw_for(other), None, "{other}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_a_path() {
        for raw in
            ["", "..", "../users/me", "a/b", "a%2fb", "a b", "a\r\nb", "a\0", "ä", "a?b", &"a".repeat(101)]
        {
            assert_eq!(ProviderId::new("first", raw), None, "{raw:?}");
        }
    }
}

//! Text that must not be seen.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A password, key or token. Prints as `***`: a log line or an error made with `{:?}` cannot leak it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that has to send or key with it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `guess` is this secret, in a time that tells nothing. Comparing byte by byte would let an
    /// attacker find a key by measuring how far the comparison got; the digests hide the length too.
    pub fn ct_eq(&self, guess: &[u8]) -> bool {
        Sha256::digest(self.0.as_bytes()).ct_eq(&Sha256::digest(guess)).into()
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// In a time that tells nothing.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other.0.as_bytes())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars_and_knows_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
        assert!(secret.ct_eq(b"hunter2"));
        assert!(!secret.ct_eq(b"hunter") && !secret.ct_eq(b"hunter22") && !secret.ct_eq(b""));
    }
}

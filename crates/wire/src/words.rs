//! The closed sets of words in JSON. `as_str` writes a word, and `from_word` reads it back from the same list.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    schedule::Frequency,
    snapshot::{FailReason, Issue, Status},
};

/// Implements both directions; `$from_word` returns `None` for a word that fails to parse.
macro_rules! serde_by_word {
    ($set:ty, $expected:literal, $from_word:expr) => {
        impl Serialize for $set {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $set {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                $from_word(&word).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&word), &$expected))
            }
        }
    };
}

serde_by_word!(Status, "a status of this version", Status::from_word);
serde_by_word!(FailReason, "a fail reason", |word| Some(FailReason::from_word(word)));
serde_by_word!(Issue, "an issue", |word| Some(Issue::from_word(word)));
serde_by_word!(Frequency, "a frequency", |word| Some(Frequency::from_word(word)));

//! Amounts, never as floats.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Amounts are less than this many major units.
const LIMIT: i64 = 1_000_000;

/// The maximum length of an amount's text.
const LONGEST: usize = 32;

/// A price in major units (dollars), more than zero, with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(Decimal);

impl Amount {
    /// Reads `2`, `2.5` or `2.50`; returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits_only = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if text.len() > LONGEST || !digits_only || !text.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        Self::new(Decimal::from_str_exact(text).ok()?)
    }

    fn new(value: Decimal) -> Option<Self> {
        let value = value.normalize();
        let fits = value > Decimal::ZERO && value < Decimal::from(LIMIT) && value.scale() <= 2;
        fits.then_some(Self(value))
    }
}

/// Reads a JSON number or string, digit by digit: `2`, `2.50`, `"2.50"`, and `2e0`, which some JSON writers produce.
/// Returns `None` for anything else, including a price out of bounds.
pub fn read(json: &RawValue) -> Option<Amount> {
    let text = json.get();
    if text.starts_with('"') {
        return Amount::parse(&serde_json::from_str::<String>(text).ok()?);
    }
    if text.len() <= LONGEST && text.contains(['e', 'E']) {
        return Amount::new(Decimal::from_scientific(text).ok()?);
    }
    Amount::parse(text)
}

/// The form of the server's JSON: two decimals.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

/// The vendor's form: a JSON number in dollars.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = RawValue::from_string(self.0.to_string()).map_err(serde::ser::Error::custom)?;
        digits.serialize(serializer)
    }
}

/// Deserializes an optional amount of foreign JSON; an invalid price becomes `None`.
pub fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Amount>, D::Error> {
    let json = Option::<Box<RawValue>>::deserialize(deserializer)?;
    Ok(json.and_then(|json| read(&json)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(json: &str) -> Option<String> {
        read(serde_json::from_str(json).unwrap()).map(|amount| amount.to_string())
    }

    #[test]
    fn numbers_and_strings_are_read_without_a_float() {
        for (json, canonical) in [
            ("2", "2.00"),
            ("\"2\"", "2.00"),
            ("2.5", "2.50"),
            ("2.500", "2.50"),
            ("0.01", "0.01"),
            ("0.1", "0.10"),
            ("2e0", "2.00"),
            ("2.5E1", "25.00"),
            ("999999.99", "999999.99"),
        ] {
            assert_eq!(read_text(json).as_deref(), Some(canonical), "{json}");
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for json in [
            "0",
            "-1",
            "0.001",
            "2.005",
            "1000000",
            "1e6",
            "1e-3",
            "\"\"",
            "\"2,00\"",
            "\" 2\"",
            "\"+2\"",
            "\".5\"",
            "\"1.2.3\"",
            "\"NaN\"",
            "null",
            "true",
            "[]",
            "{}",
            "1e999999999",
            "\"1e3\"",
            "9999999999999999999999999999999999999999",
        ] {
            assert_eq!(read_text(json), None, "{json}");
        }
    }

    #[test]
    fn the_vendor_gets_a_number() {
        for (text, number) in [("2.00", "2"), ("12.50", "12.5"), ("0.01", "0.01")] {
            assert_eq!(serde_json::to_string(&Amount::parse(text)).unwrap(), number);
        }
    }
}

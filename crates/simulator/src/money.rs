//! Dollars as a JSON number, read and written digit by digit, without floats.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// Writes `2.50` as the JSON number `2.50`.
pub(crate) fn as_number<S: Serializer>(funds: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(funds.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

/// Reads a JSON number exactly; returns `None` for anything but a number, or for more than 28 digits.
pub(crate) fn from_number(raw: &RawValue) -> Option<Decimal> {
    let text = raw.get();
    // A JSON string starts with a quote; only numbers start with a digit or a minus.
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return None;
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str_exact(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Decimal> {
        from_number(&serde_json::from_str::<Box<RawValue>>(json).unwrap())
    }

    #[derive(Serialize)]
    struct Money(#[serde(serialize_with = "as_number")] Decimal);

    #[test]
    fn every_digit_survives_the_way_in_and_out() {
        for number in ["2", "100", "0.10", "12.50", "99999999999999999.99", "0.1234567890123456789"] {
            assert_eq!(serde_json::to_string(&Money(read(number).unwrap())).unwrap(), number);
        }
    }

    #[test]
    fn an_exponent_is_a_number_too() {
        assert_eq!(read("1e2"), Some(Decimal::from(100)));
    }

    #[test]
    fn what_is_not_a_number_or_too_long_is_not_money() {
        for json in ["\"2\"", "null", "[2]", "true", "0.12345678901234567890123456789012345", "1e99"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}

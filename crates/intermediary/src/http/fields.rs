//! Reads the fields of a request about an order, one by one; each error names its field.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::{
    Amount, Schedule, ScheduleError,
    config::spelling,
    domain::{checkout::is_comment, order_id},
    http::error::Error,
};
use open_api::amount;

/// Characters of an unknown field's name that an error quotes.
const LONGEST_FIELD: usize = 40;

/// A field of any type; absent and `null` are the same.
pub(crate) type Field = Option<Box<RawValue>>;

/// Deserializes a field that is present, even as `null`.
pub(crate) fn field<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
    let json = Option::<Box<RawValue>>::deserialize(deserializer)?;
    Ok(json.filter(|json| json.get() != "null"))
}

/// Refuses a body with unknown fields: a misspelt `frequency` would turn a subscription into a single payment.
pub(crate) fn only_known(body: &[u8], known: &[&str]) -> Result<(), Error> {
    // The caller has already read the body as an object.
    let fields: BTreeMap<String, IgnoredAny> = serde_json::from_slice(body).unwrap_or_default();
    let Some(unknown) = fields.keys().find(|field| !known.contains(&field.as_str())) else { return Ok(()) };
    let shown: String = unknown.chars().take(LONGEST_FIELD).collect();
    let fix = spelling::nearest(unknown, known)
        .map_or_else(|| format!("send {} only.", known.join(", ")), |name| format!("did you mean {name}?"));
    Err(Error::InvalidField(format!("{shown:?} is not a field of an order: {fix}")))
}

/// Reads the order's id: a string, or a whole number without quotes (many shops number their orders).
pub(crate) fn order_id(field: &Field) -> Result<String, Error> {
    let expected = "send the id of the order as a string of 1 to 100 printable characters.";
    let Some(json) = field else {
        return Err(Error::InvalidField(format!("orderId is missing: {expected}")));
    };
    let text = whole_number(json.get()).or_else(|| serde_json::from_str(json.get()).ok());
    let text: String = text.ok_or_else(|| Error::InvalidField(format!("orderId is wrong: {expected}")))?;
    match order_id::check(&text) {
        Ok(()) => Ok(text),
        Err(fault) => Err(Error::InvalidField(format!("orderId {fault}."))),
    }
}

/// Returns the digits of a whole number in any JSON notation: some languages write 7 as `7.0` or `7e0`.
fn whole_number(json: &str) -> Option<String> {
    if !json.is_empty() && json.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(json.to_owned());
    }
    let decimal = Decimal::from_str_exact(json).or_else(|_| Decimal::from_scientific(json)).ok()?.normalize();
    (decimal.scale() == 0 && !decimal.is_sign_negative()).then(|| decimal.to_string())
}

/// Reads the comment; an absent one is empty.
pub(crate) fn comment(field: &Field) -> Result<String, Error> {
    let Some(json) = field else { return Ok(String::new()) };
    let text: Option<String> = serde_json::from_str(json.get()).ok();
    text.filter(|text| is_comment(text)).ok_or_else(|| {
        Error::InvalidField(
            "comment is wrong: send a string of at most 200 characters, in one line.".to_owned(),
        )
    })
}

pub(crate) fn funds(json: &RawValue) -> Result<Amount, Error> {
    amount::read(json).ok_or_else(|| {
        let expected =
            "send dollars with at most two decimals, more than 0 and less than 1000000, like \"2.50\".";
        Error::InvalidField(format!("funds is wrong: {expected}"))
    })
}

/// Reads how often an order is to be paid: once, unless the three fields say otherwise.
pub(crate) fn schedule(frequency: &Field, start: &Field, end: &Field) -> Result<Schedule, Error> {
    let text = |field: &Field, error| match field {
        Some(json) => serde_json::from_str::<String>(json.get()).map(Some).map_err(|_| error),
        None => Ok(None),
    };
    let read = || {
        let frequency = text(frequency, ScheduleError::Frequency)?;
        let start = text(start, ScheduleError::Date("startDate"))?;
        let end = text(end, ScheduleError::Date("endDate"))?;
        Schedule::read(frequency.as_deref().unwrap_or("once"), start.as_deref(), end.as_deref())
    };
    read().map_err(|error: ScheduleError| Error::InvalidField(format!("{error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(json: &str) -> Field {
        Some(RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn an_order_id_is_a_string_or_a_whole_number() {
        for (json, id) in [
            ("\"009221\"", "009221"),
            ("9221", "9221"),
            ("9221.0", "9221"),
            ("9.221e3", "9221"),
            ("\"ä/ö ?#\"", "ä/ö ?#"),
            ("18446744073709551616", "18446744073709551616"),
        ] {
            assert_eq!(order_id(&given(json)).unwrap(), id);
        }
        let long = format!("\"{}\"", "a".repeat(101));
        for json in ["\"\"", "\" a\"", "\"a\\u0000\"", "\"a\\r\\nb\"", "1.5", "-1", "true", "[]", "{}", &long]
        {
            assert!(order_id(&given(json)).is_err(), "{json}");
        }
        assert!(order_id(&None).is_err());
    }

    #[test]
    fn an_unknown_field_is_named_with_the_one_that_is_meant() {
        let known = ["funds", "frequency"];
        assert!(only_known(br#"{"funds": 1, "frequency": null}"#, &known).is_ok());
        for (body, expected) in [
            (
                r#"{"funds": 1, "frequncy": "monthly"}"#,
                "\"frequncy\" is not a field of an order: did you mean frequency?",
            ),
            (r#"{"a\nb": 1}"#, "\"a\\nb\" is not a field of an order: send funds, frequency only."),
        ] {
            let error = only_known(body.as_bytes(), &known).unwrap_err();
            assert!(matches!(&error, Error::InvalidField(text) if text == expected), "{error:?}");
        }
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(comment(&None).unwrap(), "");
        assert_eq!(comment(&given("\"Tea & cups — 2 ×\"")).unwrap(), "Tea & cups — 2 ×");
        for json in ["7", "\"a\\nb\"", &format!("\"{}\"", "a".repeat(201))] {
            assert!(comment(&given(json)).is_err(), "{json}");
        }
    }

    #[test]
    fn a_schedule_is_once_unless_it_says_otherwise() {
        let read = |frequency: Option<&str>, start: Option<&str>, end: Option<&str>| {
            let field = |json: Option<&str>| json.and_then(given);
            schedule(&field(frequency), &field(start), &field(end)).map_err(|error| error.to_string())
        };
        assert_eq!(read(None, None, None), Ok(Schedule::ONCE));
        assert_eq!(read(Some("\"once\""), None, None), Ok(Schedule::ONCE));
        let monthly = read(Some("\"monthly\""), Some("\"2027-01-31\""), Some("\"2027-06-30\"")).unwrap();
        assert_eq!(monthly.to_string(), "monthly 2027-01-31 2027-06-30");
        for (frequency, start, end, named) in [
            (Some("7"), None, None, "frequency"),
            (Some("\"hourly\""), None, None, "frequency"),
            (Some("\"monthly\""), None, None, "startDate"),
            (Some("\"monthly\""), Some("20270131"), None, "startDate"),
            (Some("\"monthly\""), Some("\"2027-01-31\""), Some("\"2027-01-31\""), "endDate"),
            (None, Some("\"2027-01-31\""), None, "dates"),
        ] {
            let error = read(frequency, start, end).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}

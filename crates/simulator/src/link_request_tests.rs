//! One test per rule of the request.

use serde_json::json;

use super::*;

const ACCOUNT: Uuid = Uuid::from_u128(7);

/// Reads a valid body with some fields replaced; `null` removes a field.
fn read(change: &Value) -> Result<LinkRequest, Error> {
    let mut body = json!({
        "destination": {"banqGuid": ACCOUNT}, "comment": "Tea", "funds": 2,
        "externalOrderCode": "009221", "frequency": "once",
    });
    for (field, value) in change.as_object().unwrap() {
        body[field] = value.clone();
    }
    LinkRequest::read(body.to_string().as_bytes(), ACCOUNT)
}

fn problem(change: &Value) -> String {
    match read(change) {
        Err(Error::Invalid(text)) => text,
        other => panic!("{change}: {other:?}"),
    }
}

#[test]
fn the_vendors_request_is_good_with_and_without_dates() {
    assert_eq!(read(&json!({})).unwrap().funds, Decimal::TWO);
    let dated = read(&json!({"startDate": "2021-06-15", "endDate": "2021-06-15"})).unwrap();
    assert_eq!(dated.start_date, Some(jiff::civil::date(2021, 6, 15)));
}

#[test]
fn each_mistake_names_its_field() {
    for (change, text) in [
        (json!({"destination": null}), "destination.banqGuid is missing."),
        (json!({"destination": {"banqGuid": "x"}}), "destination.banqGuid must be a GUID."),
        (
            json!({"destination": {"banqGuid": Uuid::nil()}}),
            "destination.banqGuid is not a banq of this user.",
        ),
        (json!({"comment": " "}), "comment must have 1 to 500 characters."),
        (json!({"comment": "x".repeat(501)}), "comment must have 1 to 500 characters."),
        (json!({"funds": null}), "funds is missing."),
        (json!({"funds": 0}), "funds must be more than 0."),
        (json!({"funds": -2}), "funds must be more than 0."),
        (json!({"frequency": null}), "frequency is missing."),
        (json!({"frequency": "often"}), "frequency must be once, daily, weekly, monthly or yearly."),
        (json!({"frequency": "monthly"}), "startDate is needed for a recurring payment."),
        (json!({"startDate": "15.06.2021"}), "startDate must be a date like 2021-06-15."),
        (json!({"startDate": "2021-06-15T10:00:00"}), "startDate must be a date like 2021-06-15."),
        (json!({"startDate": "2021-06-15", "endDate": "2021-06-14"}), "endDate must be after startDate."),
    ] {
        assert_eq!(problem(&change), text);
    }
}

#[test]
fn a_fraction_of_a_cent_is_refused_and_trailing_zeros_are_not() {
    let body = |funds: &str| {
        let head =
            format!(r#"{{"destination":{{"banqGuid":"{ACCOUNT}"}},"comment":"Tea","frequency":"once""#);
        LinkRequest::read(format!(r#"{head},"funds":{funds}}}"#).as_bytes(), ACCOUNT)
    };
    assert_eq!(body("12.5000").unwrap().funds, Decimal::new(125, 1));
    assert!(matches!(body("0.001"), Err(Error::Invalid(text)) if text == "funds must be whole cents."));
}

#[test]
fn what_is_not_such_an_object_is_malformed() {
    assert!(matches!(LinkRequest::read(b"{", ACCOUNT), Err(Error::Malformed(_))));
    assert!(matches!(LinkRequest::read(b"[]", ACCOUNT), Err(Error::Malformed(_))));
    assert!(matches!(read(&json!({"funds": "2"})), Err(Error::Malformed(_))));
    assert!(matches!(read(&json!({"comment": 2})), Err(Error::Malformed(_))));
}

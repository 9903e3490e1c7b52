use super::*;

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

/// The payment of the fixtures.
fn payment_id() -> ProviderId {
    ProviderId::new(NAME, "9bf48226-79c3-43d2-9be5-264bfef4660d").unwrap()
}

#[test]
fn the_link_request_is_the_vendors_without_dates() {
    let request = LinkRequest {
        attempt_key: Uuid::nil(),
        order_id: "<YOUR-ORDER-ID>".into(),
        funds: amount("100.00"),
        comment: "string".into(),
    };
    let guid = "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42".parse().unwrap();
    let body = serde_json::to_string(&LinkBody::new(guid, &request)).unwrap();
    assert!(body.contains(r#""funds":100,"#), "{body}");
    let mut golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/link-request.json")).unwrap();
    // 002: a payment that is not recurring needs no dates.
    golden.as_object_mut().unwrap().retain(|field, _| !field.ends_with("Date"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), golden);
}

#[test]
fn a_link_is_read_enveloped_bare_and_by_its_location() {
    let golden = include_bytes!("../../../fixtures/link-answer.json");
    let first = link(golden, None).unwrap();
    assert_eq!(first.payment_id.as_str(), "banq:9bf48226-79c3-43d2-9be5-264bfef4660d");
    assert_eq!(first.url, "https://link.banq.com/pay/abc");
    assert_eq!(first.expires_at.map(clock::rfc3339).unwrap(), "2021-01-11T12:27:12.543Z");

    let value: serde_json::Value = serde_json::from_slice(golden).unwrap();
    assert_eq!(link(value["data"].to_string().as_bytes(), None).unwrap(), first);

    let url_only = br#"{"data":{"url":"https://link.banq.com/pay/abc"}}"#;
    let location = "https://sandbox.banq.com/api/v1/payments/9bf48226-79c3-43d2-9be5-264bfef4660d/";
    let by_location = link(url_only, Some(location)).unwrap();
    assert_eq!((by_location.payment_id, by_location.expires_at), (first.payment_id, None));
    assert!(matches!(link(url_only, None), Err(ProviderError::Nonsense(_))));
}

#[test]
fn a_completed_payment_is_paid_with_its_amount_and_order() {
    let seen = observation(include_bytes!("../../../fixtures/payment.json"), &payment_id()).unwrap();
    assert_eq!(seen.standing, Ok(Status::Paid.into()));
    assert_eq!(seen.funds, Some(amount("100")));
    assert_eq!(seen.order_id.as_deref(), Some("<YOUR-ORDER-ID>"));
}

#[test]
fn an_answer_about_another_payment_is_no_answer() {
    let other = ProviderId::new(NAME, "00000000-0000-4000-8000-000000000000").unwrap();
    let golden = include_bytes!("../../../fixtures/payment.json");
    assert!(matches!(observation(golden, &other), Err(ProviderError::Nonsense(_))));
    // *Assumed*: a payment says its id. One that does not is judged by its order and amount.
    assert!(observation(br#"{"status":"Created"}"#, &other).is_ok());
}

#[test]
fn a_failed_payment_says_why() {
    let seen = observation(include_bytes!("../../../fixtures/payment-failed.json"), &payment_id()).unwrap();
    let reason = Some(FailReason::InsufficientFunds);
    assert_eq!(seen.standing, Ok(Standing { status: Status::Failed, reason }));
}

#[test]
fn a_transaction_names_its_payment() {
    let payment = payment_of(include_bytes!("../../../fixtures/transaction.json")).unwrap();
    assert_eq!(payment.raw(), "9bf48226-79c3-43d2-9be5-264bfef4660d");
    assert!(payment_of(br#"{"data":{"paymentId":"../users"}}"#).is_err());
}

#[test]
fn every_status_word_has_its_meaning_in_any_case() {
    for (word, status) in [
        ("Created", Status::Pending),
        ("pending", Status::Pending),
        ("Accepted", Status::Processing),
        ("COMPLETED", Status::Paid),
        ("Declined", Status::Declined),
        ("OnHold", Status::OnHold),
        ("canceled", Status::Canceled),
        ("Expired", Status::Expired),
        ("Failed", Status::Failed),
        ("Reversed", Status::Reversed),
    ] {
        assert_eq!(standing(word, Some("None")), Ok(status.into()), "{word}");
    }
}

#[test]
fn completed_with_a_fail_reason_is_not_paid() {
    let failed = |reason| Ok(Standing { status: Status::Failed, reason: Some(reason) });
    assert_eq!(standing("Completed", Some("InsufficientBalance")), failed(FailReason::InsufficientFunds));
    assert_eq!(standing("Completed", Some("SomethingNew")), failed(FailReason::ProcessingFailed));
    assert_eq!(standing("Completed", None), Ok(Status::Paid.into()));
}

#[test]
fn an_unknown_word_is_no_status() {
    for word in ["", "Paid", "Success", "Complete", "Completed "] {
        assert_eq!(standing(word, None), Err(word.to_owned()));
    }
}

#[test]
fn every_documented_fail_reason_is_mapped() {
    for (word, reason) in [
        ("None", None),
        ("ProcessingFailed", Some(FailReason::ProcessingFailed)),
        ("LimitsExceeded", Some(FailReason::LimitExceeded)),
        ("FingerprintBlacklisted", Some(FailReason::AccountUnavailable)),
        ("BanqError", Some(FailReason::ProcessingFailed)),
        ("PrimeTrustError", Some(FailReason::ProcessingFailed)),
        ("InsufficientBalance", Some(FailReason::InsufficientFunds)),
        ("CustodialAccountContactIsNotApproved", Some(FailReason::AccountUnavailable)),
        ("ExternalAccountIsDeactivated", Some(FailReason::AccountUnavailable)),
        ("PlaidRequiresReAuthentication", Some(FailReason::ReauthenticationRequired)),
        ("AccountIsFrozen", Some(FailReason::AccountUnavailable)),
        ("Reversed", Some(FailReason::Reversed)),
        ("Cancelled", Some(FailReason::Canceled)),
    ] {
        assert_eq!(fail_reason(word), reason, "{word}");
    }
}

#[test]
fn html_and_other_nonsense_is_no_answer() {
    for body in ["", "<html></html>", "null", "[]", "{}", r#"{"data":null}"#, r#"{"data":{"status":7}}"#] {
        assert!(
            matches!(observation(body.as_bytes(), &payment_id()), Err(ProviderError::Nonsense(_))),
            "{body}"
        );
    }
}

#[test]
fn an_amount_that_is_none_is_as_good_as_absent() {
    let body = |funds: &str| format!(r#"{{"status":"Completed","funds":{funds}}}"#);
    for (funds, expected) in
        [("2", Some("2.00")), ("\"2.50\"", Some("2.50")), ("null", None), ("-2", None), ("{}", None)]
    {
        let seen = observation(body(funds).as_bytes(), &payment_id()).unwrap();
        assert_eq!(seen.funds.map(|funds| funds.to_string()).as_deref(), expected, "{funds}");
    }
}

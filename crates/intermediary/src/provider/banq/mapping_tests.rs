use super::*;
use crate::{
    Amount,
    domain::{
        time,
        transition::{Event, transition},
    },
};

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn payment(body: &[u8]) -> Payment {
    serde_json::from_value(bare(body)).unwrap()
}

fn bare(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice::<serde_json::Value>(body).unwrap()["data"].take()
}

/// Returns the id of the payment in the fixtures.
fn payment_id() -> ProviderId {
    ProviderId::new(NAME, "9bf48226-79c3-43d2-9be5-264bfef4660d").unwrap()
}

#[test]
fn an_answer_about_another_payment_is_no_answer() {
    let other = ProviderId::new(NAME, "00000000-0000-4000-8000-000000000000").unwrap();
    let golden = payment(include_bytes!("../../../fixtures/payment.json"));
    assert!(matches!(observation(golden.clone(), &other), Err(ProviderError::InvalidResponse(_))));
    // *Assumed*: Banq sends the payment's id. Without it, order and amount decide.
    assert!(observation(Payment { id: None, ..golden }, &other).is_ok());
}

#[test]
fn a_link_needs_an_id_and_an_address() {
    let golden = payment(include_bytes!("../../../fixtures/link-answer.json"));
    let first = link(golden.clone()).unwrap();
    assert_eq!(first.payment_id.as_str(), "banq:9bf48226-79c3-43d2-9be5-264bfef4660d");
    assert_eq!(first.url, "https://link.banq.com/pay/abc");
    assert_eq!(first.expires_at.map(time::rfc3339).unwrap(), "2021-01-11T12:27:12.543Z");
    for broken in [
        Payment { id: None, ..golden.clone() },
        Payment { id: Some("../users".into()), ..golden.clone() },
        Payment { url: None, ..golden },
    ] {
        assert!(matches!(link(broken), Err(ProviderError::InvalidResponse(_))));
    }
}

#[test]
fn a_completed_payment_is_paid_with_its_amount_and_order() {
    let seen = observation(payment(include_bytes!("../../../fixtures/payment.json")), &payment_id()).unwrap();
    assert_eq!(seen.state, Ok(Status::Paid.into()));
    assert_eq!(seen.funds, Some(amount("100")));
    assert_eq!(seen.order, OrderReference::Named("<YOUR-ORDER-ID>".into()));
}

#[test]
fn a_failed_payment_says_why() {
    let seen =
        observation(payment(include_bytes!("../../../fixtures/payment-failed.json")), &payment_id()).unwrap();
    let reason = Some(FailReason::InsufficientFunds);
    assert_eq!(seen.state, Ok(PaymentState { status: Status::Failed, reason, issue: None }));
    assert!(!seen.says_success && seen.words == "Failed, InsufficientBalance", "{}", seen.words);
}

#[test]
fn a_transaction_names_its_payment() {
    let golden: Transaction =
        serde_json::from_value(bare(include_bytes!("../../../fixtures/transaction.json"))).unwrap();
    assert_eq!(payment_of(&golden).unwrap().raw_for(NAME).unwrap(), "9bf48226-79c3-43d2-9be5-264bfef4660d");
    assert!(payment_of(&Transaction { payment_id: Some("../users".into()), ..golden }).is_err());
}

fn standing_of(word: &str, reason: Option<&str>) -> Result<PaymentState, String> {
    state(PaymentStatus::from_word(word), reason.map(VendorReason::from_word).as_ref(), false)
}

#[test]
fn a_left_out_day_ends_a_payment_that_is_made_once() {
    for word in ["OccurrenceCanceled", "occurrenceCancelled"] {
        let of = |repeats| state(PaymentStatus::from_word(word), None, repeats);
        assert_eq!(of(false), Ok(Status::Canceled.into()), "{word}");
        assert_eq!(of(true), Ok(Status::Processing.into()), "{word}");
    }
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
        ("Cancelled", Status::Canceled),
        ("Resumed", Status::Processing),
        ("Expired", Status::Expired),
        ("Failed", Status::Failed),
        ("Reversed", Status::Reversed),
    ] {
        assert_eq!(standing_of(word, Some("None")), Ok(status.into()), "{word}");
    }
}

#[test]
fn completed_with_a_fail_reason_is_not_paid() {
    let failed = |reason| Ok(PaymentState { status: Status::Failed, reason: Some(reason), issue: None });
    assert_eq!(standing_of("Completed", Some("InsufficientBalance")), failed(FailReason::InsufficientFunds));
    assert_eq!(standing_of("Completed", Some("SomethingNew")), failed(FailReason::ProcessingFailed));
    assert_eq!(standing_of("Completed", None), Ok(Status::Paid.into()));
}

#[test]
fn a_reversal_that_is_told_by_its_fail_reason_is_one() {
    let reversed = PaymentState { status: Status::Reversed, reason: Some(FailReason::Reversed), issue: None };
    for word in ["Completed", "Failed", "Reversed"] {
        assert_eq!(standing_of(word, Some("Reversed")), Ok(reversed), "{word}");
        assert_eq!(transition(Status::Paid.into(), Event::Observed(reversed)), Some(reversed), "{word}");
    }
    // A fail reason alone does not end an open payment.
    assert_eq!(standing_of("Accepted", Some("Reversed")), Ok(Status::Processing.into()));
}

#[test]
fn an_unknown_word_is_no_status() {
    for word in ["", "Paid", "Success", "Complete", "Completed "] {
        assert_eq!(standing_of(word, None), Err(word.to_owned()));
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
        assert_eq!(fail_reason(&VendorReason::from_word(word)), reason, "{word}");
    }
}

//! The wire format, held to golden JSON files: what is read is what is written, to the field.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use banq_checkout_wire::{
    Envelope, FailReason, Frequency, Issue, PaymentLink, Problem, ProblemCode, Schedule, Snapshot, Status,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn round_trip<T: Serialize + DeserializeOwned + Debug>(golden: &str) -> T {
    let value: Value = serde_json::from_str(golden).unwrap();
    let parsed: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), value);
    parsed
}

#[test]
fn a_snapshot_reads_and_writes_as_documented() {
    let Envelope { data } = round_trip::<Envelope<Snapshot>>(include_str!("../fixtures/snapshot.json"));
    assert_eq!((data.status, data.fail_reason), (Status::Failed, Some(FailReason::InsufficientFunds)));
    assert_eq!(data.schedule, None, "made once");
}

#[test]
fn a_snapshot_with_an_issue_reads_and_writes_as_documented() {
    let golden = include_str!("../fixtures/snapshot-issue.json");
    let Envelope { data } = round_trip::<Envelope<Snapshot>>(golden);
    assert_eq!((data.status, data.issue), (Status::Paid, Some(Issue::PaidOtherAmount)));
}

#[test]
fn every_issue_travels_as_its_documented_word() {
    for issue in Issue::ALL {
        assert_eq!(serde_json::to_value(issue).unwrap(), json!(issue.as_str()));
        assert_eq!(Issue::from_word(issue.as_str()), issue);
    }
    let later: Issue = serde_json::from_value(json!("solar_flare")).unwrap();
    assert_eq!((later, Issue::from_word("solar_flare")), (Issue::PaymentInDoubt, Issue::PaymentInDoubt));
}

#[test]
fn a_payment_link_reads_and_writes_as_documented() {
    let Envelope { data } =
        round_trip::<Envelope<PaymentLink>>(include_str!("../fixtures/payment-link.json"));
    assert_eq!((data.status, data.order_id.as_str(), data.schedule), (Status::Pending, "009221", None));
}

#[test]
fn a_payment_link_that_repeats_reads_and_writes_as_documented() {
    let golden = include_str!("../fixtures/payment-link-repeating.json");
    let Envelope { data } = round_trip::<Envelope<PaymentLink>>(golden);
    let until = Some("2027-12-31".to_owned());
    let monthly =
        Schedule { frequency: Frequency::Monthly, start_date: "2027-01-31".to_owned(), end_date: until };
    assert_eq!(data.schedule, Some(monthly));
}

#[test]
fn a_snapshot_that_repeats_reads_and_writes_as_documented() {
    let golden = include_str!("../fixtures/snapshot-repeating.json");
    let Envelope { data } = round_trip::<Envelope<Snapshot>>(golden);
    let weekly =
        Schedule { frequency: Frequency::Weekly, start_date: "2027-01-31".to_owned(), end_date: None };
    assert_eq!((data.status, data.schedule), (Status::Processing, Some(weekly)));
}

#[test]
fn every_frequency_travels_as_its_documented_word() {
    for frequency in Frequency::ALL {
        assert_eq!(serde_json::to_value(frequency).unwrap(), json!(frequency.as_str()));
        assert_eq!(Frequency::from_word(frequency.as_str()), frequency);
    }
}

#[test]
fn a_frequency_of_a_later_version_still_says_that_it_repeats() {
    let mut golden: Value =
        serde_json::from_str(include_str!("../fixtures/snapshot-repeating.json")).unwrap();
    for word in ["every_other_tuesday", "Monthly", "once", ""] {
        golden["data"]["schedule"]["frequency"] = json!(word);
        let Envelope { data } = serde_json::from_value::<Envelope<Snapshot>>(golden.clone()).unwrap();
        assert_eq!(data.schedule.unwrap().frequency, Frequency::Other, "{word}");
    }
}

#[test]
fn a_problem_reads_and_writes_as_documented() {
    let problem = round_trip::<Problem>(include_str!("../fixtures/problem.json"));
    assert_eq!((problem.code, problem.order_id), (ProblemCode::InvalidField, None));
}

#[test]
fn a_problem_of_an_order_reads_and_writes_as_documented() {
    let problem = round_trip::<Problem>(include_str!("../fixtures/problem-order.json"));
    assert_eq!((problem.code, problem.order_id.as_deref()), (ProblemCode::OrderAlreadyPaid, Some("009221")));
}

#[test]
fn every_status_travels_as_its_documented_word() {
    for status in Status::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), json!(status.as_str()));
        assert_eq!(Status::from_word(status.as_str()), Some(status));
    }
    for reason in FailReason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), json!(reason.as_str()));
        assert_eq!(FailReason::from_word(reason.as_str()), reason);
    }
}

#[test]
fn an_unknown_status_is_an_error_and_never_a_success() {
    for word in ["completed", "Paid", "success", "", "on-hold"] {
        assert!(serde_json::from_value::<Status>(json!(word)).is_err(), "{word}");
        assert_eq!(Status::from_word(word), None, "{word}");
    }
}

#[test]
fn a_fail_reason_of_a_later_version_is_read_as_a_plain_failure() {
    let reason: FailReason = serde_json::from_value(json!("solar_flare")).unwrap();
    assert_eq!(reason, FailReason::ProcessingFailed);
    assert_eq!(FailReason::from_word("solar_flare"), FailReason::ProcessingFailed);
}

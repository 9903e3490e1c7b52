//! The wire format, held to golden JSON files: what is read is what is written, to the field.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use banq_checkout_wire::{Envelope, FailReason, Issue, PaymentLink, Problem, ProblemCode, Snapshot, Status};
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
    assert_eq!(data.status, Status::Pending);
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

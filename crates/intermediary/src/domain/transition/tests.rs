use proptest::{prelude::*, sample::select};

use super::*;

fn statuses() -> impl Strategy<Value = Status> {
    select(Status::ALL.to_vec())
}

fn causes() -> impl Strategy<Value = Cause> {
    prop_oneof![
        8 => statuses().prop_map(|status| Cause::Observed(status.into())),
        4 => statuses().prop_map(|status| Cause::Differs(status.into())),
        1 => Just(Cause::Unclear),
        1 => Just(Cause::TimeIsUp),
        1 => Just(Cause::Replaced),
    ]
}

/// Every standing that a checkout can be kept in.
fn standings() -> impl Strategy<Value = Standing> {
    (statuses(), any::<bool>()).prop_map(|(status, has_issue)| {
        let issue = match status {
            Status::Paid => Issue::PaymentInDoubt,
            Status::OnHold | Status::Reversed => Issue::PaymentMismatch,
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => Issue::PaymentMismatch,
            Status::Pending | Status::Processing => return status.into(),
        };
        Standing { issue: has_issue.then_some(issue), ..status.into() }
    })
}

/// Whether the provider says that the money is there, for this order and to the cent.
fn is_success(cause: &Cause) -> bool {
    *cause == Cause::Observed(Status::Paid.into())
}

/// Whether the provider says by this that the money is gone, when it had been there.
fn takes_money(cause: &Cause) -> bool {
    match cause {
        Cause::Observed(seen) | Cause::Differs(seen) => match seen.status {
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => true,
            Status::Pending | Status::Processing | Status::OnHold | Status::Paid => false,
        },
        Cause::Unclear | Cause::TimeIsUp | Cause::Replaced => false,
    }
}

/// Whether the provider was asked.
fn is_observation(cause: &Cause) -> bool {
    match cause {
        Cause::Observed(_) | Cause::Differs(_) | Cause::Unclear => true,
        Cause::TimeIsUp | Cause::Replaced => false,
    }
}

fn after(start: Standing, causes: impl IntoIterator<Item = Cause>) -> Standing {
    causes.into_iter().fold(start, |standing, cause| transition(standing, cause).unwrap_or(standing))
}

/// What a provider's payment may become next.
fn successors(status: Status) -> Vec<Status> {
    match status {
        Status::Pending => vec![
            Status::Processing,
            Status::OnHold,
            Status::Declined,
            Status::Canceled,
            Status::Expired,
            Status::Failed,
            Status::Paid,
        ],
        Status::Processing => vec![Status::OnHold, Status::Canceled, Status::Failed, Status::Paid],
        Status::OnHold => vec![Status::Pending, Status::Processing, Status::Canceled, Status::Expired],
        Status::Paid => vec![Status::Reversed],
        Status::Reversed => vec![Status::Paid],
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => vec![],
    }
}

/// A life of a payment at the provider: its statuses in order, never `processing` before a `pending` that is
/// no resume of it (a hold gives back what it took).
fn lives() -> impl Strategy<Value = Vec<Status>> {
    proptest::collection::vec(any::<proptest::sample::Index>(), 0..8).prop_map(|choices| {
        let (mut life, mut accepted) = (vec![Status::Pending], false);
        for choice in choices {
            let mut next = successors(life[life.len() - 1]);
            if accepted {
                next.retain(|status| *status != Status::Pending && *status != Status::Expired);
            } else if life[life.len() - 1] == Status::OnHold {
                next.retain(|status| *status != Status::Processing);
            }
            if next.is_empty() {
                break;
            }
            life.push(*choice.get(&next));
            accepted |= life[life.len() - 1] == Status::Processing;
        }
        life
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn paid_is_left_only_for_reversed(causes in proptest::collection::vec(causes(), 0..20)) {
        let taken = causes.iter().any(takes_money);
        let end = after(Status::Paid.into(), causes).status;
        prop_assert!(end == Status::Paid || (taken && end == Status::Reversed), "{:?}", end);
    }

    #[test]
    fn from_paid_on_every_contradiction_is_news(cause in causes()) {
        let next = transition(Status::Paid.into(), cause);
        prop_assert_eq!(next.is_some(), is_observation(&cause) && !is_success(&cause));
        let is_told = |next: Standing| next.status == Status::Reversed || next.is_in_question();
        prop_assert!(next.is_none_or(is_told), "{:?}", next);
    }

    #[test]
    fn reversed_is_left_only_for_a_success(causes in proptest::collection::vec(causes(), 0..20)) {
        let succeeded = causes.iter().any(is_success);
        let end = after(Status::Reversed.into(), causes).status;
        prop_assert!(end == Status::Reversed || (succeeded && end == Status::Paid), "{:?}", end);
    }

    #[test]
    fn money_that_differs_is_never_paid_and_never_lost(start in standings(), status in statuses()) {
        let end = after(start, [Cause::Differs(status.into())]);
        prop_assert!(end.status != Status::Paid || start.status == Status::Paid);
        if matches!(status, Status::Processing | Status::Paid) {
            prop_assert!(end.is_in_question(), "{:?}", end);
        }
    }

    #[test]
    fn a_success_ends_every_question(start in standings()) {
        prop_assert_eq!(after(start, [Cause::Observed(Status::Paid.into())]), Status::Paid.into());
    }

    #[test]
    fn every_question_has_an_end_without_money(start in standings(), differs in any::<bool>()) {
        let gone = Status::Reversed.into();
        let cause = if differs { Cause::Differs(gone) } else { Cause::Observed(gone) };
        prop_assert!(!after(start, [cause]).is_in_question());
    }

    #[test]
    fn what_is_over_never_opens_again(start in standings(), causes in proptest::collection::vec(causes(), 0..20)) {
        let end = after(start, causes).status;
        prop_assert!(!start.status.is_terminal() || end.is_terminal());
    }

    #[test]
    fn only_an_observed_success_makes_paid(start in standings(), cause in causes()) {
        if let Some(next) = transition(start, cause) && next.status == Status::Paid && !next.is_in_question() {
            prop_assert!(is_success(&cause));
        }
    }

    #[test]
    fn the_same_cause_twice_changes_once(start in standings(), cause in causes()) {
        let once = after(start, [cause]);
        prop_assert_eq!(transition(once, cause), None);
    }

    /// Webhooks lost, repeated, late: whichever moments of a life were seen, with repeats, as long as the
    /// last look saw its end, the checkout stands where the payment stands.
    #[test]
    fn whatever_was_missed_or_repeated_the_last_look_decides(
        life in lives(),
        looks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..20),
    ) {
        let mut moments: Vec<usize> = looks.iter().map(|look| look.index(life.len())).collect();
        moments.sort_unstable();
        moments.push(life.len() - 1);
        let seen = moments.into_iter().map(|moment| Cause::Observed(life[moment].into()));
        prop_assert_eq!(after(Status::Pending.into(), seen).status, life[life.len() - 1]);
    }

    /// A payment that ends paid ends a checkout paid, whatever else was believed before, in any order.
    #[test]
    fn a_success_seen_at_any_time_stays(
        mut before in proptest::collection::vec(causes(), 0..10),
        mut later in proptest::collection::vec(causes(), 0..10),
    ) {
        let not_reversed = |cause: &Cause| *cause != Cause::Observed(Status::Reversed.into());
        before.retain(not_reversed);
        later.retain(|cause| !takes_money(cause));
        let all = before.into_iter().chain([Cause::Observed(Status::Paid.into())]).chain(later);
        prop_assert_eq!(after(Status::Pending.into(), all).status, Status::Paid);
    }
}

#[test]
fn a_reason_comes_with_its_status() {
    let reason = Some(FailReason::InsufficientFunds);
    let failed = Standing { status: Status::Failed, reason, issue: None };
    assert_eq!(transition(Status::Processing.into(), Cause::Observed(failed)), Some(failed));
}

#[test]
fn an_end_that_is_not_a_success_never_replaces_another() {
    let ends = [Status::Declined, Status::Failed, Status::Canceled, Status::Expired];
    for known in ends {
        for seen in ends {
            assert_eq!(transition(known.into(), Cause::Observed(seen.into())), None, "{known:?} {seen:?}");
        }
    }
}

#[test]
fn only_what_is_pending_runs_out_of_time_or_is_replaced() {
    for status in Status::ALL {
        let changes = status == Status::Pending;
        assert_eq!(transition(status.into(), Cause::TimeIsUp).is_some(), changes);
        assert_eq!(transition(status.into(), Cause::Replaced).is_some(), changes);
    }
}

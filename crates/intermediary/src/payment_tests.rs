use proptest::{prelude::*, sample::select};

use super::*;

fn statuses() -> impl Strategy<Value = Status> {
    select(Status::ALL.to_vec())
}

fn causes() -> impl Strategy<Value = Cause> {
    prop_oneof![
        8 => statuses().prop_map(|status| Cause::Observed(status.into())),
        1 => Just(Cause::TimeIsUp),
        1 => Just(Cause::Replaced),
    ]
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
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => vec![],
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
    fn paid_absorbs_everything_but_reversed(causes in proptest::collection::vec(causes(), 0..20)) {
        let reversed = causes.contains(&Cause::Observed(Status::Reversed.into()));
        let end = after(Status::Paid.into(), causes).status;
        prop_assert_eq!(end, if reversed { Status::Reversed } else { Status::Paid });
    }

    #[test]
    fn reversed_is_final(causes in proptest::collection::vec(causes(), 0..20)) {
        prop_assert_eq!(after(Status::Reversed.into(), causes).status, Status::Reversed);
    }

    #[test]
    fn what_is_over_never_opens_again(start in statuses(), causes in proptest::collection::vec(causes(), 0..20)) {
        let end = after(start.into(), causes).status;
        prop_assert!(!start.is_terminal() || end.is_terminal());
    }

    #[test]
    fn only_an_observed_success_makes_paid(start in statuses(), cause in causes()) {
        if let Some(next) = transition(start.into(), cause) && next.status == Status::Paid {
            prop_assert_eq!(cause, Cause::Observed(Status::Paid.into()));
        }
    }

    #[test]
    fn the_same_cause_twice_changes_once(start in statuses(), cause in causes()) {
        let once = after(start.into(), [cause]);
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
        later.retain(not_reversed);
        let all = before.into_iter().chain([Cause::Observed(Status::Paid.into())]).chain(later);
        prop_assert_eq!(after(Status::Pending.into(), all).status, Status::Paid);
    }
}

#[test]
fn a_reason_comes_with_its_status() {
    let failed = Standing { status: Status::Failed, reason: Some(FailReason::InsufficientFunds) };
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

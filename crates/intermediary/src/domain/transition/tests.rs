use proptest::{prelude::*, sample::select};

use super::*;

fn statuses() -> impl Strategy<Value = Status> {
    select(Status::ALL.to_vec())
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => statuses().prop_map(|status| Event::Observed(status.into())),
        4 => statuses().prop_map(|status| Event::Differs(status.into())),
        1 => Just(Event::Unclear),
        1 => Just(Event::TimeIsUp),
        1 => Just(Event::Replaced),
    ]
}

/// Generates every state that a stored checkout can have.
fn states() -> impl Strategy<Value = PaymentState> {
    (statuses(), any::<bool>()).prop_map(|(status, has_issue)| {
        let issue = match status {
            Status::Paid => Issue::PaymentInDoubt,
            Status::OnHold | Status::Reversed => Issue::PaymentMismatch,
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => Issue::PaymentMismatch,
            Status::Pending | Status::Processing => return status.into(),
        };
        PaymentState { issue: has_issue.then_some(issue), ..status.into() }
    })
}

/// Returns whether the provider reports the money for this order, to the cent.
fn is_success(event: &Event) -> bool {
    *event == Event::Observed(Status::Paid.into())
}

/// Returns whether the provider reports by this event that money received earlier is gone.
fn takes_money(event: &Event) -> bool {
    match event {
        Event::Observed(seen) | Event::Differs(seen) => match seen.status {
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => true,
            Status::Pending | Status::Processing | Status::OnHold | Status::Paid => false,
        },
        Event::Unclear | Event::TimeIsUp | Event::Replaced => false,
    }
}

/// Returns whether the event comes from asking the provider.
fn is_observation(event: &Event) -> bool {
    match event {
        Event::Observed(_) | Event::Differs(_) | Event::Unclear => true,
        Event::TimeIsUp | Event::Replaced => false,
    }
}

fn after(start: PaymentState, events: impl IntoIterator<Item = Event>) -> PaymentState {
    events.into_iter().fold(start, |state, event| transition(state, event).unwrap_or(state))
}

/// Returns the statuses that may follow at the provider.
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

/// Generates the life of a payment at the provider: its statuses in order. After `processing`, `pending` follows only
/// as a resume (a hold restores the status before it).
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
    fn paid_is_left_only_for_reversed(events in proptest::collection::vec(events(), 0..20)) {
        let taken = events.iter().any(takes_money);
        let end = after(Status::Paid.into(), events).status;
        prop_assert!(end == Status::Paid || (taken && end == Status::Reversed), "{:?}", end);
    }

    #[test]
    fn from_paid_on_every_contradiction_is_news(event in events()) {
        let next = transition(Status::Paid.into(), event);
        prop_assert_eq!(next.is_some(), is_observation(&event) && !is_success(&event));
        let is_told = |next: PaymentState| next.status == Status::Reversed || next.is_in_question();
        prop_assert!(next.is_none_or(is_told), "{:?}", next);
    }

    #[test]
    fn reversed_is_left_only_for_a_success(events in proptest::collection::vec(events(), 0..20)) {
        let succeeded = events.iter().any(is_success);
        let end = after(Status::Reversed.into(), events).status;
        prop_assert!(end == Status::Reversed || (succeeded && end == Status::Paid), "{:?}", end);
    }

    #[test]
    fn money_that_differs_is_never_paid_and_never_lost(start in states(), status in statuses()) {
        let end = after(start, [Event::Differs(status.into())]);
        prop_assert!(end.status != Status::Paid || start.status == Status::Paid);
        if matches!(status, Status::Processing | Status::Paid) {
            prop_assert!(end.is_in_question(), "{:?}", end);
        }
    }

    #[test]
    fn a_success_ends_every_question(start in states()) {
        prop_assert_eq!(after(start, [Event::Observed(Status::Paid.into())]), Status::Paid.into());
    }

    #[test]
    fn every_question_has_an_end_without_money(start in states(), differs in any::<bool>()) {
        let gone = Status::Reversed.into();
        let event = if differs { Event::Differs(gone) } else { Event::Observed(gone) };
        prop_assert!(!after(start, [event]).is_in_question());
    }

    #[test]
    fn what_is_over_never_opens_again(start in states(), events in proptest::collection::vec(events(), 0..20)) {
        let end = after(start, events).status;
        prop_assert!(!start.status.is_terminal() || end.is_terminal());
    }

    #[test]
    fn only_an_observed_success_makes_paid(start in states(), event in events()) {
        if let Some(next) = transition(start, event) && next.status == Status::Paid && !next.is_in_question() {
            prop_assert!(is_success(&event));
        }
    }

    #[test]
    fn the_same_cause_twice_changes_once(start in states(), event in events()) {
        let once = after(start, [event]);
        prop_assert_eq!(transition(once, event), None);
    }

    /// Webhooks are lost, repeated or late: whichever states were seen, once the last observation saw the final state,
    /// the checkout has it too.
    #[test]
    fn whatever_was_missed_or_repeated_the_last_look_decides(
        life in lives(),
        looks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..20),
    ) {
        let mut moments: Vec<usize> = looks.iter().map(|look| look.index(life.len())).collect();
        moments.sort_unstable();
        moments.push(life.len() - 1);
        let seen = moments.into_iter().map(|moment| Event::Observed(life[moment].into()));
        prop_assert_eq!(after(Status::Pending.into(), seen).status, life[life.len() - 1]);
    }

    /// A payment that ends paid makes the checkout paid, whatever was seen before, in any order.
    #[test]
    fn a_success_seen_at_any_time_stays(
        mut before in proptest::collection::vec(events(), 0..10),
        mut later in proptest::collection::vec(events(), 0..10),
    ) {
        let not_reversed = |event: &Event| *event != Event::Observed(Status::Reversed.into());
        before.retain(not_reversed);
        later.retain(|event| !takes_money(event));
        let all = before.into_iter().chain([Event::Observed(Status::Paid.into())]).chain(later);
        prop_assert_eq!(after(Status::Pending.into(), all).status, Status::Paid);
    }
}

#[test]
fn a_reason_comes_with_its_status() {
    let reason = Some(FailReason::InsufficientFunds);
    let failed = PaymentState { status: Status::Failed, reason, issue: None };
    assert_eq!(transition(Status::Processing.into(), Event::Observed(failed)), Some(failed));
}

#[test]
fn an_end_that_is_not_a_success_never_replaces_another() {
    let ends = [Status::Declined, Status::Failed, Status::Canceled, Status::Expired];
    for known in ends {
        for seen in ends {
            assert_eq!(transition(known.into(), Event::Observed(seen.into())), None, "{known:?} {seen:?}");
        }
    }
}

#[test]
fn only_what_is_pending_runs_out_of_time_or_is_replaced() {
    for status in Status::ALL {
        let changes = status == Status::Pending;
        assert_eq!(transition(status.into(), Event::TimeIsUp).is_some(), changes);
        assert_eq!(transition(status.into(), Event::Replaced).is_some(), changes);
    }
}

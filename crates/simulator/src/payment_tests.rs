//! One test per rule of the state machine.

use super::*;

const REASON: FailReason = FailReason::InsufficientBalance;

fn run(actions: &[Action]) -> (State, Vec<Event>) {
    let mut state = State::Created;
    let mut events = Vec::new();
    for action in actions {
        let (next, new) = state.apply(*action).unwrap_or_else(|| panic!("{action} from {state:?}"));
        state = next;
        events.extend(new);
    }
    (state, events)
}

#[test]
fn accepting_is_the_whole_good_run_in_the_documented_order() {
    let (state, events) = run(&[Action::Accept]);
    assert_eq!(state, State::Completed);
    assert_eq!(events, [Event::PaymentAccepted, Event::TransactionCreated, Event::PaymentCompleted]);
}

#[test]
fn accept_only_and_complete_send_the_same_events_as_accept() {
    assert_eq!(run(&[Action::AcceptOnly, Action::Complete]), run(&[Action::Accept]));
}

#[test]
fn a_payment_resumed_is_what_it_was_before_the_hold() {
    assert_eq!(run(&[Action::Hold, Action::Resume]).0, State::Created);
    assert_eq!(run(&[Action::AcceptOnly, Action::Hold, Action::Resume]).0, State::Accepted);
}

#[test]
fn failing_an_unaccepted_payment_accepts_it_first() {
    let (state, events) = run(&[Action::Fail(REASON)]);
    assert_eq!((state.status(), state.fail_reason()), (Status::Failed, Some(REASON)));
    assert_eq!(events, [Event::PaymentAccepted, Event::TransactionFailed]);
    assert_eq!(run(&[Action::AcceptOnly, Action::Fail(REASON)]), (state, events));
}

#[test]
fn only_a_completed_payment_can_be_reversed() {
    let (state, events) = run(&[Action::Accept, Action::Reverse(FailReason::Reversed)]);
    assert_eq!(state, State::Reversed(FailReason::Reversed));
    assert_eq!(events.last(), Some(&Event::TransactionUpdated));
    assert_eq!(State::Created.apply(Action::Reverse(REASON)), None);
}

#[test]
fn a_held_payment_can_be_called_off_but_not_accepted() {
    let held = run(&[Action::Hold]).0;
    assert_eq!(held.actions(), ["decline", "resume", "cancel", "expire"]);
    assert_eq!(held.apply(Action::Accept), None);
}

#[test]
fn an_accepted_payment_neither_expires_nor_is_declined() {
    assert_eq!(run(&[Action::AcceptOnly]).0.actions(), ["complete", "hold", "cancel", "fail"]);
}

#[test]
fn what_has_ended_stays_ended() {
    for end in
        [State::Declined, State::Canceled, State::Expired, State::Failed(REASON), State::Reversed(REASON)]
    {
        assert!(end.actions().is_empty(), "{end:?}");
    }
    assert_eq!(State::Completed.actions(), ["reverse"]);
}

//! Money whose state the status alone does not tell.

use super::*;

fn paying() -> Run {
    Run::new([Event::Open, link(1, true), snapshot(1, 1, Status::Pending)])
}

fn told_issue(effects: &[Effect]) -> Option<(Status, Option<Issue>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Notify(CallbackEvent::StatusChange(checkout, _)) => Some((checkout.status, checkout.issue)),
        _ => None,
    })
}

#[test]
fn paid_with_an_issue_is_told_and_is_no_success() {
    for issue in Issue::ALL {
        let mut run = paying();
        let effects = run.happen(snapshot_with(1, 2, Status::Paid, Some(issue)));
        assert_eq!(told_issue(&effects), Some((Status::Paid, Some(issue))));
        assert_eq!(run.terminal_callbacks(), 0, "{issue:?}");
        assert!(effects.contains(&Effect::StopListening), "the server ends the stream there");
        assert_eq!(run.happen(Event::Retry), [], "nothing more is to be paid");
    }
}

#[test]
fn an_issue_that_clears_is_the_one_ending() {
    let mut run = paying();
    run.happen(snapshot_with(1, 2, Status::Paid, Some(Issue::PaidOtherAmount)));
    run.happen(snapshot(1, 3, Status::Paid));
    run.happen(snapshot(1, 4, Status::Paid));
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Success { .. }))), 1);
}

#[test]
fn a_mismatch_takes_the_code_away_and_listens_on() {
    for status in Status::ALL {
        let mut run = paying();
        run.happen(Event::WindowOpened);
        let effects = run.happen(snapshot_with(1, 2, status, Some(Issue::PaymentMismatch)));
        assert_eq!(told_issue(&effects), Some((status, Some(Issue::PaymentMismatch))), "{status:?}");
        assert!(effects.contains(&Effect::CloseWindow), "{status:?}: {effects:?}");
        assert_eq!(run.terminal_callbacks(), 0, "{status:?}");
        assert!(!run.state.checkout().is_some_and(Checkout::is_payable));
        assert!(!run.state.may_request(), "{status:?}: no second payment");
    }
}

#[test]
fn a_mismatch_after_the_end_replaces_the_offer_of_another_code() {
    let mut run = paying();
    run.happen(snapshot(1, 2, Status::Expired));
    let effects = run.happen(snapshot_with(1, 3, Status::OnHold, Some(Issue::PaymentMismatch)));
    assert_eq!(told_issue(&effects), Some((Status::OnHold, Some(Issue::PaymentMismatch))));
    assert_eq!(run.happen(Event::Retry), []);
    assert_eq!(run.terminal_callbacks(), 1, "onExpired, as it was told before");
}

#[test]
fn doubt_after_paid_is_shown_and_told_and_ends_nothing_twice() {
    let mut run = paying();
    run.happen(snapshot(1, 2, Status::Paid));
    let effects = run.happen(snapshot_with(1, 3, Status::Paid, Some(Issue::PaymentInDoubt)));
    assert_eq!(told_issue(&effects), Some((Status::Paid, Some(Issue::PaymentInDoubt))));
    let effects = run.happen(snapshot(1, 4, Status::Reversed));
    assert_eq!(told_issue(&effects), Some((Status::Reversed, None)));
    let effects = run.happen(snapshot(1, 5, Status::Paid));
    assert_eq!(told_issue(&effects), Some((Status::Paid, None)), "restored: the newer one wins");
    assert_eq!(run.happen(snapshot(1, 4, Status::Reversed)), []);
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
}

#[test]
fn paid_never_goes_back_to_a_code() {
    for issue in [None, Some(Issue::PaymentInDoubt)] {
        for status in [Status::Pending, Status::Processing, Status::OnHold, Status::Expired, Status::Failed] {
            for newer in [None, Some(Issue::PaymentMismatch)] {
                let mut run = paying();
                run.happen(snapshot_with(1, 2, Status::Paid, issue));
                assert_eq!(run.happen(snapshot_with(1, 3, status, newer)), [], "{status:?}");
            }
        }
    }
}

#[test]
fn opened_again_a_paid_checkout_is_looked_at_once() {
    let mut run = paying();
    run.happen(snapshot(1, 2, Status::Paid));
    run.happen(Event::Close(CloseReason::User));
    let effects = run.happen(Event::Open);
    assert!(
        matches!(effects[..], [Effect::Notify(CallbackEvent::PopUpOpen), Effect::Look(1, _)]),
        "{effects:?}"
    );
    run.happen(snapshot_with(1, 3, Status::Paid, Some(Issue::PaymentInDoubt)));
    let shown = run.state.checkout().unwrap();
    assert_eq!((shown.status, shown.issue), (Status::Paid, Some(Issue::PaymentInDoubt)));
}

#[test]
fn after_a_reload_a_payment_in_question_is_shown_again() {
    let question = Failure::new(ErrorCode::OrderPaymentInQuestion, "409");
    let question = Failure { order_id: Some("009221".to_owned()), ..question };
    let mut run = Run::new([resume(Dialog::Open), Event::LinkRefused(1, question)]);
    let effects = run.happen(snapshot_with(1, 5, Status::OnHold, Some(Issue::PaymentMismatch)));
    assert_eq!(told_issue(&effects), Some((Status::OnHold, Some(Issue::PaymentMismatch))));
    assert_eq!(run.state.dialog, Dialog::Open);
    assert_eq!(run.state.channel, Channel::Stream, "it is heard until that is settled");
}

#[test]
fn the_hosted_pages_word_is_no_proof_after_an_issue() {
    let mut run = paying();
    run.happen(snapshot(1, 2, Status::Failed));
    run.happen(snapshot_with(1, 3, Status::OnHold, Some(Issue::PaymentMismatch)));
    assert_eq!(run.state.channel, Channel::Stream, "it goes on, and is heard again");
    run.happen(Event::Hosted(HostedMessage::Success));
    assert_eq!(run.status(), Some(Status::OnHold));
}

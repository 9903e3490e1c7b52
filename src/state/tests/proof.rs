//! What the page waited for before is shown and reported only when the shop has named the same checkout.

use super::*;

fn other_link(attempt: Attempt) -> Event {
    let info = PaymentInfo { checkout_id: Some("c2".to_owned()), ..PaymentInfo::example(true) };
    Event::LinkArrived(attempt, Rc::new(info))
}

/// Returns whether an effect shows, hears or reports something of a checkout.
fn of_a_checkout(effect: &Effect) -> bool {
    match effect {
        Effect::Listen(..) | Effect::Look(..) | Effect::DirectWindow(_) | Effect::Remember(..) => true,
        Effect::Notify(CallbackEvent::Error(_) | CallbackEvent::PopUpClose(..)) => false,
        Effect::Notify(_) => true,
        Effect::RequestLink(_) | Effect::AskLater(_) | Effect::Forget | Effect::StopListening => false,
        Effect::CloseWindow | Effect::StartGrace | Effect::WarnNoEvents => false,
    }
}

#[test]
fn a_resumed_record_without_an_answer_is_neither_heard_nor_told() {
    for dialog in [Dialog::Open, Dialog::Closed] {
        let mut run = Run::new([resume(dialog), refused(1)]);
        run.happen(snapshot(0, 7, Status::Paid));
        run.happen(snapshot(1, 8, Status::Paid));
        assert_eq!(run.count(of_a_checkout), 0, "{:?}", run.effects);
        assert_eq!((run.status(), run.state.dialog), (None, Dialog::Closed));
    }
}

#[test]
fn shop_that_cannot_answer_is_asked_seldom_and_then_no_more() {
    let mut run = Run::new([resume(Dialog::Closed)]);
    let mut pauses = Vec::new();
    for attempt in 1.. {
        let effects = run.happen(refused(attempt));
        let Some(Effect::AskLater(pause)) = effects.first() else { break };
        pauses.push(*pause);
        assert_eq!(run.happen(Event::AskAgain), [Effect::RequestLink(attempt + 1)]);
    }
    assert_eq!(pauses, [2_000, 4_000, 8_000, 16_000, 32_000, 64_000]);
    // The shopper's press asks the shop; the answer still has to name the same checkout.
    run.happen(Event::Open);
    run.happen(other_link(8));
    assert_eq!(run.state.checkout().and_then(|checkout| checkout.info.checkout_id.as_deref()), Some("c2"));
}

#[test]
fn paid_order_of_another_checkout_shows_nothing_of_the_record() {
    // Its own checkout says that it belongs to another order, that it is not paid, or nothing at all.
    let foreign = {
        let Event::Snapshot(_, paid) = snapshot(1, 5, Status::Paid) else { unreachable!() };
        Event::Snapshot(1, Rc::new(Snapshot { checkout_id: "c3".to_owned(), ..(*paid).clone() }))
    };
    for (order, news) in [
        ("other", snapshot(1, 5, Status::Paid)),
        ("009221", snapshot(1, 5, Status::Pending)),
        ("009221", snapshot(1, 5, Status::Processing)),
        ("009221", foreign),
        ("009221", Event::GraceOver),
    ] {
        let mut run = Run::new([resume(Dialog::Open), paid_already(1, order), news.clone()]);
        run.happen(snapshot(1, 9, Status::Paid));
        assert_eq!((run.state.phase.clone(), run.state.dialog), (Phase::Idle, Dialog::Closed), "{news:?}");
        assert_eq!(run.terminal_callbacks(), 0, "{news:?}");
        assert!(run.effects.contains(&Effect::StopListening) && run.effects.contains(&Effect::Forget));
        let told = |effect: &Effect| matches!(effect, Effect::Notify(_));
        assert_eq!(run.count(told), 0, "{:?}", run.effects);
    }
}

#[test]
fn a_refusal_that_names_no_order_proves_nothing() {
    let paid = Failure::new(ErrorCode::OrderAlreadyPaid, "409");
    let mut run = Run::new([resume(Dialog::Open), Event::LinkRefused(1, paid)]);
    assert_eq!(run.effects, [Effect::RequestLink(1), Effect::Forget]);
    assert_eq!(run.happen(snapshot(1, 5, Status::Paid)), []);
}

#[test]
fn a_shopper_who_waits_for_the_proof_is_told_what_is_known() {
    let lost = Event::Channel(1, Channel::Lost);
    for news in [snapshot(1, 5, Status::Pending), lost] {
        let mut run = Run::new([Event::Open, resume(Dialog::Closed), paid_already(1, "009221"), news]);
        assert!(matches!(&run.state.phase, Phase::Refused(f) if f.code == ErrorCode::OrderAlreadyPaid));
        assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Error(_)))), 1);
        assert_eq!(run.happen(snapshot(1, 9, Status::Paid)), []);
    }
}

#[test]
fn a_changed_source_drops_the_code_and_shows_the_new_order() {
    let mut run =
        Run::new([Event::Open, link(1, true), snapshot(1, 1, Status::Pending), Event::WindowOpened]);
    let effects = run.happen(Event::SourceChanged);
    assert_eq!(effects, [Effect::CloseWindow, Effect::StopListening, Effect::RequestLink(2)]);
    assert_eq!((run.status(), run.state.dialog), (None, Dialog::Open), "the old code is gone at once");
    assert_eq!(run.happen(snapshot(1, 5, Status::Paid)), [], "the order before is not heard any more");
    run.happen(other_link(2));
    assert_eq!(run.status(), Some(Status::Pending));
    let Event::Snapshot(_, late) = snapshot(2, 6, Status::Paid) else { unreachable!() };
    assert_eq!(run.happen(Event::Snapshot(1, late)), []);
    assert_eq!(run.terminal_callbacks(), 0);
}

#[test]
fn an_answer_for_the_order_before_is_not_heard() {
    let mut run = Run::new([Event::Open, Event::SourceChanged]);
    assert_eq!(run.effects.last(), Some(&Effect::RequestLink(2)));
    assert_eq!(run.happen(link(1, true)), []);
    assert_eq!(run.happen(refused(1)), []);
    run.happen(other_link(2));
    assert_eq!(run.status(), Some(Status::Pending));
}

#[test]
fn changed_source_with_the_same_checkout_reports_nothing_twice() {
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::Processing)]);
    run.happen(Event::SourceChanged);
    let effects = run.happen(link(2, true));
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Notify(_))), "{effects:?}");
    assert_eq!(run.status(), Some(Status::Processing));
    run.happen(snapshot(2, 3, Status::Paid));
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
    // The order is paid, and the page redraws itself with another function: it is still the order that was paid.
    run.happen(Event::SourceChanged);
    run.happen(paid_already(3, "009221"));
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
    run.happen(Event::SourceChanged);
    run.happen(paid_already(4, "other"));
    assert!(matches!(run.state.phase, Phase::Refused(_)), "another order that is paid too");
}

#[test]
fn a_changed_source_asks_nothing_while_nothing_runs() {
    let mut run = Run::default();
    assert_eq!(run.happen(Event::SourceChanged), []);
    let mut run = Run::new([Event::Open, link(1, true), Event::Close(CloseReason::User)]);
    assert_eq!(run.happen(Event::SourceChanged), [Effect::StopListening, Effect::RequestLink(2)]);
    assert_eq!(run.happen(other_link(2)), [Effect::Forget], "closed, it shows nothing of another order");
    assert_eq!(run.state.phase, Phase::Idle);
}

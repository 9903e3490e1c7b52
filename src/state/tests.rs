//! The promises of the state machine: each in an example, and all together over random histories.

mod issue;
mod proof;

use std::collections::HashSet;
use std::rc::Rc;

use banq_checkout_wire::{FailReason, Issue, Snapshot, Status};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::error::ErrorCode;

/// A state machine with all effects that it has returned.
#[derive(Default)]
struct Run {
    state: State,
    effects: Vec<Effect>,
}

impl Run {
    fn new(events: impl IntoIterator<Item = Event>) -> Self {
        let mut run = Self::default();
        for event in events {
            run.happen(event);
        }
        run
    }

    /// Feeds one more event, and returns its effects.
    fn happen(&mut self, event: Event) -> Vec<Effect> {
        let (state, effects) = step(std::mem::take(&mut self.state), event);
        self.state = state;
        self.effects.extend(effects.iter().cloned());
        effects
    }

    fn count(&self, wanted: impl Fn(&Effect) -> bool) -> usize {
        self.effects.iter().filter(|effect| wanted(effect)).count()
    }

    fn terminal_callbacks(&self) -> usize {
        self.count(is_terminal_callback)
    }

    fn status(&self) -> Option<Status> {
        self.state.checkout().map(|checkout| checkout.status)
    }
}

fn is_terminal_callback(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Notify(CallbackEvent::Success { .. } | CallbackEvent::Failed(_) | CallbackEvent::Expired(_))
    )
}

fn link(attempt: Attempt, events: bool) -> Event {
    Event::LinkArrived(attempt, Rc::new(PaymentInfo::example(events)))
}

fn refused(attempt: Attempt) -> Event {
    Event::LinkRefused(attempt, Failure::new(ErrorCode::LinkTimeout, "slow"))
}

/// The shop says that money came for this order already.
fn paid_already(attempt: Attempt, order: &str) -> Event {
    let failure = Failure::new(ErrorCode::OrderAlreadyPaid, "409");
    Event::LinkRefused(attempt, Failure { order_id: Some(order.to_owned()), ..failure })
}

fn snapshot(attempt: Attempt, version: u32, status: Status) -> Event {
    snapshot_with(attempt, version, status, None)
}

fn snapshot_with(attempt: Attempt, version: u32, status: Status, issue: Option<Issue>) -> Event {
    let failed = status == Status::Failed;
    Event::Snapshot(
        attempt,
        Rc::new(Snapshot {
            checkout_id: "c1".to_owned(),
            order_id: "009221".to_owned(),
            status,
            fail_reason: failed.then_some(FailReason::InsufficientFunds),
            issue,
            funds: "2.00".to_owned(),
            currency: "USD".to_owned(),
            comment: String::new(),
            schedule: None,
            expires_at: "2026-01-11T12:27:12Z".to_owned(),
            version,
            server_time: "2026-01-11T12:12:12Z".to_owned(),
        }),
    )
}

#[test]
fn seven_fast_presses_ask_for_one_link() {
    let run = Run::new(vec![Event::Open; 7]);
    assert_eq!(run.count(|effect| matches!(effect, Effect::RequestLink(_))), 1);
    assert_eq!(run.count(|effect| *effect == Effect::Notify(CallbackEvent::PopUpOpen)), 1);
}

#[test]
fn paid_by_phone_is_told_once() {
    let run = Run::new([
        Event::Open,
        link(1, true),
        snapshot(1, 1, Status::Pending),
        snapshot(1, 2, Status::Processing),
        snapshot(1, 3, Status::Paid),
        snapshot(1, 3, Status::Paid),
        snapshot(1, 4, Status::Paid),
    ]);
    assert_eq!(run.terminal_callbacks(), 1);
    assert_eq!(run.status(), Some(Status::Paid));
    assert_eq!(run.effects[run.effects.len() - 2..], [Effect::Forget, Effect::StopListening]);
}

#[test]
fn each_ending_has_its_own_callback() {
    for status in Status::ALL.into_iter().filter(|status| status.is_terminal()) {
        let run = Run::new([Event::Open, link(1, true), snapshot(1, 1, status)]);
        let notice = run.effects.iter().find(|effect| is_terminal_callback(effect));
        let fits = match status {
            Status::Paid => {
                matches!(notice, Some(Effect::Notify(CallbackEvent::Success { late: false, .. })))
            }
            Status::Expired => matches!(notice, Some(Effect::Notify(CallbackEvent::Expired(_)))),
            _ => matches!(notice, Some(Effect::Notify(CallbackEvent::Failed(_)))),
        };
        assert!(fits, "{status:?}: {notice:?}");
        assert_eq!(run.terminal_callbacks(), 1, "{status:?}");
    }
}

#[test]
fn hold_and_resume_end_nothing() {
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::OnHold)]);
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::OnHold), 0));
    run.happen(snapshot(1, 3, Status::Processing));
    run.happen(snapshot(1, 4, Status::Paid));
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
}

#[test]
fn an_older_snapshot_changes_nothing() {
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 5, Status::Processing)]);
    assert_eq!(run.happen(snapshot(1, 4, Status::Pending)), []);
    assert_eq!(run.status(), Some(Status::Processing));
}

#[test]
fn money_that_comes_after_the_dialog_was_closed_is_told_as_late() {
    let run =
        Run::new([Event::Open, link(1, true), Event::Close(CloseReason::User), snapshot(1, 2, Status::Paid)]);
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Success { late: true, .. }))), 1);
}

#[test]
fn closing_tells_the_page_once_and_keeps_listening() {
    let mut run = Run::new([Event::Open, link(1, true)]);
    let expected = Effect::Notify(CallbackEvent::PopUpClose(CloseReason::User, Some(Status::Pending)));
    let remember = Effect::Remember(Rc::new(PaymentInfo::example(true)), Dialog::Closed);
    assert_eq!(run.happen(Event::Close(CloseReason::User)), [expected, remember, Effect::StartGrace]);
    assert_eq!(run.happen(Event::Close(CloseReason::Api)), []);
}

#[test]
fn dialog_opened_again_asks_whether_the_link_still_holds() {
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 1, Status::Pending)]);
    run.happen(Event::Close(CloseReason::User));
    let remember = Effect::Remember(Rc::new(PaymentInfo::example(true)), Dialog::Open);
    assert_eq!(
        run.happen(Event::Open),
        [Effect::Notify(CallbackEvent::PopUpOpen), remember, Effect::RequestLink(2)]
    );
    assert_eq!(run.happen(link(2, true)), [], "the same checkout goes on, its stream stays open");
    run.happen(snapshot(1, 2, Status::Paid));
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
}

#[test]
fn money_during_a_repeated_link_request_is_not_missed() {
    for answer in [link(2, true), refused(2)] {
        let mut run = Run::new([Event::Open, link(1, true), Event::Close(CloseReason::User), Event::Open]);
        run.happen(snapshot(1, 2, Status::Paid));
        assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
        assert_eq!(run.happen(answer), []);
        assert_eq!(run.status(), Some(Status::Paid));
    }
}

#[test]
fn the_hosted_pages_word_asks_the_server_and_proves_nothing() {
    let mut run = Run::new([Event::Open, link(1, true), Event::WindowOpened]);
    let effects = run.happen(Event::Hosted(HostedMessage::Success));
    assert!(matches!(effects[..], [Effect::Listen(1, _)]), "{effects:?}");
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Pending), 0));
}

#[test]
fn hosted_page_ends_the_attempt_where_there_is_no_stream() {
    let mut run = Run::new([Event::Open, link(1, false), Event::WindowOpened]);
    assert!(run.effects.contains(&Effect::WarnNoEvents));
    run.happen(Event::Hosted(HostedMessage::Success));
    run.happen(Event::Hosted(HostedMessage::Success));
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
    assert!(run.effects.contains(&Effect::CloseWindow));
}

#[test]
fn an_answer_to_an_abandoned_request_is_not_heard() {
    let mut run = Run::new([Event::Open, refused(1), Event::Retry]);
    assert_eq!(run.happen(link(1, true)), []);
    assert_eq!(run.state.phase, Phase::Requesting);
    run.happen(link(2, true));
    assert_eq!(run.happen(snapshot(1, 9, Status::Paid)), []);
}

#[test]
fn a_refusal_offers_another_try_and_loses_nothing() {
    let mut run = Run::new([Event::Open]);
    let failure = Failure::new(ErrorCode::LinkTimeout, "slow");
    assert_eq!(run.happen(refused(1)), [Effect::Notify(CallbackEvent::Error(failure))]);
    assert_eq!(run.happen(Event::Retry), [Effect::RequestLink(2)]);
}

#[test]
fn an_expired_code_is_renewed_in_place_and_a_paid_one_never() {
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::Expired)]);
    assert_eq!(run.happen(Event::Retry), [Effect::StopListening, Effect::RequestLink(2)]);
    assert_eq!(run.state.dialog, Dialog::Open);

    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::Paid)]);
    assert_eq!(run.happen(Event::Retry), []);
    assert_eq!(run.happen(Event::Open), []);
}

#[test]
fn a_snapshot_of_another_checkout_is_not_ours() {
    let mut run = Run::new([Event::Open, link(1, true)]);
    let Event::Snapshot(_, foreign) = snapshot(1, 2, Status::Paid) else { unreachable!() };
    let foreign = Snapshot { checkout_id: "c2".to_owned(), ..(*foreign).clone() };
    assert_eq!(run.happen(Event::Snapshot(1, Rc::new(foreign))), []);
}

#[test]
fn destroy_ends_everything_and_nothing_follows() {
    let mut run = Run::new([Event::Open, link(1, true), Event::WindowOpened]);
    let effects = run.happen(Event::Destroy);
    assert!(
        effects.contains(&Effect::StopListening) && effects.contains(&Effect::CloseWindow),
        "{effects:?}"
    );
    for event in [Event::Destroy, Event::Open, Event::Retry, snapshot(1, 9, Status::Paid)] {
        assert_eq!(run.happen(event), []);
    }
}

#[test]
fn closing_while_the_payment_is_confirmed_asks_first() {
    let processing = || Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::Processing)]);
    let mut run = processing();
    assert_eq!(run.happen(Event::Close(CloseReason::User)), []);
    assert_eq!(run.state.dialog, Dialog::ConfirmingClose);
    run.happen(Event::Stay);
    assert_eq!(run.state.dialog, Dialog::Open);
    run.happen(Event::Close(CloseReason::User));
    run.happen(Event::Close(CloseReason::User));
    assert_eq!(run.state.dialog, Dialog::Closed);
    // A page that calls `close()` is not asked, and an answer makes the question pointless.
    let mut run = processing();
    run.happen(Event::Close(CloseReason::Api));
    assert_eq!(run.state.dialog, Dialog::Closed);
    let mut run = processing();
    run.happen(Event::Close(CloseReason::User));
    run.happen(snapshot(1, 3, Status::Paid));
    assert_eq!(run.state.dialog, Dialog::Open);
}

#[test]
fn money_after_expiry_is_shown_and_ends_nothing_twice() {
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::Expired)]);
    assert!(run.effects.contains(&Effect::StartGrace));
    assert_eq!(run.count(|effect| *effect == Effect::StopListening), 0);
    run.happen(snapshot(1, 3, Status::Paid));
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Paid), 1));
    assert_eq!(run.effects.last(), Some(&Effect::StopListening));
}

#[test]
fn grace_time_ends_listening_unless_the_dialog_is_open() {
    let mut run = Run::new([Event::Open, link(1, true), Event::Close(CloseReason::User)]);
    assert_eq!(run.happen(Event::GraceOver), [Effect::StopListening, Effect::Forget]);
    assert_eq!(run.state.phase, Phase::Idle);
    let mut run =
        Run::new([Event::Open, link(1, true), Event::Close(CloseReason::User), Event::Open, link(2, true)]);
    assert_eq!(run.happen(Event::GraceOver), []);
    let mut run = Run::new([Event::Open, link(1, true), snapshot(1, 2, Status::Expired)]);
    assert_eq!(run.happen(Event::GraceOver), [Effect::StopListening, Effect::Forget]);
    assert_eq!(run.status(), Some(Status::Expired));
}

#[test]
fn when_time_is_up_the_server_decides_and_without_one_the_clock() {
    let mut run = Run::new([Event::Open, link(1, true)]);
    assert!(matches!(run.happen(Event::TimeIsUp)[..], [Effect::Listen(1, _)]));
    assert_eq!(run.status(), Some(Status::Pending));
    run.happen(snapshot(1, 2, Status::Paid));
    assert_eq!(run.happen(Event::TimeIsUp), []);
    assert_eq!(run.status(), Some(Status::Paid));

    let mut run = Run::new([Event::Open, link(1, false)]);
    run.happen(Event::TimeIsUp);
    run.happen(Event::TimeIsUp);
    assert_eq!((run.status(), run.terminal_callbacks()), (Some(Status::Expired), 1));
}

fn resume(dialog: Dialog) -> Event {
    Event::Resume(Rc::new(PaymentInfo::example(true)), dialog)
}

#[test]
fn reload_asks_the_shop_whether_the_checkout_still_holds() {
    let mut run = Run::new([resume(Dialog::Open)]);
    assert_eq!(run.effects, [Effect::RequestLink(1)]);
    let effects = run.happen(link(1, true));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Listen(1, _))), "{effects:?}");
    assert!(effects.contains(&Effect::Notify(CallbackEvent::PopUpOpen)));
    assert_eq!(run.state.dialog, Dialog::Open);

    let mut run = Run::new([resume(Dialog::Closed)]);
    assert!(run.happen(link(1, true)).contains(&Effect::StartGrace));
    run.happen(snapshot(1, 2, Status::Paid));
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Success { late: true, .. }))), 1);
}

#[test]
fn reload_with_another_order_shows_nothing_unasked() {
    let other = PaymentInfo { checkout_id: Some("c2".to_owned()), ..PaymentInfo::example(true) };
    let other = || Event::LinkArrived(1, Rc::new(other.clone()));
    let mut run = Run::new([resume(Dialog::Open)]);
    assert_eq!(run.happen(other()), [Effect::Forget]);
    assert_eq!((run.state.phase.clone(), run.state.dialog), (Phase::Idle, Dialog::Closed));
    let mut run = Run::new([resume(Dialog::Open), Event::Open]);
    run.happen(other());
    assert_eq!(run.status(), Some(Status::Pending), "unless the shopper has asked for it meanwhile");
}

#[test]
fn paid_while_the_page_was_away_is_told_after_the_reload() {
    let mut run = Run::new([resume(Dialog::Open), paid_already(1, "009221")]);
    assert_eq!(run.terminal_callbacks(), 0);
    run.happen(snapshot(1, 5, Status::Paid));
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Success { late: false, .. }))), 1);
}

#[test]
fn reload_on_a_bad_network_asks_again_without_an_error() {
    let mut run = Run::new([resume(Dialog::Closed), refused(1)]);
    assert_eq!(run.effects, [Effect::RequestLink(1), Effect::AskLater(2_000)]);
    assert_eq!(run.happen(snapshot(1, 2, Status::Paid)), [], "nothing is proved yet");
    assert_eq!(run.happen(Event::AskAgain), [Effect::RequestLink(2)]);
    run.happen(link(2, true));
    run.happen(snapshot(2, 2, Status::Paid));
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Error(_)))), 0);
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Success { late: true, .. }))), 1);
}

#[test]
fn a_click_that_is_faster_than_the_resumption_does_not_lose_it() {
    let mut run = Run::new([Event::Open, resume(Dialog::Closed), paid_already(1, "009221")]);
    assert_eq!(run.count(|e| matches!(e, Effect::RequestLink(_))), 1);
    run.happen(snapshot(1, 5, Status::Paid));
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Success { late: false, .. }))), 1);
    assert_eq!(run.count(|e| matches!(e, Effect::Notify(CallbackEvent::Error(_)))), 0);
}

#[test]
fn channel_that_is_opened_again_is_not_lost_any_more() {
    let mut run =
        Run::new([Event::Open, link(1, true), Event::WindowOpened, Event::Channel(1, Channel::Lost)]);
    run.happen(Event::WindowClosed);
    assert_eq!(run.state.channel, Channel::Stream);
}

#[test]
fn grace_time_applies_to_a_link_after_closing_and_to_a_refusal() {
    let run = Run::new([Event::Open, Event::Close(CloseReason::User), link(1, true)]);
    assert_eq!(run.effects.last(), Some(&Effect::StartGrace));

    let close = || Event::Close(CloseReason::User);
    let mut run = Run::new([Event::Open, link(1, true), close(), Event::Open, refused(2), close()]);
    assert_eq!(run.happen(Event::GraceOver), [Effect::StopListening, Effect::Forget]);
    assert_eq!(run.state.phase, Phase::Idle);
}

#[test]
fn empty_window_closes_with_the_request_that_it_waits_for() {
    let mut run = Run::new([Event::Open, link(1, true), Event::Close(CloseReason::User), Event::Open]);
    run.happen(Event::WindowOpened);
    let effects = run.happen(snapshot(1, 2, Status::Processing));
    assert!(effects.contains(&Effect::CloseWindow), "{effects:?}");
}

#[test]
fn a_window_opened_before_the_link_is_there_is_sent_to_it() {
    let mut run = Run::new([Event::Open, Event::WindowOpened]);
    assert_eq!(run.state.window, PayWindow::Open);
    let effects = run.happen(link(1, true));
    assert!(matches!(effects[0], Effect::DirectWindow(_)), "{effects:?}");
    let mut run = Run::new([Event::Open, Event::WindowOpened]);
    assert_eq!(run.happen(refused(1))[0], Effect::CloseWindow);
}

fn any_status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL.to_vec())
}

fn any_issue() -> impl Strategy<Value = Option<Issue>> {
    prop::option::weighted(0.3, prop::sample::select(Issue::ALL.to_vec()))
}

fn any_event() -> impl Strategy<Value = Event> {
    let attempt = 0..4u32;
    prop_oneof![
        3 => Just(Event::Open),
        2 => Just(Event::Retry),
        1 => prop_oneof![Just(CloseReason::User), Just(CloseReason::Api)].prop_map(Event::Close),
        4 => (attempt.clone(), prop::bool::weighted(0.8)).prop_map(|(attempt, events)| link(attempt, events)),
        2 => attempt.clone().prop_map(refused),
        2 => (attempt.clone(), prop::sample::select(vec!["009221", "other"])).prop_map(|(a, order)| paid_already(a, order)),
        6 => (attempt.clone(), 0..8u32, any_status(), any_issue())
            .prop_map(|(a, version, status, issue)| snapshot_with(a, version, status, issue)),
        1 => (attempt, prop::sample::select(vec![Channel::Stream, Channel::LongPoll, Channel::Poll, Channel::Lost]))
            .prop_map(|(attempt, channel)| Event::Channel(attempt, channel)),
        1 => Just(Event::Stay),
        1 => Just(Event::TimeIsUp),
        1 => Just(Event::GraceOver),
        1 => prop_oneof![Just(Dialog::Open), Just(Dialog::Closed)].prop_map(resume),
        1 => Just(Event::AskAgain),
        1 => Just(Event::SourceChanged),
        1 => Just(Event::WindowOpened),
        1 => Just(Event::WindowBlocked),
        1 => Just(Event::WindowClosed),
        2 => prop_oneof![Just(HostedMessage::Success), Just(HostedMessage::Close)].prop_map(Event::Hosted),
        1 => Just(Event::Destroy),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_promises_hold(events in vec(any_event(), 0..60)) {
        let mut run = Run::default();
        let mut destroyed = false;
        let mut in_flight: Option<Attempt> = None;
        let mut ended = HashSet::new();
        let mut listening = false;
        let mut windows = 0;
        for event in events {
            let before = run.status();
            let known_as_paid = run.state.earlier.as_ref().is_some_and(|earlier| earlier.checkout.status == Status::Paid);
            let had_stream = run.state.checkout().is_some_and(|checkout| checkout.info.events_url.is_some());
            match &event {
                Event::LinkArrived(attempt, _) | Event::LinkRefused(attempt, _) if in_flight == Some(*attempt) => {
                    in_flight = None;
                }
                // The request for the earlier order is abandoned.
                Event::SourceChanged => in_flight = None,
                Event::WindowOpened if !destroyed => windows = 1,
                // Another window is opened only after the last one was found closed.
                Event::WindowClosed | Event::WindowBlocked => windows = 0,
                _ => {}
            }
            let effects = run.happen(event.clone());

            prop_assert!(!destroyed || effects.is_empty(), "after destroy: {effects:?}");
            destroyed |= event == Event::Destroy;

            for effect in &effects {
                match effect {
                    Effect::RequestLink(attempt) => {
                        prop_assert_eq!(in_flight, None, "two link requests in flight");
                        in_flight = Some(*attempt);
                    }
                    Effect::Listen(..) => listening = true,
                    Effect::StopListening => listening = false,
                    Effect::CloseWindow => windows = 0,
                    Effect::DirectWindow(_) => prop_assert_eq!(windows, 1, "a window that is not there is sent to the link"),
                    Effect::Remember(..) | Effect::Forget | Effect::StartGrace => {}
                    Effect::Look(..) | Effect::AskLater(_) => {}
                    Effect::WarnNoEvents | Effect::Notify(_) => {}
                }
                if let Effect::Notify(CallbackEvent::Success { checkout, .. } | CallbackEvent::Failed(checkout) | CallbackEvent::Expired(checkout)) = effect {
                    prop_assert!(ended.insert(checkout.attempt), "more than one terminal callback in an attempt");
                    prop_assert_eq!(checkout.issue, None, "an ending while money is in question");
                }
                if matches!(effect, Effect::Notify(CallbackEvent::Success { .. })) {
                    let by_server = matches!(&event, Event::Snapshot(_, s) if s.status == Status::Paid && s.issue.is_none());
                    let by_hosted_page = event == Event::Hosted(HostedMessage::Success) && !had_stream;
                    prop_assert!(by_server || by_hosted_page, "a success by {event:?}");
                }
            }
            if run.status() == Some(Status::Paid) && before != Some(Status::Paid) {
                let said_by_server = matches!(&event, Event::Snapshot(_, s) if s.status == Status::Paid);
                let said_by_hosted_page = event == Event::Hosted(HostedMessage::Success) && !had_stream;
                prop_assert!(said_by_server || said_by_hosted_page || known_as_paid, "paid by {event:?}");
            }
            let live = run.status().is_some_and(|status| !status.is_terminal()) || run.state.kept.is_some();
            let expired = run.status() == Some(Status::Expired);
            let proving = run.state.proof.is_some();
            prop_assert!(live || expired || proving || !listening, "listens although nothing is open");
            let asking = run.state.phase == Phase::Requesting;
            prop_assert!(live || asking || windows == 0, "a window stays open although nothing is to be paid");
        }
    }
}

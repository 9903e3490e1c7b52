//! The rules of the channel over random histories.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn any_status() -> impl Strategy<Value = Status> {
    // An end is rarer than the states before it, so that histories are long.
    prop_oneof![
        6 => Just(Status::Pending),
        3 => Just(Status::Processing),
        1 => Just(Status::Paid),
        1 => Just(Status::Expired),
    ]
}

fn any_snapshot() -> impl Strategy<Value = Option<Rc<Snapshot>>> {
    prop_oneof![Just(None), (1..9_u32, any_status()).prop_map(|(version, status)| snapshot(version, status))]
}

/// Returns any event, including those that a browser sends late, twice or never.
fn any_event() -> impl Strategy<Value = ChannelEvent> {
    prop_oneof![
        1 => Just(Wake),
        1 => Just(Stop),
        3 => any_snapshot().prop_map(StreamEvent),
        4 => any::<bool>().prop_map(|closed| StreamError { closed }),
        1 => Just(StreamCrowded),
        6 => any_snapshot().prop_map(PollResponse),
        3 => Just(PollFailed),
        3 => Just(TimerFired(Timer::Stream)),
        6 => Just(TimerFired(Timer::Retry)),
    ]
}

fn history() -> impl Strategy<Value = Vec<ChannelEvent>> {
    vec(any_event(), 0..60)
}

/// Returns whether the event is about something that is open, so that the channel has to act on it.
fn is_current(run: &Run, event: &ChannelEvent) -> bool {
    match event {
        Wake | Stop | StreamUrlInvalid => true,
        StreamEvent(_) | StreamError { .. } | StreamCrowded => run.stream,
        PollResponse(_) | PollFailed => run.poll.is_some(),
        TimerFired(Timer::Stream) => run.stream_timer.is_some(),
        TimerFired(Timer::Retry) => run.retry_timer.is_some(),
    }
}

fn snapshot_in(event: &ChannelEvent) -> Option<&Rc<Snapshot>> {
    match event {
        StreamEvent(snapshot) | PollResponse(snapshot) => snapshot.as_ref(),
        Wake | Stop | StreamError { .. } | StreamCrowded | StreamUrlInvalid => None,
        PollFailed | TimerFired(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// [`Run::feed`] panics if there are two of anything.
    #[test]
    fn awake_channel_never_dies_and_a_stopped_one_is_silent(can_poll: bool, events in history()) {
        let mut run = Run::new(can_poll);
        let mut awake = false;
        for event in events {
            awake = match event {
                Wake => true,
                Stop => false,
                _ => awake,
            };
            let stopped = event == Stop;
            let effects = run.feed(event);
            prop_assert_eq!(run.stream, run.stream_timer.is_some(), "a stream is open as long as its timer runs");
            prop_assert!(run.poll.is_none() || run.retry_timer.is_none(), "polls and is about to poll");
            if awake {
                prop_assert!(run.stream || run.poll.is_some() || run.retry_timer.is_some(), "dead");
            } else {
                let is_closing = |effect: &ChannelEffect| matches!(effect, CloseStream | AbortPoll | StopTimer(_));
                prop_assert!(stopped || effects.is_empty(), "{:?}", effects);
                prop_assert!(effects.iter().all(is_closing), "{:?}", effects);
                prop_assert!(!run.stream && run.poll.is_none() && run.retry_timer.is_none());
            }
        }
    }

    #[test]
    fn late_events_change_nothing(can_poll: bool, events in history()) {
        let mut run = Run::new(can_poll);
        for event in events {
            let (current, before) = (is_current(&run, &event), run.state);
            let effects = run.feed(event);
            prop_assert!(current || (effects.is_empty() && run.state == before), "{:?}", effects);
        }
    }

    #[test]
    fn snapshots_and_transport_changes_are_reported_once(can_poll: bool, events in history()) {
        let mut run = Run::new(can_poll);
        let mut transport = Channel::Stream;
        for event in events {
            let expected = snapshot_in(&event).filter(|_| is_current(&run, &event)).cloned();
            let effects = run.feed(event);
            let first_report = effects.iter().position(|effect| matches!(effect, Report(_))).unwrap_or(effects.len());
            let mut snapshots = Vec::new();
            for effect in &effects[first_report..] {
                match effect {
                    Report(ChannelReport::Transport(next)) => {
                        prop_assert!(snapshots.is_empty(), "after the snapshot that it brought");
                        prop_assert_ne!(transport, *next, "told twice");
                        transport = *next;
                    }
                    Report(ChannelReport::Snapshot(snapshot)) => snapshots.push(snapshot.clone()),
                    effect => prop_assert!(false, "{:?} after a report", effect),
                }
            }
            prop_assert!(snapshots.is_empty() || transport.as_str().is_some(), "a snapshot by no transport");
            prop_assert_eq!(snapshots, Vec::from_iter(expected));
        }
    }

    #[test]
    fn ended_checkout_is_polled_slowly_without_a_stream(can_poll: bool, events in history()) {
        let mut run = Run::new(can_poll);
        let mut newest: Option<Rc<Snapshot>> = None;
        for event in events {
            if is_current(&run, &event) && let Some(snapshot) = snapshot_in(&event) {
                newest = Some(snapshot.clone());
            }
            let answered = is_current(&run, &event) && matches!(event, PollResponse(_));
            let effects = run.feed(event);
            let ended = newest.as_ref().is_some_and(|newest| newest.status.is_terminal());
            for effect in &effects {
                if let Poll { wait, version } = effect {
                    prop_assert_eq!(*version, newest.as_ref().map(|newest| newest.version));
                    prop_assert!(!wait || (!ended && version.is_some()), "nothing to wait for");
                }
            }
            if ended && answered {
                prop_assert!(!effects.contains(&OpenStream));
                prop_assert_eq!(run.retry_timer, Some(Exact(ENDED_POLL_INTERVAL)));
            }
        }
    }

    #[test]
    fn crowded_page_stays_away_for_24_responses(before in history(), after in history()) {
        let mut run = Run::new(true);
        for event in before.into_iter().chain([Wake, StreamCrowded]) {
            run.feed(event);
        }
        let mut answers = 0;
        for event in after {
            if event == Wake {
                break;
            }
            answers += u32::from(run.poll.is_some() && matches!(event, PollResponse(_)));
            let effects = run.feed(event);
            let waits = effects.iter().any(|effect| matches!(effect, Poll { wait: true, .. }));
            prop_assert!(!waits, "a poll that waits takes a place at the server");
            if effects.contains(&OpenStream) {
                prop_assert!(answers >= RESPONSES_BEFORE_STREAM_WHEN_CROWDED, "after {} answers", answers);
                break;
            }
        }
    }

    #[test]
    fn backoff_stays_between_one_second_and_thirty(can_poll: bool, events in history()) {
        let mut run = Run::new(can_poll);
        for event in events {
            for effect in run.feed(event) {
                if let StartTimer(Timer::Retry, Jittered(millis)) = effect {
                    prop_assert!((MIN_BACKOFF..=MAX_BACKOFF).contains(&millis), "{millis}");
                }
            }
        }
    }

    /// Offline, online, hidden, shown, refused: once the stream speaks, it is the only transport.
    #[test]
    fn stream_that_speaks_takes_over(can_poll: bool, events in history(), status in any_status()) {
        let mut run = Run::new(can_poll);
        for event in events {
            run.feed(event);
        }
        run.feed(Wake);
        run.feed(StreamEvent(snapshot(9, status)));
        prop_assert!(run.stream && run.poll.is_none() && run.retry_timer.is_none());
        prop_assert_eq!(run.stream_timer, Some(Exact(IDLE_TIMEOUT)));
        prop_assert_eq!(*run.transports().last().unwrap_or(&Channel::Stream), Channel::Stream);
    }

    /// If the stream never sends anything but polls are answered, the newest snapshot arrives nevertheless.
    #[test]
    fn snapshots_arrive_by_polls_without_a_stream(events in history()) {
        let mut run = Run::new(true);
        for event in events.into_iter().chain([Wake]) {
            run.feed(event);
        }
        // A proxy that holds streams back: the stream's timer ends; a pending poll is answered, a pause ends.
        for _ in 0..2 {
            run.feed(if run.stream { SILENCE } else { TimerFired(Timer::Retry) });
        }
        prop_assert!(run.poll.is_some());
        let news = snapshot(9, Status::Processing);
        run.feed(PollResponse(news.clone()));
        prop_assert_eq!(run.reports.last().cloned(), news.map(ChannelReport::Snapshot));
        prop_assert!(matches!(run.transports().last(), Some(Channel::LongPoll | Channel::Poll)));
    }
}

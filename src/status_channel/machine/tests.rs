//! The rules of the channel: each in an example here, and all together over random histories.

mod histories;
mod run;

use std::rc::Rc;

use banq_checkout_wire::{Snapshot, Status};

use self::run::{Run, snapshot};
use super::ChannelEffect::{AbortPoll, CloseStream, OpenStream, Poll, Report, StartTimer, StopTimer};
use super::ChannelEvent::*;
use super::Delay::{Exact, Jittered};
use super::*;

fn pending() -> ChannelEvent {
    StreamEvent(snapshot(1, Status::Pending))
}

const HEARTBEAT: ChannelEvent = StreamEvent(None);
const BROKEN: ChannelEvent = StreamError { closed: false };
const CLOSED: ChannelEvent = StreamError { closed: true };
const SILENCE: ChannelEvent = TimerFired(Timer::Stream);
const WAITING_POLL: ChannelEffect = Poll { wait: true, version: Some(1) };

#[test]
fn stream_gets_five_seconds_first_and_forty_between_events() {
    let mut run = Run::new(true);
    assert_eq!(run.feed(Wake), [StartTimer(Timer::Stream, Exact(5_000)), OpenStream]);
    assert_eq!(run.feed(HEARTBEAT), [StartTimer(Timer::Stream, Exact(40_000))]);
}

#[test]
fn first_poll_gets_the_present_and_later_ones_wait() {
    let mut run = Run::awake([]);
    let fallback = [CloseStream, StopTimer(Timer::Stream), Poll { wait: false, version: None }];
    assert_eq!(run.feed(SILENCE), fallback);
    let answered = run.feed(PollResponse(snapshot(1, Status::Pending)));
    assert_eq!(answered[0], StartTimer(Timer::Retry, Exact(1_000)));
    assert_eq!(run.feed(TimerFired(Timer::Retry)), [WAITING_POLL]);
    assert_eq!(run.transports(), [Channel::LongPoll]);
}

#[test]
fn transport_is_reported_before_its_snapshot() {
    let run = Run::awake([SILENCE, PollResponse(snapshot(1, Status::Pending))]);
    assert!(matches!(
        run.reports[..],
        [ChannelReport::Transport(Channel::LongPoll), ChannelReport::Snapshot(_)]
    ));
}

#[test]
fn three_stream_errors_in_a_row_start_polling() {
    let mut run = Run::awake([pending(), BROKEN, BROKEN, HEARTBEAT, BROKEN, BROKEN]);
    assert!(run.stream);
    assert_eq!(run.feed(BROKEN), [CloseStream, StopTimer(Timer::Stream), WAITING_POLL]);
    assert_eq!(run.transports(), [Channel::Lost, Channel::Stream, Channel::Lost]);
}

#[test]
fn closed_stream_starts_polling_at_once() {
    let mut run = Run::awake([pending()]);
    let lost = Report(ChannelReport::Transport(Channel::Lost));
    assert_eq!(run.feed(CLOSED), [CloseStream, StopTimer(Timer::Stream), WAITING_POLL, lost]);
}

#[test]
fn three_failed_long_polls_leave_only_plain_polls() {
    let mut run = Run::awake([pending(), SILENCE]);
    for _ in 0..3 {
        assert_eq!(run.poll, Some(WAITING_POLL));
        run.fail_poll();
        assert_eq!(run.poll, Some(Poll { wait: false, version: Some(1) }), "first the present");
        run.respond(None);
    }
    assert_eq!(run.poll, Some(Poll { wait: false, version: Some(1) }));
    run.feed(PollResponse(None));
    assert_eq!(run.retry_timer, Some(Exact(5_000)));
    assert_eq!(run.transports().last(), Some(&Channel::Poll));
}

#[test]
fn successful_long_poll_resets_the_failures() {
    let mut run = Run::awake([pending(), SILENCE]);
    for _ in 0..9 {
        run.fail_poll();
        run.respond(None);
        assert_eq!(run.poll, Some(WAITING_POLL));
        run.respond(None);
    }
}

#[test]
fn failures_back_off_to_thirty_seconds_until_a_response() {
    let mut run = Run::awake([pending(), SILENCE]);
    for millis in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
        run.feed(PollFailed);
        assert_eq!(run.retry_timer, Some(Jittered(millis)));
        run.feed(TimerFired(Timer::Retry));
    }
    run.respond(None);
    run.feed(PollFailed);
    assert_eq!(run.retry_timer, Some(Jittered(1_000)));
    assert_eq!(run.transports(), [Channel::Lost, Channel::Poll, Channel::Lost]);
}

#[test]
fn jitter_removes_half_at_most() {
    assert_eq!(Jittered(30_000).millis(0.0), 15_000);
    assert_eq!(Jittered(30_000).millis(1.0), 30_000);
    assert_eq!(Exact(5_000).millis(0.3), 5_000);
}

#[test]
fn stream_is_retried_after_two_responses_and_ends_polling() {
    let mut run = Run::awake([pending(), SILENCE]);
    run.respond(None);
    assert!(!run.stream);
    run.respond(None);
    assert!(run.stream && run.poll.is_some());
    let over = [
        StartTimer(Timer::Stream, Exact(40_000)),
        AbortPoll,
        Report(ChannelReport::Transport(Channel::Stream)),
    ];
    assert_eq!(run.feed(HEARTBEAT), over);
    assert_eq!(run.feed(PollResponse(None)), [], "an answer that comes late");
}

#[test]
fn stream_that_fails_again_leaves_polling_alone() {
    for end in [SILENCE, CLOSED] {
        let mut run = Run::awake([pending(), SILENCE]);
        run.respond(None);
        run.respond(None);
        assert_eq!(run.feed(end), [CloseStream, StopTimer(Timer::Stream)]);
        assert_eq!(run.poll, Some(WAITING_POLL));
        assert_eq!(run.transports(), [Channel::LongPoll]);
    }
}

#[test]
fn stream_that_is_being_tried_is_not_opened_again() {
    let mut run = Run::awake([pending(), SILENCE]);
    run.respond(None);
    run.respond(None);
    run.respond(None);
    assert!(run.stream);
    assert_eq!(run.feed(PollResponse(None)), [StartTimer(Timer::Retry, Exact(1_000))]);
}

#[test]
fn crowded_page_polls_and_returns_after_24_responses() {
    let mut run = Run::awake([pending()]);
    let plain = Poll { wait: false, version: Some(1) };
    assert_eq!(run.feed(StreamCrowded), [CloseStream, StopTimer(Timer::Stream), plain.clone()]);
    for _ in 0..23 {
        run.respond(None);
        assert_eq!(run.poll, Some(plain.clone()));
        assert!(!run.stream);
    }
    run.feed(PollResponse(None));
    assert_eq!(run.retry_timer, Some(Exact(5_000)));
    assert!(run.stream);
    assert_eq!(run.transports(), [Channel::Poll]);
}

#[test]
fn ended_checkout_is_polled_slowly_without_a_stream() {
    let mut run = Run::awake([StreamEvent(snapshot(7, Status::Expired)), BROKEN, CLOSED]);
    for _ in 0..30 {
        assert_eq!(run.poll, Some(Poll { wait: false, version: Some(7) }));
        run.feed(PollResponse(None));
        assert_eq!(run.retry_timer, Some(Exact(15_000)));
        run.feed(TimerFired(Timer::Retry));
        assert!(!run.stream);
    }
    assert_eq!(run.transports(), [Channel::LongPoll], "the end of a stream is no loss");
}

#[test]
fn late_money_is_reported_after_the_end() {
    let mut run = Run::awake([StreamEvent(snapshot(7, Status::Expired)), CLOSED]);
    let paid = snapshot(8, Status::Paid);
    run.feed(PollResponse(paid.clone()));
    assert_eq!(run.reports.last().cloned(), paid.map(ChannelReport::Snapshot));
}

#[test]
fn stop_closes_everything_and_ignores_late_events() {
    let mut run = Run::awake([pending(), SILENCE]);
    run.respond(None);
    run.feed(PollResponse(None));
    let closings = [CloseStream, StopTimer(Timer::Stream), StopTimer(Timer::Retry)];
    assert_eq!(run.feed(Stop), closings);
    for event in [Stop, pending(), BROKEN, StreamCrowded, SILENCE, PollResponse(None), PollFailed] {
        assert_eq!(run.feed(event), []);
    }
}

#[test]
fn wake_tries_everything_at_once() {
    let mut run = Run::awake([pending()]);
    let again = [CloseStream, StopTimer(Timer::Stream), StartTimer(Timer::Stream, Exact(5_000)), OpenStream];
    assert_eq!(run.feed(Wake), again);
    run.feed(SILENCE);
    run.feed(PollFailed);
    assert_eq!(run.retry_timer, Some(Jittered(1_000)));
    run.feed(Wake);
    assert!(run.stream && run.poll.is_some() && run.retry_timer.is_none());
    run.feed(PollFailed);
    assert_eq!(run.retry_timer, Some(Jittered(1_000)), "the backoff starts again");
}

#[test]
fn stream_is_retried_where_nothing_can_be_polled() {
    let mut run = Run::new(false);
    run.feed(Wake);
    for millis in [1_000, 2_000] {
        let retry = StartTimer(Timer::Retry, Jittered(millis));
        assert_eq!(run.feed(SILENCE), [CloseStream, StopTimer(Timer::Stream), retry]);
        let again = [StartTimer(Timer::Stream, Exact(5_000)), OpenStream];
        assert_eq!(run.feed(TimerFired(Timer::Retry)), again);
    }
    run.feed(StreamCrowded);
    assert!(run.poll.is_none() && run.retry_timer.is_some());
}

#[test]
fn invalid_url_is_retried_only_on_wake() {
    let mut run = Run::awake([]);
    assert_eq!(run.feed(StreamUrlInvalid), [CloseStream, StopTimer(Timer::Stream)]);
    assert_eq!(run.feed(SILENCE), []);
    assert!(run.feed(Wake).contains(&OpenStream));
}

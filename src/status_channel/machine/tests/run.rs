//! Runs a channel, with the connections and timers that a browser would have open for it.

use std::rc::Rc;

use banq_checkout_wire::{Snapshot, Status};

use super::super::ChannelEffect::{AbortPoll, CloseStream, OpenStream, Poll, Report, StartTimer, StopTimer};
use super::super::ChannelEvent::*;
use super::super::*;

/// A channel, with the connections and timers that a browser would have open for it.
pub(super) struct Run {
    pub(super) state: ChannelState,
    pub(super) stream: bool,
    pub(super) stream_timer: Option<Delay>,
    pub(super) poll: Option<ChannelEffect>,
    pub(super) retry_timer: Option<Delay>,
    pub(super) reports: Vec<ChannelReport>,
}

impl Run {
    pub(super) fn new(can_poll: bool) -> Self {
        Self {
            state: ChannelState::new(can_poll),
            stream: false,
            stream_timer: None,
            poll: None,
            retry_timer: None,
            reports: Vec::new(),
        }
    }

    /// Returns a channel that is open and has seen these events.
    pub(super) fn awake(events: impl IntoIterator<Item = ChannelEvent>) -> Self {
        let mut run = Self::new(true);
        run.feed(Wake);
        for event in events {
            run.feed(event);
        }
        run
    }

    /// Feeds one more event, and returns its effects. Panics if there are two of anything, or if something is closed
    /// twice.
    pub(super) fn feed(&mut self, event: ChannelEvent) -> Vec<ChannelEffect> {
        match event {
            TimerFired(Timer::Stream) => self.stream_timer = None,
            TimerFired(Timer::Retry) => self.retry_timer = None,
            PollResponse(_) | PollFailed => self.poll = None,
            Wake | Stop | StreamEvent(_) | StreamError { .. } | StreamCrowded | StreamUrlInvalid => {}
        }
        let (state, effects) = channel_step(self.state, event);
        self.state = state;
        for effect in &effects {
            match effect {
                OpenStream => assert!(!std::mem::replace(&mut self.stream, true), "two streams: {effects:?}"),
                CloseStream => assert!(std::mem::take(&mut self.stream), "no stream: {effects:?}"),
                Poll { .. } => {
                    assert_eq!(self.poll.replace(effect.clone()), None, "two polls: {effects:?}");
                }
                AbortPoll => assert!(self.poll.take().is_some(), "no poll: {effects:?}"),
                StartTimer(Timer::Stream, delay) => self.stream_timer = Some(*delay),
                StartTimer(Timer::Retry, delay) => {
                    assert_eq!(self.retry_timer.replace(*delay), None, "two retries: {effects:?}");
                }
                StopTimer(Timer::Stream) => self.stream_timer = None,
                StopTimer(Timer::Retry) => assert!(self.retry_timer.take().is_some(), "{effects:?}"),
                Report(report) => self.reports.push(report.clone()),
            }
        }
        effects
    }

    /// Feeds a poll response, and lets the pause after it pass.
    pub(super) fn respond(&mut self, snapshot: Option<Rc<Snapshot>>) {
        self.feed(PollResponse(snapshot));
        self.feed(TimerFired(Timer::Retry));
    }

    /// Fails the pending poll, and lets the pause after it pass.
    pub(super) fn fail_poll(&mut self) {
        self.feed(PollFailed);
        self.feed(TimerFired(Timer::Retry));
    }

    pub(super) fn transports(&self) -> Vec<Channel> {
        let transport = |report: &ChannelReport| match report {
            ChannelReport::Transport(channel) => Some(*channel),
            ChannelReport::Snapshot(_) => None,
        };
        self.reports.iter().filter_map(transport).collect()
    }
}

pub(super) fn snapshot(version: u32, status: Status) -> Option<Rc<Snapshot>> {
    Some(Rc::new(Snapshot {
        checkout_id: "c1".to_owned(),
        order_id: "009221".to_owned(),
        status,
        fail_reason: None,
        issue: None,
        funds: "2.00".to_owned(),
        currency: "USD".to_owned(),
        comment: String::new(),
        schedule: None,
        expires_at: "2026-01-11T12:27:12Z".to_owned(),
        version,
        server_time: "2026-01-11T12:12:12Z".to_owned(),
    }))
}

//! Maps each event to its effects.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::Snapshot;

use super::{
    ChannelEffect, ChannelEvent, ChannelReport, Delay, ENDED_POLL_INTERVAL, FIRST_EVENT_TIMEOUT,
    IDLE_TIMEOUT, LONG_POLL_INTERVAL, MAX_BACKOFF, MAX_FAILED_LONG_POLLS, MAX_STREAM_ERRORS, MIN_BACKOFF,
    POLL_INTERVAL, RESPONSES_BEFORE_STREAM, RESPONSES_BEFORE_STREAM_WHEN_CROWDED, Timer,
};
use crate::state::Channel;

/// The state of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelState {
    /// Whether there is a URL to poll.
    can_poll: bool,
    transport: Transport,
    /// The transport that was reported last.
    reported: Channel,
    /// Whether the stream is open. Its timer runs during that time.
    stream_open: bool,
    polling: Polling,
    stream_errors: u32,
    failed_long_polls: u32,
    /// Whether the server has given the stream's place to another page.
    crowded: bool,
    /// Poll responses since polling started.
    responses: u32,
    /// Milliseconds of the next backoff.
    backoff: u32,
    newest: Option<Newest>,
}

/// The transport of the snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Stream,
    LongPoll,
    Poll,
}

impl From<Transport> for Channel {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Stream => Self::Stream,
            Transport::LongPoll => Self::LongPoll,
            Transport::Poll => Self::Poll,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polling {
    Off,
    /// A request is pending.
    Pending,
    /// The retry timer runs.
    Paused,
}

/// What is kept of the newest snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Newest {
    version: u32,
    ended: bool,
}

/// Applies one event.
#[must_use]
pub fn channel_step(mut state: ChannelState, event: ChannelEvent) -> (ChannelState, Vec<ChannelEffect>) {
    let mut effects = Vec::new();
    state.apply(event, &mut effects);
    (state, effects)
}

impl ChannelState {
    /// Returns the state of a channel that is not open yet. `can_poll` is whether there is a URL to poll.
    #[must_use]
    pub const fn new(can_poll: bool) -> Self {
        Self {
            can_poll,
            transport: Transport::Stream,
            reported: Channel::Stream,
            stream_open: false,
            polling: Polling::Off,
            stream_errors: 0,
            failed_long_polls: 0,
            crowded: false,
            responses: 0,
            backoff: MIN_BACKOFF,
            newest: None,
        }
    }

    fn apply(&mut self, event: ChannelEvent, effects: &mut Vec<ChannelEffect>) {
        let (streaming, polling) = (self.stream_open, self.polling);
        match event {
            ChannelEvent::Wake => self.wake(effects),
            ChannelEvent::Stop => {
                self.close_stream(effects);
                self.stop_polling(effects);
            }
            ChannelEvent::StreamEvent(snapshot) if streaming => self.on_stream_event(snapshot, effects),
            ChannelEvent::StreamError { closed } if streaming => self.on_stream_error(closed, effects),
            ChannelEvent::StreamCrowded if streaming => self.on_stream_crowded(effects),
            ChannelEvent::StreamUrlInvalid => self.close_stream(effects),
            ChannelEvent::PollResponse(snapshot) if polling == Polling::Pending => {
                self.on_poll_response(snapshot, effects);
            }
            ChannelEvent::PollFailed if polling == Polling::Pending => self.on_poll_failed(effects),
            ChannelEvent::TimerFired(Timer::Stream) if streaming => self.fall_back_to_polling(effects),
            ChannelEvent::TimerFired(Timer::Retry) if polling == Polling::Paused => {
                self.polling = Polling::Off;
                if self.can_poll { self.poll(effects) } else { self.open_stream(effects) }
            }
            // These events came late: the stream is closed, the poll aborted, the timer stopped.
            ChannelEvent::StreamEvent(_) | ChannelEvent::StreamError { .. } | ChannelEvent::StreamCrowded => {
            }
            ChannelEvent::PollResponse(_) | ChannelEvent::PollFailed | ChannelEvent::TimerFired(_) => {}
        }
    }

    /// Tries all transports at once, without waiting for a pause to end.
    fn wake(&mut self, effects: &mut Vec<ChannelEffect>) {
        self.stream_errors = 0;
        self.backoff = MIN_BACKOFF;
        self.open_stream(effects);
        if self.transport == Transport::Stream { self.stop_polling(effects) } else { self.poll(effects) }
    }

    fn open_stream(&mut self, effects: &mut Vec<ChannelEffect>) {
        self.close_stream(effects);
        self.stream_open = true;
        effects.push(ChannelEffect::StartTimer(Timer::Stream, Delay::Exact(FIRST_EVENT_TIMEOUT)));
        effects.push(ChannelEffect::OpenStream);
    }

    fn close_stream(&mut self, effects: &mut Vec<ChannelEffect>) {
        if std::mem::take(&mut self.stream_open) {
            effects.extend([ChannelEffect::CloseStream, ChannelEffect::StopTimer(Timer::Stream)]);
        }
    }

    fn on_stream_event(&mut self, snapshot: Option<Rc<Snapshot>>, effects: &mut Vec<ChannelEffect>) {
        self.stream_errors = 0;
        effects.push(ChannelEffect::StartTimer(Timer::Stream, Delay::Exact(IDLE_TIMEOUT)));
        if self.transport != Transport::Stream {
            self.transport = Transport::Stream;
            self.stop_polling(effects);
        }
        self.report(Channel::Stream, snapshot, effects);
    }

    /// Handles a broken stream. After a broken connection the browser itself tries again. It gives up if the response
    /// is not a stream: from a proxy whose server is being restarted, or the server's own answer that nothing more will
    /// come.
    fn on_stream_error(&mut self, closed: bool, effects: &mut Vec<ChannelEffect>) {
        let lost = self.transport == Transport::Stream && !self.has_ended();
        self.stream_errors += 1;
        if closed || self.stream_errors >= MAX_STREAM_ERRORS {
            self.fall_back_to_polling(effects);
        }
        if lost {
            self.report(Channel::Lost, None, effects);
        }
    }

    /// Continues with plain polls, which take no place at the server. A stream that came back soon would take the place
    /// of another page.
    fn on_stream_crowded(&mut self, effects: &mut Vec<ChannelEffect>) {
        self.close_stream(effects);
        self.crowded = true;
        self.failed_long_polls = MAX_FAILED_LONG_POLLS;
        self.transport = Transport::Poll;
        self.responses = 0;
        self.poll(effects);
    }

    fn fall_back_to_polling(&mut self, effects: &mut Vec<ChannelEffect>) {
        self.close_stream(effects);
        if self.transport == Transport::Stream {
            self.transport = Transport::LongPoll;
            self.responses = 0;
            self.poll(effects);
        }
    }

    fn poll(&mut self, effects: &mut Vec<ChannelEffect>) {
        self.stop_polling(effects);
        if !self.can_poll {
            // Without a URL to poll, the stream is tried again.
            self.transport = Transport::Stream;
            return self.back_off(effects);
        }
        self.polling = Polling::Pending;
        // Without a version there is no change to wait for, so the present snapshot is requested first.
        let wait = self.transport == Transport::LongPoll && self.newest.is_some_and(|newest| !newest.ended);
        effects.push(ChannelEffect::Poll { wait, version: self.newest.map(|newest| newest.version) });
    }

    fn stop_polling(&mut self, effects: &mut Vec<ChannelEffect>) {
        match std::mem::replace(&mut self.polling, Polling::Off) {
            Polling::Pending => effects.push(ChannelEffect::AbortPoll),
            Polling::Paused => effects.push(ChannelEffect::StopTimer(Timer::Retry)),
            Polling::Off => {}
        }
    }

    fn on_poll_response(&mut self, snapshot: Option<Rc<Snapshot>>, effects: &mut Vec<ChannelEffect>) {
        let transport = self.transport;
        self.see(snapshot.as_deref());
        self.backoff = MIN_BACKOFF;
        self.responses += 1;
        let enough =
            if self.crowded { RESPONSES_BEFORE_STREAM_WHEN_CROWDED } else { RESPONSES_BEFORE_STREAM };
        if self.responses.is_multiple_of(enough) && !self.stream_open && !self.has_ended() {
            self.open_stream(effects);
        }
        let interval = if self.has_ended() {
            ENDED_POLL_INTERVAL
        } else if transport == Transport::LongPoll {
            self.failed_long_polls = 0;
            LONG_POLL_INTERVAL
        } else {
            POLL_INTERVAL
        };
        if self.failed_long_polls < MAX_FAILED_LONG_POLLS {
            self.transport = Transport::LongPoll;
        }
        self.pause(Delay::Exact(interval), effects);
        self.report(transport.into(), snapshot, effects);
    }

    fn on_poll_failed(&mut self, effects: &mut Vec<ChannelEffect>) {
        if self.transport == Transport::LongPoll {
            self.transport = Transport::Poll;
            self.failed_long_polls += 1;
        }
        self.back_off(effects);
        self.report(Channel::Lost, None, effects);
    }

    fn back_off(&mut self, effects: &mut Vec<ChannelEffect>) {
        self.pause(Delay::Jittered(self.backoff), effects);
        self.backoff = MAX_BACKOFF.min(self.backoff * 2);
    }

    fn pause(&mut self, delay: Delay, effects: &mut Vec<ChannelEffect>) {
        self.polling = Polling::Paused;
        effects.push(ChannelEffect::StartTimer(Timer::Retry, delay));
    }

    fn report(&mut self, channel: Channel, snapshot: Option<Rc<Snapshot>>, effects: &mut Vec<ChannelEffect>) {
        self.see(snapshot.as_deref());
        if std::mem::replace(&mut self.reported, channel) != channel {
            effects.push(ChannelEffect::Report(ChannelReport::Transport(channel)));
        }
        effects.extend(snapshot.map(|snapshot| ChannelEffect::Report(ChannelReport::Snapshot(snapshot))));
    }

    fn see(&mut self, snapshot: Option<&Snapshot>) {
        if let Some(snapshot) = snapshot {
            self.newest = Some(Newest { version: snapshot.version, ended: snapshot.status.is_terminal() });
        }
    }

    fn has_ended(&self) -> bool {
        self.newest.is_some_and(|newest| newest.ended)
    }
}

//! The status channel as a pure state machine: `channel_step(state, event)` returns the next state and the
//! effects to run. No clock, no browser, no chance: the shell runs the effects and reports what happens.
//!
//! - At most one stream is open and at most one poll is pending.
//! - While the page is awake, a stream, a poll or a timer is always pending: the channel never dies.
//! - After `Stop` everything is closed, and nothing happens before `Wake`.
//! - Every snapshot is passed on, after the transport that brought it.
//! - Effects that call the page come last: the page's code may drop the channel.

mod step;
// proptest does not build for the browser, and nothing here needs one.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::rc::Rc;

use banq_checkout_wire::Snapshot;

pub use self::step::{ChannelState, channel_step};
use crate::state::Channel;

/// Milliseconds within which a stream must have sent its first event; the server sends it at once.
pub const FIRST_EVENT_TIMEOUT: u32 = 5_000;
/// Milliseconds of silence after which a stream counts as held back; the server's heartbeat is every 8 s.
pub const IDLE_TIMEOUT: u32 = 40_000;
/// Milliseconds between two polls that are answered at once.
pub const POLL_INTERVAL: u32 = 5_000;
/// The same after the end, when only late money can change the status.
pub const ENDED_POLL_INTERVAL: u32 = 15_000;
/// Milliseconds between two long polls: a proxy may answer for the server, and at once.
pub const LONG_POLL_INTERVAL: u32 = 1_000;
/// Milliseconds before the first retry after a failure; doubled for each further failure.
pub const MIN_BACKOFF: u32 = 1_000;
/// The longest backoff, in milliseconds.
pub const MAX_BACKOFF: u32 = 30_000;
/// Stream errors in a row, each followed by the browser's own retry, after which polling starts.
pub const MAX_STREAM_ERRORS: u32 = 3;
/// Failed long polls in a row after which only plain polls are sent.
pub const MAX_FAILED_LONG_POLLS: u32 = 3;
/// Poll responses after which the stream is tried again.
pub const RESPONSES_BEFORE_STREAM: u32 = 2;
/// The same where the server gave the stream's place to another page: two minutes.
pub const RESPONSES_BEFORE_STREAM_WHEN_CROWDED: u32 = 24;

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelEvent {
    /// The channel is opened; or the page is shown again, back from the browser's cache, or online.
    Wake,
    /// The channel is dropped; or the page is left: an open connection would keep it out of the browser's
    /// back-forward cache.
    Stop,
    /// The stream sent a snapshot, or a sign of life.
    StreamEvent(Option<Rc<Snapshot>>),
    /// The stream broke. It is `closed` if the browser does not try again.
    StreamError {
        /// Whether the browser gave up.
        closed: bool,
    },
    /// The server gave the stream's place to another page.
    StreamCrowded,
    /// The stream's address is not a URL.
    StreamUrlInvalid,
    /// The server answered a poll: with a snapshot, or with "not modified".
    PollResponse(Option<Rc<Snapshot>>),
    /// A poll got no answer, or none that is understood.
    PollFailed,
    /// A timer ended.
    TimerFired(Timer),
}

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelEffect {
    /// Open the stream.
    OpenStream,
    /// Close the stream.
    CloseStream,
    /// Ask for the snapshot.
    Poll {
        /// Whether the server is to hold the response back until something changes.
        wait: bool,
        /// Version of the newest snapshot, for `If-None-Match`.
        version: Option<u32>,
    },
    /// Abort the pending poll.
    AbortPoll,
    /// Start a timer, or start it again.
    StartTimer(Timer, Delay),
    /// Stop a timer.
    StopTimer(Timer),
    /// Pass this on to the owner.
    Report(ChannelReport),
}

/// The channel's timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The stream was silent for too long.
    Stream,
    /// It is time for the next poll; or, where nothing can be polled, for the next stream.
    Retry,
}

/// How long a timer runs, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// So long.
    Exact(u32),
    /// Between half of it and all of it: pages that were cut off together do not all come back together.
    Jittered(u32),
}

impl Delay {
    /// The milliseconds, with `random` from 0 to 1.
    #[must_use]
    pub fn millis(self, random: f64) -> u32 {
        match self {
            Self::Exact(millis) => millis,
            Self::Jittered(millis) => (f64::from(millis) * (0.5 + random / 2.0)) as u32,
        }
    }
}

/// What the channel tells its owner.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelReport {
    /// Where the checkout stands.
    Snapshot(Rc<Snapshot>),
    /// Which transport brings the next snapshots. Never the same twice in a row; the first is the stream.
    Transport(Channel),
}

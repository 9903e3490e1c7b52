//! The status channel as a pure state machine: `channel_step(state, event)` returns the next state and the effects to
//! run. It uses no clock, no browser and no randomness: the shell runs the effects and reports what happens.
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
/// Milliseconds of silence after which a proxy is assumed to hold the stream back; the server's heartbeat is every 8 s.
pub const IDLE_TIMEOUT: u32 = 40_000;
/// Milliseconds between two plain polls.
pub const POLL_INTERVAL: u32 = 5_000;
/// Milliseconds between two plain polls after the end, when only late money can change the status.
pub const ENDED_POLL_INTERVAL: u32 = 15_000;
/// Milliseconds between two long polls: a proxy may answer in place of the server, and at once.
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
/// The same after the server gave the stream's place to another page: two minutes.
pub const RESPONSES_BEFORE_STREAM_WHEN_CROWDED: u32 = 24;

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelEvent {
    /// The channel is opened; or the page is shown again, back from the browser's cache, or online.
    Wake,
    /// The channel is dropped; or the shopper leaves the page: an open connection would keep the page out of the
    /// browser's back-forward cache.
    Stop,
    /// The stream sent a snapshot or a heartbeat.
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
    /// The server answered a poll, with a snapshot or with "not modified".
    PollResponse(Option<Rc<Snapshot>>),
    /// A poll got no answer, or one that cannot be read.
    PollFailed,
    /// A timer ended.
    TimerFired(Timer),
}

/// An effect. The shell runs these in order.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelEffect {
    /// Open the stream.
    OpenStream,
    /// Close the stream.
    CloseStream,
    /// Request the snapshot.
    Poll {
        /// Whether the server holds the response back until something changes.
        wait: bool,
        /// The version of the newest snapshot, for `If-None-Match`.
        version: Option<u32>,
    },
    /// Abort the pending poll.
    AbortPoll,
    /// Start a timer, or start it again.
    StartTimer(Timer, Delay),
    /// Stop a timer.
    StopTimer(Timer),
    /// Pass this report on to the owner.
    Report(ChannelReport),
}

/// The channel's timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// The stream was silent for too long.
    Stream,
    /// The next poll is due; or the next stream, if there is no URL to poll.
    Retry,
}

/// How long a timer runs, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// Exactly this long.
    Exact(u32),
    /// Between half of it and all of it, at random, so that pages that were cut off together do not all return
    /// together.
    Jittered(u32),
}

impl Delay {
    /// Returns the milliseconds, with `random` from 0 to 1.
    #[must_use]
    pub fn millis(self, random: f64) -> u32 {
        match self {
            Self::Exact(millis) => millis,
            Self::Jittered(millis) => (f64::from(millis) * (0.5 + random / 2.0)) as u32,
        }
    }
}

/// A report to the channel's owner.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelReport {
    /// A snapshot of the checkout.
    Snapshot(Rc<Snapshot>),
    /// The transport of the next snapshots. It differs from the one reported before; the first is the stream.
    Transport(Channel),
}

//! How long a link lives. A clock that is wrong, here or at the provider, must not end a link early: the next press
//! would make a second payment for the order.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    domain::{
        checkout::CheckoutId,
        time::{self, Millis},
    },
    provider::LARGEST_DIFFERENCE,
};

/// A link that is said to live longer than this has no such end.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// Below this a clock was set right a little, or the two reckonings differ by what a request takes.
pub(super) const SLACK: Duration = Duration::from_secs(5);

/// As many links are remembered; by then some have ended long ago.
const MOST: usize = 100_000;

/// What is known when a link has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reckoning {
    /// This machine's time.
    pub(crate) now: Millis,
    /// How far that is ahead of the provider's, if the provider says what time it is.
    pub(crate) ahead: Option<Millis>,
    /// Whether the link was made just now, and not by an earlier request whose answer was lost.
    pub(crate) is_new: bool,
    /// How long a link lives unless the provider says otherwise.
    pub(crate) lifetime: Duration,
}

/// Returns when a link ends by this machine's clock. `said` is what the provider says, by its own clock; an end that
/// a link which was made just now cannot have is not believed.
pub(crate) fn end(said: Option<Millis>, by: Reckoning) -> Millis {
    let ours = time::after(by.now, by.lifetime);
    let Some(said) = said else { return ours };
    // Answers say the time in whole seconds: small differences are left alone.
    let ahead = by.ahead.filter(|ahead| ahead.saturating_abs() > LARGEST_DIFFERENCE).unwrap_or_default();
    let end = said.saturating_add(ahead);
    if (end <= by.now && by.is_new) || end > time::after(by.now, LONGEST) {
        tracing::warn!(
            said = time::rfc3339(said),
            now = time::rfc3339(by.now),
            seconds_away = end.saturating_sub(by.now) / 1000,
            lifetime_seconds = by.lifetime.as_secs(),
            "the provider's clock and this machine's differ, or it names an end that a new link cannot have: \
             BANQ_LINK_LIFETIME_SECONDS counts instead"
        );
        return ours;
    }
    end
}

/// The links that this process made and that have not ended by the monotonic clock, which cannot be set.
#[derive(Default)]
pub(crate) struct RecentLinks {
    ends: Mutex<HashMap<CheckoutId, Instant>>,
}

impl RecentLinks {
    /// Remembers that a link was made at `now`, a moment before `by_clock`, and lives until `end` by that clock.
    pub(crate) fn made(&self, id: &CheckoutId, now: Instant, by_clock: Millis, end: Millis) {
        let lives = Duration::from_millis(end.saturating_sub(by_clock).max(0).unsigned_abs());
        let Some(end) = now.checked_add(lives) else { return };
        let mut ends = self.ends();
        if ends.len() >= MOST || ends.len() == ends.capacity() {
            ends.retain(|_, end| *end > now);
        }
        if ends.len() < MOST {
            ends.insert(id.clone(), end);
        }
    }

    /// Returns how much of its life a link still has; `None` when it has none, or was made by another process.
    pub(super) fn left(&self, id: &CheckoutId, now: Instant) -> Option<Duration> {
        self.ends().get(id)?.checked_duration_since(now)
    }

    /// Whether a link has ended that this process made; says so once. A clock that was set back would show it on.
    pub(crate) fn has_ended(&self, id: &CheckoutId, now: Instant) -> bool {
        let mut ends = self.ends();
        let is_over = ends.get(id).is_some_and(|end| *end <= now);
        is_over && ends.remove(id).is_some()
    }

    fn ends(&self) -> MutexGuard<'_, HashMap<CheckoutId, Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const NOW: i64 = 1_000_000 * MINUTE;

    fn reckon(said: i64, ahead: Option<i64>, is_new: bool) -> i64 {
        let by = Reckoning { now: NOW, ahead, is_new, lifetime: Duration::from_secs(900) };
        (end(Some(said), by) - NOW) / MINUTE
    }

    #[test]
    fn an_end_that_a_new_link_cannot_have_is_not_believed() {
        assert_eq!(reckon(NOW + 10 * MINUTE, Some(0), true), 10, "as it is said");
        assert_eq!(reckon(NOW - 5 * MINUTE, None, true), 15, "past");
        assert_eq!(reckon(NOW - 5 * MINUTE, Some(0), true), 15, "past, by the same clock");
        assert_eq!(reckon(i64::MAX, None, true), 15, "without an end");
        assert_eq!(reckon(NOW - 5 * MINUTE, Some(0), false), -5, "an earlier request's link may be over");
    }

    #[test]
    fn an_end_is_by_the_clock_of_who_says_it() {
        // Ours is 20 minutes ahead, or behind.
        assert_eq!(reckon(NOW - 10 * MINUTE, Some(20 * MINUTE), true), 10);
        assert_eq!(reckon(NOW + 30 * MINUTE, Some(-20 * MINUTE), true), 10);
        assert_eq!(reckon(NOW + 10 * MINUTE, Some(MINUTE), true), 10, "too little to be sure of");
    }

    #[test]
    fn a_link_is_young_until_its_own_end() {
        let (recent_links, now) = (RecentLinks::default(), Instant::now());
        let id = CheckoutId::random().unwrap();
        recent_links.made(&id, now, NOW, NOW + 2 * MINUTE);
        let later = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(recent_links.left(&id, later(30)), Some(Duration::from_secs(90)));
        assert_eq!(recent_links.left(&id, later(121)), None);
        assert!(!recent_links.has_ended(&id, later(119)));
        assert!(recent_links.has_ended(&id, later(120)) && !recent_links.has_ended(&id, later(120)), "once");
        recent_links.made(&id, now, NOW, NOW + 2 * MINUTE);
        for _ in 0..1000 {
            recent_links.made(&CheckoutId::random().unwrap(), later(121), NOW, NOW + 1);
        }
        assert_eq!(recent_links.left(&id, now), None, "what has ended is forgotten");
    }
}

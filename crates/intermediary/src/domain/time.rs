//! Time as the store keeps it and as JSON shows it.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A moment in Unix milliseconds.
pub(crate) type Millis = i64;

pub(crate) fn now() -> Millis {
    Timestamp::now().as_millisecond()
}

/// Returns `at` plus `wait`, saturating.
pub(crate) fn after(at: Millis, wait: Duration) -> Millis {
    at.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// Returns `at` minus `span`, saturating.
pub(crate) fn before(at: Millis, span: Duration) -> Millis {
    at.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

/// Formats RFC 3339 in UTC, to the second if there are no milliseconds.
pub(crate) fn rfc3339(at: Millis) -> String {
    // Beyond jiff's range (year 9999) only by a fault; the page then sees 1970, which is expired.
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Reads an RFC 3339 time with an offset.
pub(crate) fn parse(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}

/// A reading of the wall clock together with the monotonic clock, to detect changes of the wall clock.
pub(crate) struct WallClock {
    wall: Millis,
    at: Instant,
}

impl WallClock {
    /// Milliseconds; smaller steps back are harmless.
    pub(crate) const SMALL: Millis = 2_000;

    /// Milliseconds that a shop may notice which checks the timestamp.
    pub(crate) const NOTICEABLE: Millis = 30_000;

    pub(crate) fn new() -> Self {
        Self { wall: now(), at: Instant::now() }
    }

    /// Returns by how many milliseconds the wall clock was set since then; negative when it was set back.
    pub(crate) fn moved(&self) -> Millis {
        now() - after(self.wall, self.at.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_seven_fractional_digits_are_read() {
        let at = parse("2021-01-11T12:12:12.5431424+00:00").unwrap();
        assert_eq!(rfc3339(at), "2021-01-11T12:12:12.543Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(parse("yesterday"), None);
    }
}

//! Time as the store keeps it and as the wire writes it.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A moment in Unix milliseconds.
pub(crate) type Millis = i64;

/// Now.
pub(crate) fn now() -> Millis {
    Timestamp::now().as_millisecond()
}

/// `at` plus `wait`; at the end of time it stays there.
pub(crate) fn after(at: Millis, wait: Duration) -> Millis {
    at.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// `at` minus `span`; at the beginning of time it stays there.
pub(crate) fn before(at: Millis, span: Duration) -> Millis {
    at.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

/// RFC 3339 in UTC, to the second where there are no milliseconds.
pub(crate) fn rfc3339(at: Millis) -> String {
    // Out of jiff's range (year 9999) only by a fault; the page then sees 1970, which is over.
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Reads an RFC 3339 time with an offset.
pub(crate) fn parse(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}

/// A look at the machine's clock, beside one that only goes forward.
pub(crate) struct WallClock {
    wall: Millis,
    at: Instant,
}

impl WallClock {
    /// Smaller steps back do no harm.
    pub(crate) const SMALL: Millis = 2_000;

    /// What a shop that checks the time may notice.
    pub(crate) const NOTICEABLE: Millis = 30_000;

    /// Looks.
    pub(crate) fn new() -> Self {
        Self { wall: now(), at: Instant::now() }
    }

    /// By how much the machine's clock was set since then; below zero, back.
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

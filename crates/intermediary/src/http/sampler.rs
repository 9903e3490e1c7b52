//! Limits log lines that strangers can cause in any number: writes some and counts the others.

use std::time::{Duration, Instant};

/// Allows a number of lines per interval.
#[derive(Debug)]
pub(crate) struct Sampler {
    lines: u32,
    interval: Duration,
    since: Option<Instant>,
    written: u32,
    hidden: u64,
}

impl Sampler {
    pub(crate) fn new(lines: u32, interval: Duration) -> Self {
        Self { lines, interval, since: None, written: 0, hidden: 0 }
    }

    /// Counts an event. Returns `Some` if its line is to be written, with the number hidden since the last one.
    pub(crate) fn note(&mut self, now: Instant) -> Option<u64> {
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= self.interval) {
            (self.since, self.written) = (Some(now), 0);
        }
        if self.written < self.lines {
            self.written += 1;
            Some(std::mem::take(&mut self.hidden))
        } else {
            self.hidden += 1;
            None
        }
    }

    /// Returns how many were hidden since the last line, if any, and starts a new interval.
    pub(crate) fn rest(&mut self, now: Instant) -> Option<u64> {
        let hidden = std::mem::take(&mut self.hidden);
        if hidden == 0 {
            return None;
        }
        // The caller's line uses up the new interval.
        (self.since, self.written) = (Some(now), self.lines);
        Some(hidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_lines_are_written_and_the_others_counted() {
        let mut sampler = Sampler::new(2, Duration::from_secs(60));
        let now = Instant::now();
        let written: Vec<_> = (0..10).map(|_| sampler.note(now)).collect();
        assert_eq!(written.iter().flatten().count(), 2);
        let later = now + Duration::from_secs(60);
        assert_eq!((sampler.note(later), sampler.note(later), sampler.note(later)), (Some(8), Some(0), None));
        assert_eq!((sampler.rest(later), sampler.rest(later), sampler.note(later)), (Some(1), None, None));
    }

    #[test]
    fn a_quiet_interval_is_forgotten() {
        let mut sampler = Sampler::new(1, Duration::from_secs(60));
        let now = Instant::now();
        assert_eq!(sampler.note(now), Some(0));
        assert_eq!(sampler.rest(now), None);
        assert_eq!(sampler.note(now + Duration::from_secs(61)), Some(0));
    }
}

//! How long a link still lives, by the server's clock.

use banq_checkout_wire::Snapshot;
use js_sys::Date;

use crate::decimal::decimal;

/// How far this device's clock is off: milliseconds to add to it. It follows the wall clock, not a timer, and
/// so is right at once after a sleep.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Skew(f64);

impl Skew {
    /// Reads the server's clock from a snapshot that has just come.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let skew = Date::parse(&snapshot.server_time) - Date::now();
        Self(if skew.is_finite() { skew } else { 0.0 })
    }

    /// Whole seconds until `deadline` (RFC 3339), rounded up; `None` when that is no time.
    #[must_use]
    pub fn seconds_until(self, deadline: &str) -> Option<u32> {
        let left = Date::parse(deadline) - (Date::now() + self.0);
        left.is_finite().then(|| (left / 1000.0).ceil().max(0.0) as u32)
    }
}

/// `4:09`; hours where there are any.
#[must_use]
pub fn words(seconds: u32) -> String {
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &decimal(number)].concat();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let front = if hours > 0 { [&decimal(hours), ":", &two(minutes)].concat() } else { decimal(minutes) };
    [&front, ":", &two(seconds % 60)].concat()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_time_is_written_as_on_a_clock() {
        for (seconds, text) in
            [(0, "0:00"), (9, "0:09"), (249, "4:09"), (3600, "1:00:00"), (36_061, "10:01:01")]
        {
            assert_eq!(words(seconds), text);
        }
    }
}

//! Measures the remaining time of a link, by the server's clock.

use banq_checkout_wire::Snapshot;
use js_sys::Date;

/// The milliseconds to add to this device's clock. The offset follows the wall clock, not a timer, so it is right at
/// once after the device slept.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClockOffset(f64);

impl ClockOffset {
    /// Reads the server's clock from a snapshot that has just arrived.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let offset = Date::parse(&snapshot.server_time) - Date::now();
        Self(if offset.is_finite() { offset } else { 0.0 })
    }

    /// Returns the whole seconds until `deadline` (RFC 3339), rounded up; `None` if `deadline` cannot be read as a
    /// time.
    #[must_use]
    pub fn seconds_until(self, deadline: &str) -> Option<u32> {
        let left = Date::parse(deadline) - (Date::now() + self.0);
        left.is_finite().then(|| (left / 1000.0).ceil().max(0.0) as u32)
    }
}

/// Formats seconds as a clock does: `4:09`, with hours if there are any.
#[must_use]
pub fn format_duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::format_duration;

    #[test]
    fn a_time_is_written_as_on_a_clock() {
        for (seconds, text) in
            [(0, "0:00"), (9, "0:09"), (249, "4:09"), (3600, "1:00:00"), (36_061, "10:01:01")]
        {
            assert_eq!(format_duration(seconds), text);
        }
    }
}

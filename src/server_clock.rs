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

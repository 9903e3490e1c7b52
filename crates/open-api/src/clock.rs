//! Compares this machine's clock with Banq's, by the `Date` header of each response.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Response,
    header::{AGE, DATE, HeaderMap},
};

/// Milliseconds; a larger difference is logged and compensated.
pub const LARGEST_DIFFERENCE: i64 = 60_000;

/// No response yet.
const UNKNOWN: i64 = i64::MIN;

/// The difference of the two clocks, by the newest response.
pub(crate) struct Clocks {
    ahead: AtomicI64,
    has_warned: AtomicBool,
}

impl Clocks {
    pub(crate) fn new() -> Self {
        Self { ahead: AtomicI64::new(UNKNOWN), has_warned: AtomicBool::new(false) }
    }

    /// Reads a response's time, and warns when the clocks start to differ.
    pub(crate) fn record(&self, response: &Response) {
        let Some(ahead) = ahead(response.headers(), Timestamp::now().as_millisecond()) else { return };
        self.ahead.store(ahead, Ordering::Relaxed);
        let differ = ahead.abs() > LARGEST_DIFFERENCE;
        if differ != self.has_warned.swap(differ, Ordering::Relaxed) {
            if differ {
                tracing::warn!(
                    seconds_ahead = ahead / 1000,
                    "this machine's clock and Banq's differ: keep this one right (systemd-timesyncd, chrony)"
                );
            } else {
                tracing::info!("this machine's clock and Banq's agree again");
            }
        }
    }

    /// Returns by how many milliseconds this machine's clock is ahead of Banq's, to a second or so; `None` before the
    /// first response.
    pub(crate) fn ahead(&self) -> Option<i64> {
        Some(self.ahead.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }
}

/// Returns `None` for a response from a cache (`Age`), whose time is old.
fn ahead(headers: &HeaderMap, now: i64) -> Option<i64> {
    if headers.contains_key(AGE) {
        return None;
    }
    let theirs = rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?.timestamp().as_millisecond();
    Some(now.saturating_sub(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_read_from_an_answer_that_is_no_caches() {
        let at = "2021-01-11T12:12:12Z".parse::<Timestamp>().unwrap().as_millisecond();
        let mut headers = HeaderMap::new();
        assert_eq!(ahead(&headers, at), None);
        headers.insert(DATE, "Mon, 11 Jan 2021 12:12:12 GMT".parse().unwrap());
        assert_eq!(ahead(&headers, at + 1_200_000), Some(1_200_000));
        assert_eq!(ahead(&headers, at - 1_200_000), Some(-1_200_000));
        headers.insert(AGE, "7".parse().unwrap());
        assert_eq!(ahead(&headers, at), None);
    }
}

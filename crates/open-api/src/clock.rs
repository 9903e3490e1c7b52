//! How far this machine's clock is from Banq's: every HTTP answer says what time it is there.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Response,
    header::{AGE, DATE, HeaderMap},
};

/// A larger difference is worth saying, and is reckoned with. Milliseconds.
pub const LARGEST_DIFFERENCE: i64 = 60_000;

/// Stands for "not heard yet".
const UNKNOWN: i64 = i64::MIN;

/// The two clocks, as the newest answer shows them.
pub(crate) struct Clocks {
    ahead: AtomicI64,
    is_said: AtomicBool,
}

impl Clocks {
    pub(crate) fn new() -> Self {
        Self { ahead: AtomicI64::new(UNKNOWN), is_said: AtomicBool::new(false) }
    }

    /// Takes note of the time that an answer carries, and warns when the clocks begin to differ.
    pub(crate) fn hear(&self, response: &Response) {
        let Some(ahead) = ahead(response.headers(), Timestamp::now().as_millisecond()) else { return };
        self.ahead.store(ahead, Ordering::Relaxed);
        let differ = ahead.abs() > LARGEST_DIFFERENCE;
        if differ != self.is_said.swap(differ, Ordering::Relaxed) {
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

    /// Milliseconds by which this machine's clock is ahead of Banq's, to a second or so; `None` before the first
    /// answer.
    pub(crate) fn ahead(&self) -> Option<i64> {
        Some(self.ahead.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }
}

/// An answer out of a cache (`Age`) tells an old time.
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

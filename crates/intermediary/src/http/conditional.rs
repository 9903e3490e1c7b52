//! Conditional and range requests for a file (RFC 9110, 13 and 14).

use std::{
    ops::Range,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, HeaderValue, Method, header};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The part of a file that a response must contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Whole,
    Part(Range<usize>),
    /// The requested range lies beyond the end.
    Beyond,
    /// The client's copy is current.
    Nothing,
}

/// Returns the part of a file that the client needs. A tag is more precise than a date, so the date counts only without
/// one.
pub(crate) fn asked(
    method: &Method,
    headers: &HeaderMap,
    etag: &HeaderValue,
    modified: Option<SystemTime>,
    length: usize,
) -> Asked {
    let has_it = if headers.contains_key(header::IF_NONE_MATCH) {
        headers.get_all(header::IF_NONE_MATCH).into_iter().any(|tags| has_tag(tags, etag))
    } else {
        let since = date_of(headers, header::IF_MODIFIED_SINCE);
        modified.and_then(seconds).zip(since).is_some_and(|(modified, since)| modified <= since)
    };
    if has_it {
        return Asked::Nothing;
    }
    let range =
        headers.get(header::RANGE).filter(|_| *method == Method::GET).and_then(|range| range.to_str().ok());
    match range {
        Some(range) if is_same(headers, etag, modified) => part(range, length),
        Some(_) | None => Asked::Whole,
    }
}

pub(crate) fn http_date(time: SystemTime) -> Option<HeaderValue> {
    let time = Timestamp::from_second(seconds(time)?).ok()?;
    HeaderValue::from_str(&time.strftime(DATE).to_string()).ok()
}

/// Returns whether the list contains the tag, ignoring `W/`: a proxy that compresses may mark the tag as weak.
fn has_tag(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let tags = tags.to_str().unwrap_or_default().split(',').map(str::trim);
    let mut tags = tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
    tags.any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

/// Returns whether `If-Range` names the current version of the file.
fn is_same(headers: &HeaderMap, etag: &HeaderValue, modified: Option<SystemTime>) -> bool {
    match headers.get(header::IF_RANGE) {
        None => true,
        Some(value) if value == etag => true,
        Some(_) => {
            date_of(headers, header::IF_RANGE).is_some_and(|date| modified.and_then(seconds) == Some(date))
        }
    }
}

/// Returns one range. A request for several gets the whole file, as the RFC allows.
fn part(range: &str, length: usize) -> Asked {
    let read = || {
        let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
        let number =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        match (start.trim(), end.trim()) {
            ("", last) => {
                let last: usize = number(last)?;
                Some(length.saturating_sub(last)..if last == 0 { 0 } else { length })
            }
            (start, "") => Some(number(start)?..length),
            (start, end) => {
                let (start, end): (usize, usize) = (number(start)?, number(end)?);
                (start <= end).then(|| start..end.saturating_add(1).min(length))
            }
        }
    };
    match read() {
        None => Asked::Whole,
        Some(range) if range.is_empty() => Asked::Beyond,
        Some(range) => Asked::Part(range),
    }
}

fn date_of(headers: &HeaderMap, name: header::HeaderName) -> Option<i64> {
    let date = DateTime::strptime(DATE, headers.get(name)?.to_str().ok()?).ok()?;
    Some(TimeZone::UTC.to_timestamp(date).ok()?.as_second())
}

fn seconds(time: SystemTime) -> Option<i64> {
    time.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ask(headers: &[(header::HeaderName, &str)]) -> Asked {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        let modified = UNIX_EPOCH + Duration::from_millis(784_111_777_500);
        asked(&Method::GET, &headers, &HeaderValue::from_static("\"a\""), Some(modified), 10)
    }

    #[test]
    fn a_tag_counts_before_a_date() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(http_date(UNIX_EPOCH + Duration::from_secs(784_111_777)).unwrap(), date);
        for tags in ["\"a\"", "\"b\", W/\"a\"", "*"] {
            assert_eq!(ask(&[(header::IF_NONE_MATCH, tags)]), Asked::Nothing, "{tags}");
        }
        assert_eq!(ask(&[(header::IF_MODIFIED_SINCE, date)]), Asked::Nothing);
        assert_eq!(ask(&[(header::IF_NONE_MATCH, "\"b\""), (header::IF_MODIFIED_SINCE, date)]), Asked::Whole);
        for since in ["Sun, 06 Nov 1994 08:49:36 GMT", "yesterday", ""] {
            assert_eq!(ask(&[(header::IF_MODIFIED_SINCE, since)]), Asked::Whole, "{since}");
        }
    }

    #[test]
    fn parts_are_of_the_very_file() {
        for (range, asked) in [
            ("bytes=0-3", Asked::Part(0..4)),
            ("bytes=4-", Asked::Part(4..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-30", Asked::Part(0..10)),
            ("bytes=9-999", Asked::Part(9..10)),
            ("bytes=10-", Asked::Beyond),
            ("bytes=10-12", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=3-1", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("lines=1-2", Asked::Whole),
            ("bytes=0-99999999999999999999", Asked::Whole),
        ] {
            assert_eq!(ask(&[(header::RANGE, range)]), asked, "{range}");
        }
        let range = (header::RANGE, "bytes=0-3");
        for (same, asked) in [
            ("\"a\"", Asked::Part(0..4)),
            ("W/\"a\"", Asked::Whole),
            ("\"b\"", Asked::Whole),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Asked::Part(0..4)),
            ("Sun, 06 Nov 1994 08:49:38 GMT", Asked::Whole),
        ] {
            assert_eq!(ask(&[range.clone(), (header::IF_RANGE, same)]), asked, "{same}");
        }
    }
}

//! Which of many are replayed, and how many that were.

use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;

use super::{failure::Failure, output::Output};

#[derive(Debug, Args)]
pub(crate) struct Bulk {
    /// Many: those since this time, like 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<SystemTime>,
    /// Many: however old they are.
    #[arg(long, conflicts_with = "since")]
    all: bool,
}

impl Bulk {
    /// Since when; `None` for all. The choice has to be made: nothing old is replayed by an oversight.
    pub(super) fn since(&self) -> Result<Option<SystemTime>, Failure> {
        match (self.since, self.all) {
            (None, false) => Err(Failure::Usage(
                "say how far back: --since TIME, like 2026-01-31T12:00:00Z, or --all".into(),
            )),
            (since, _) => Ok(since),
        }
    }
}

/// Says how many are due. None is no failure: there was nothing to do.
pub(super) fn say(output: &Output, count: u64, what: &str, then: &str) -> Result<(), Failure> {
    let line = match count {
        0 => format!("no {what}"),
        _ => format!("due: {count} {what}; {then} within seconds"),
    };
    Ok(output.say(&[line], &json!({ "result": "due", "count": count }))?)
}

fn time(text: &str) -> Result<SystemTime, String> {
    let time = text.parse::<jiff::Timestamp>();
    let time = time.map_err(|_| "it must be a time like 2026-01-31T12:00:00Z".to_owned())?;
    // Before 1970 there was nothing to replay.
    let since_1970 = Duration::from_millis(time.as_millisecond().max(0).unsigned_abs());
    SystemTime::UNIX_EPOCH.checked_add(since_1970).ok_or_else(|| "it is too far away".to_owned())
}

//! Selects many rows to replay, and reports how many there were.

use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;

use super::{failure::Failure, output::Output};

#[derive(Debug, Args)]
pub(crate) struct Bulk {
    /// Many: those since this time, like 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<SystemTime>,
    /// Many: all, however old.
    #[arg(long, conflicts_with = "since")]
    all: bool,
}

impl Bulk {
    /// Returns the start time; `None` for all. The operator must choose one, so that old rows are not replayed by
    /// accident.
    pub(super) fn since(&self) -> Result<Option<SystemTime>, Failure> {
        match (self.since, self.all) {
            (None, false) => Err(Failure::Usage(
                "say how far back: --since TIME, like 2026-01-31T12:00:00Z, or --all".into(),
            )),
            (since, _) => Ok(since),
        }
    }
}

/// Prints how many are due. None is a success: there was nothing to do.
pub(super) fn print(output: &Output, count: u64, what: &str, then: &str) -> Result<(), Failure> {
    let line = match count {
        0 => format!("no {what}"),
        _ => format!("due: {count} {what}; {then} within seconds"),
    };
    Ok(output.print(&[line], &json!({ "result": "due", "count": count }))?)
}

fn time(text: &str) -> Result<SystemTime, String> {
    let time = text.parse::<jiff::Timestamp>();
    let time = time.map_err(|_| "it must be a time like 2026-01-31T12:00:00Z".to_owned())?;
    // Nothing is older than 1970.
    let since_1970 = Duration::from_millis(time.as_millisecond().max(0).unsigned_abs());
    SystemTime::UNIX_EPOCH.checked_add(since_1970).ok_or_else(|| "it is too far away".to_owned())
}

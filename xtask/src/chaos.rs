//! The fault test at full size.

use crate::error::Error;
use crate::{run, setup};

/// Payments of the full-size test; the ordinary tests run a short one.
const PAYMENTS: &str = "1000";
const KILLS: &str = "200";

/// Runs many payments through the real program, which is killed at random: on SQLite, then as two instances over
/// PostgreSQL.
pub(crate) fn start(payments: Option<&str>, kills: Option<&str>) -> Result<(), Error> {
    let postgres = setup::postgres()?;
    let mut test = run::cargo();
    test.args(["test", "--quiet", "-p", "banq-intermediary", "--test", "durability", "chaos"]);
    test.args(["--", "--nocapture", "--test-threads=1"]);
    test.env("BANQ_CHAOS_PAYMENTS", payments.unwrap_or(PAYMENTS));
    test.env("BANQ_CHAOS_KILLS", kills.unwrap_or(KILLS));
    run::show(test.env("BANQ_POSTGRES_BIN", postgres))
}

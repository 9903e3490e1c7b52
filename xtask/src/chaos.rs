//! The fault test in its full size, and the figures of `docs/scaling.md`.

use crate::error::Error;
use crate::{run, setup};

/// What the full size is; the ordinary tests run a short one.
const PAYMENTS: &str = "1000";
const KILLS: &str = "200";

/// Many payments through the real program, which is killed at random: on SQLite, then as two instances over
/// PostgreSQL.
pub(crate) fn start(payments: Option<&str>, kills: Option<&str>) -> Result<(), Error> {
    let postgres = setup::postgres()?;
    let mut test = run::cargo();
    test.args(["test", "--quiet", "-p", "banq-intermediary", "--test", "durable", "chaos"]);
    test.args(["--", "--nocapture", "--test-threads=1"]);
    test.env("BANQ_CHAOS_PAYMENTS", payments.unwrap_or(PAYMENTS));
    test.env("BANQ_CHAOS_KILLS", kills.unwrap_or(KILLS));
    run::show(test.env("BANQ_POSTGRES_BIN", postgres))
}

/// How fast it is on this machine, on both databases.
pub(crate) fn measure() -> Result<(), Error> {
    let postgres = setup::postgres()?;
    let mut test = run::cargo();
    test.args(["test", "--release", "--quiet", "-p", "banq-intermediary", "--test", "durable", "measure"]);
    test.args(["--", "--ignored", "--nocapture"]);
    run::show(test.env("BANQ_POSTGRES_BIN", postgres))
}

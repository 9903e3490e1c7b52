//! The fault matrix: what can happen to a database, on SQLite and on PostgreSQL, while payments go on.
//!
//! In each cell nothing that was answered 200 is lost, a fault that stops the work is seen at `/readyz` within ten
//! seconds, work goes on by itself within ten seconds of its end, nothing is answered 500, and the shop is told of every
//! payment under one id.
//!
//! - [`trial`]: a server, shoppers, and what is checked
//! - [`fault`]: how a fault begins and ends
//! - [`preload`]: a library that makes files and clock of one process fail; [`room`]: a small disk
//! - [`group`]: a kill within the commit of many webhooks
//! - [`single`]: what is no cell: one server per file, a file that is gone, secrets, credentials, the worker
//!
//! A cell that cannot be set up on a machine (no compiler, no right to mount) says so and passes.

mod fault;
mod group;
mod preload;
mod program;
mod room;
mod single;
mod trial;

use self::{fault::Fault, trial::run};
use crate::app::On;

macro_rules! cells {
    ($($fault:ident: $sqlite:ident, $postgres:ident;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sqlite() {
                run(Fault::$fault, On::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $postgres() {
                run(Fault::$fault, On::Postgres).await;
            }
        )+
    };
}

cells! {
    DiskFull: disk_full_sqlite, disk_full_postgres;
    ReadOnly: read_only_sqlite, read_only_postgres;
    IoError: io_error_sqlite, io_error_postgres;
    Locked: locked_sqlite, locked_postgres;
    Killed: killed_sqlite, killed_postgres;
    FailedOver: moved_away_sqlite, failed_over_postgres;
    UsedUp: connections_used_up_sqlite, connections_used_up_postgres;
    ClockAhead: clock_ahead_sqlite, clock_ahead_postgres;
    ClockBehind: clock_behind_sqlite, clock_behind_postgres;
}

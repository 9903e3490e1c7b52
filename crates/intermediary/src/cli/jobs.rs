//! `jobs list`: jobs that were given up and are only retried every hour.

use std::{path::Path, process::ExitCode};

use clap::Subcommand;
use serde_json::json;

use super::{failure::Failure, output::Output, page::Page};
use crate::{DatabaseSettings, GivenUpJob, Operator};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists jobs that failed too often, with the last error, the next retry first.
    List(Page),
}

pub(super) async fn run(
    config: Option<&Path>,
    command: Command,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let Command::List(page) = command;
    let operator = Operator::open_database_to_read(&DatabaseSettings::load(config)?).await?;
    let jobs = operator.given_up_jobs(page.limit).await;
    operator.close().await;
    let jobs = jobs?;
    output.print(&Page::lines("jobs that were given up", &jobs, line), &json!({ "jobs": jobs }))?;
    Ok(ExitCode::SUCCESS)
}

fn line(job: &GivenUpJob) -> String {
    let error = job.last_error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    format!(
        "{:<12}  {}  given up {} times, next try {}{error}",
        job.kind, job.subject, job.times, job.next_try
    )
}

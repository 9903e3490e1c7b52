//! `doctor`: prints one line per check, with the fix.

use std::{path::Path, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::{failure::Failure, output::Output};
use crate::{
    Config,
    doctor::{Check, Doctor, Outcome, settings_file},
};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[arg(
        long,
        value_name = "ORIGIN",
        help = "A shop's origin to check, like https://shop.example; may be repeated. Otherwise those of \
                BANQ_ALLOWED_ORIGINS"
    )]
    origin: Vec<String>,
}

pub(super) async fn run(
    config: Option<&Path>,
    arguments: &Arguments,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let checks = match Config::load(config) {
        Ok(settings) => {
            let file = config.map(|file| settings_file(file, &settings));
            let mut checks = Doctor::new(settings)?.examine(&arguments.origin).await;
            checks.extend(file);
            checks
        }
        Err(error) => {
            say(&[Check::from(&error)], output)?;
            return Ok(ExitCode::from(2));
        }
    };
    say(&checks, output)?;
    let failed = checks.iter().any(|check| check.outcome == Outcome::Fail);
    Ok(ExitCode::from(u8::from(failed)))
}

fn say(checks: &[Check], output: &Output) -> Result<(), Failure> {
    let lines: Vec<String> = checks.iter().map(line).collect();
    Ok(output.print(&lines, &json!({ "checks": checks }))?)
}

fn line(check: &Check) -> String {
    let word = match check.outcome {
        Outcome::Ok => "ok  ",
        Outcome::Warn => "warn",
        Outcome::Fail => "FAIL",
    };
    let fix = check.fix.as_ref().map(|fix| format!(" -> {fix}")).unwrap_or_default();
    format!("{word} {}: {}{fix}", check.name, check.detail)
}

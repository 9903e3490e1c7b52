//! `webhooks register|show|test|replay-unmatched`: the webhook at the payment provider.

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    bulk::{self, Bulk},
    failure::Failure,
    output::Output,
};
use crate::{Config, DatabaseSettings, Operator, ProviderAdmin, StartError, doctor::Doctor};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Registers BANQ_PUBLIC_URL at the payment provider as the receiver of webhooks, signed with BANQ_WEBHOOK_SECRET.
    Register(Register),
    /// Shows the registration at the payment provider.
    Show,
    /// Sends one signed test webhook to BANQ_PUBLIC_URL, as the payment provider would.
    Test,
    /// Makes the running server process webhooks again whose payment no checkout had, for example after a backup was
    /// restored.
    ReplayUnmatched(Bulk),
}

#[derive(Debug, Args)]
pub(crate) struct Register {
    /// How often the payment provider retries a failed webhook.
    #[arg(long, default_value_t = 5)]
    retry_count: u32,
}

pub(super) async fn run(
    config: Option<&Path>,
    command: Command,
    output: &Output,
) -> Result<ExitCode, Failure> {
    if let Command::ReplayUnmatched(bulk) = &command {
        return replay_unmatched(&DatabaseSettings::load(config)?, bulk, output).await;
    }
    let config = Config::load(config)?;
    match command {
        // Done above: it needs the database alone.
        Command::ReplayUnmatched(_) => {}
        Command::Register(register) => {
            let report = ProviderAdmin::new(&config)
                .map_err(StartError::HttpClient)?
                .register_webhook(register.retry_count)
                .await?;
            output.print(&report.lines, &report.data)?;
        }
        Command::Show => {
            let report = ProviderAdmin::new(&config).map_err(StartError::HttpClient)?.webhook().await?;
            output.print(&report.lines, &report.data)?;
        }
        Command::Test => {
            let doctor = Doctor::new(config)?;
            match doctor.test_webhook().await {
                Ok(200) => {
                    let line = "taken: the server believed the signature and stored the webhook".to_owned();
                    output.print(&[line], &json!({ "status": 200 }))?;
                }
                Ok(401) => {
                    let text =
                        "refused: the server has another BANQ_WEBHOOK_SECRET, or a proxy changed the body";
                    return Err(Failure::Fault(text.to_owned()));
                }
                Ok(status) => {
                    return Err(Failure::Fault(format!("answered with {status}: is it this server?")));
                }
                Err(cause) => return Err(Failure::Fault(format!("cannot be delivered: {cause}"))),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn replay_unmatched(
    settings: &DatabaseSettings,
    bulk: &Bulk,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let since = bulk.since()?;
    let operator = Operator::open_database(settings).await?;
    let count = operator.replay_unmatched_webhooks(since).await;
    operator.close().await;
    bulk::print(output, count?, "unmatched webhooks", "a running server works on them")?;
    Ok(ExitCode::SUCCESS)
}

//! `webhooks register|show|test|replay-unmatched`: the webhook at Banq.

use std::{path::Path, process::ExitCode};

use banq_intermediary::{
    Config, DatabaseSettings, Operator,
    doctor::Doctor,
    open_api::{OpenApi, OpenApiError, WebhookConfig, WebhookRegistration},
};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    bulk::{self, Bulk},
    failure::Failure,
    output::Output,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Registers BANQ_PUBLIC_URL at Banq as the receiver of webhooks, signed with BANQ_WEBHOOK_SECRET.
    Register(Register),
    /// Shows the registration at Banq.
    Show,
    /// Sends one signed test webhook to BANQ_PUBLIC_URL, as Banq would.
    Test,
    /// Makes the running server process webhooks again whose payment no checkout had, for example after a backup was
    /// restored.
    ReplayUnmatched(Bulk),
}

#[derive(Debug, Args)]
pub(crate) struct Register {
    /// How often Banq retries a failed webhook.
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
            let (space, url) = (space(&config)?, config.webhook_url());
            let wanted = WebhookConfig {
                url: url.clone(),
                enabled: true,
                retry_count: register.retry_count,
                shared_secret: Some(config.banq.webhook_secret.clone()),
            };
            let how = put(&config.open_api()?, space, &wanted).await?;
            let line = format!("{how}: Banq sends webhooks of account space {space} to {url}");
            output.print(&[line], &json!({ "result": how, "accountSpaceId": space, "url": url }))?;
        }
        Command::Show => {
            let space = space(&config)?;
            show(space, &config.open_api()?.webhook_config(space).await?, output)?;
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

/// Updates the registration, or creates it.
async fn put(api: &OpenApi, space: u64, wanted: &WebhookConfig) -> Result<&'static str, OpenApiError> {
    match api.update_webhook_config(space, wanted).await {
        Ok(_) => Ok("updated"),
        Err(OpenApiError::NotFound(_)) => {
            api.create_webhook_config(space, uuid::Uuid::new_v4(), wanted).await?;
            Ok("registered")
        }
        Err(error) => Err(error),
    }
}

fn show(space: u64, known: &WebhookRegistration, output: &Output) -> Result<(), Failure> {
    let word = |enabled| if enabled { "on" } else { "off" };
    let line = format!(
        "account space {space}: {} to {}, {} repeats, types: {}",
        known.enabled.map_or("?", word),
        known.url.as_deref().unwrap_or("nowhere"),
        known.retry_count.map_or_else(|| "?".to_owned(), |count| count.to_string()),
        known.web_hook_types.join(", "),
    );
    let data = json!({
        "accountSpaceId": space, "url": known.url, "enabled": known.enabled,
        "retryCount": known.retry_count, "webHookTypes": known.web_hook_types,
    });
    Ok(output.print(&[line], &data)?)
}

fn space(config: &Config) -> Result<u64, Failure> {
    let help = "BANQ_ACCOUNT_SPACE_ID is missing: `banq-intermediary whoami` finds it";
    config.banq.account_space_id.ok_or_else(|| Failure::Usage(help.to_owned()))
}

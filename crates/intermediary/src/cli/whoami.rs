//! `whoami`: prints MERCHANT-BANQ-GUID and ACCOUNT-SPACE-ID, which are otherwise hard to find (002).

use std::{
    io::{IsTerminal, Read},
    path::Path,
    process::ExitCode,
};

use banq_intermediary::{
    Addresses, Environment, Secret,
    open_api::{Login, OpenApi, OpenApiSettings, Timeouts},
};
use clap::Args;
use serde_json::json;

use super::{failure::Failure, output::Output};

/// The merchant's own login at Banq, not the application's. The password is never an argument, which every user of the
/// machine could read: it is BANQ_MERCHANT_PASSWORD, or is read from stdin.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The merchant's email address at Banq; BANQ_MERCHANT_USERNAME by default.
    #[arg(long)]
    username: Option<String>,
}

pub(super) async fn run(
    config: Option<&Path>,
    arguments: Arguments,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let addresses = Addresses::load(config)?;
    let username = arguments.username.or_else(|| std::env::var("BANQ_MERCHANT_USERNAME").ok());
    let username = username.ok_or_else(|| {
        Failure::Usage("whose login? Give --username, or set BANQ_MERCHANT_USERNAME".to_owned())
    })?;
    let api = OpenApi::new(OpenApiSettings {
        api_url: addresses.api_url,
        auth_url: addresses.auth_url,
        login: Login::Merchant { username, password: password()? },
        timeouts: Timeouts::default(),
        direct: addresses.environment == Environment::Local,
    })
    .map_err(|error| Failure::Fault(format!("the HTTP client cannot be made: {error}")))?;
    let me = api.me().await?;
    let mut lines = Vec::new();
    for account in &me.banq_accounts {
        let name = account.name.as_deref().unwrap_or("without a name");
        // Formatted for an environment file, where a comment after a value would become part of it.
        lines.push(format!("# MERCHANT-BANQ-GUID of \"{name}\""));
        lines.push(format!("BANQ_ACCOUNT_GUID={}", account.guid));
        if let Some(space) = account.account_space_id {
            lines.push(format!("# ACCOUNT-SPACE-ID of \"{name}\""));
            lines.push(format!("BANQ_ACCOUNT_SPACE_ID={space}"));
        }
    }
    let in_an_account = |id| me.banq_accounts.iter().any(|account| account.account_space_id == Some(id));
    for space in me.account_spaces.iter().filter(|space| !in_an_account(space.id)) {
        let name = space.name.as_deref().unwrap_or("without a name");
        lines.push(format!("# ACCOUNT-SPACE-ID of \"{name}\""));
        lines.push(format!("BANQ_ACCOUNT_SPACE_ID={}", space.id));
    }
    if lines.is_empty() {
        return Err(Failure::Fault("this login has no banq account and no account space".to_owned()));
    }
    let data = json!({
        "banqAccounts": me.banq_accounts.iter().map(|account| json!({
            "guid": account.guid, "accountSpaceId": account.account_space_id, "name": account.name,
        })).collect::<Vec<_>>(),
        "accountSpaces": me.account_spaces.iter().map(|space| json!({
            "id": space.id, "name": space.name,
        })).collect::<Vec<_>>(),
    });
    output.print(&lines, &data)?;
    Ok(ExitCode::SUCCESS)
}

fn password() -> Result<Secret, Failure> {
    if let Ok(password) = std::env::var("BANQ_MERCHANT_PASSWORD") {
        return Ok(Secret::new(password));
    }
    if std::io::stdin().is_terminal() {
        let help = "set BANQ_MERCHANT_PASSWORD, or give the password on stdin (a terminal would show it)";
        return Err(Failure::Usage(help.to_owned()));
    }
    let mut password = String::new();
    std::io::stdin().take(1024).read_to_string(&mut password)?;
    Ok(Secret::new(password.trim_end_matches(['\r', '\n'])))
}

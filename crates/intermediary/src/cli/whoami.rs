//! `whoami`: prints the accounts of the merchant's own login.

use std::{
    io::{IsTerminal, Read},
    path::Path,
    process::ExitCode,
};

use clap::Args;

use super::{failure::Failure, output::Output};
use crate::{ProviderAddresses, ProviderAdmin, Secret};

/// The merchant's own login at the payment provider, not the application's. The password is never an argument, which
/// every user of the machine could read: it is BANQ_MERCHANT_PASSWORD, or is read from stdin.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The merchant's user name at the payment provider, an email address; BANQ_MERCHANT_USERNAME by default.
    #[arg(long)]
    username: Option<String>,
}

pub(super) async fn run(
    config: Option<&Path>,
    arguments: Arguments,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let addresses = ProviderAddresses::load(config)?;
    let username = arguments.username.or_else(|| std::env::var("BANQ_MERCHANT_USERNAME").ok());
    let username = username.ok_or_else(|| {
        Failure::Usage("whose login? Give --username, or set BANQ_MERCHANT_USERNAME".to_owned())
    })?;
    let report = ProviderAdmin::accounts(&addresses, username, password()?).await?;
    output.print(&report.lines, &report.data)?;
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

//! `csp`: prints the content security policy of a shop's page.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::{failure::Failure, output::Output};
use crate::PagePolicy;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The address at which browsers reach this server, as in BANQ_PUBLIC_URL.
    #[arg(long, value_name = "URL")]
    server: String,
    /// The origin of your payment links, for a page with presentation: 'iframe'.
    #[arg(long, value_name = "ORIGIN")]
    payment_page: Option<String>,
    /// The origin of the logo in the option shopLogo, if it is not the page's own.
    #[arg(long, value_name = "ORIGIN")]
    logo: Option<String>,
    /// Lets browsers report violations to this server.
    #[arg(long)]
    reports: bool,
}

impl Arguments {
    fn policy(&self) -> Result<PagePolicy, String> {
        let mut policy = PagePolicy::new(&self.server)?;
        if let Some(origin) = &self.payment_page {
            policy = policy.with_payment_page(origin)?;
        }
        if let Some(origin) = &self.logo {
            policy = policy.with_logo(origin)?;
        }
        Ok(if self.reports { policy.with_reports() } else { policy })
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let headers = arguments.policy().map_err(Failure::Usage)?.headers();
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let data: Vec<Value> =
        headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    output.print(&lines, &json!({ "headers": data }))?;
    Ok(ExitCode::SUCCESS)
}

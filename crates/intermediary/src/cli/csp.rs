//! `csp`: prints the content security policy of a shop's page.

use std::process::ExitCode;

use banq_intermediary::PagePolicy;
use clap::Args;
use serde_json::{Value, json};

use super::{failure::Failure, output::Output};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The address at which browsers reach this server, like https://pay.shop.example.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    server: String,
    /// The origin of your payment links, for a page with presentation: 'iframe'.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    payment_page: Option<String>,
    /// The origin of the logo in the option shopLogo, if it is not the page's own.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    logo: Option<String>,
    /// Lets browsers report violations to this server.
    #[arg(long)]
    reports: bool,
}

fn origin(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text)
        .map_err(|error| format!("not an origin such as https://pay.shop.example: {error}"))?;
    let origin = url.origin().ascii_serialization();
    if text.trim_end_matches('/') == origin {
        Ok(origin)
    } else {
        Err(format!("write the origin alone: {origin}"))
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let policy = PagePolicy {
        server: &arguments.server,
        payment_page: arguments.payment_page.as_deref(),
        logo: arguments.logo.as_deref(),
        reports: arguments.reports,
    };
    let headers = policy.headers();
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let data: Vec<Value> =
        headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    output.print(&lines, &json!({ "headers": data }))?;
    Ok(ExitCode::SUCCESS)
}

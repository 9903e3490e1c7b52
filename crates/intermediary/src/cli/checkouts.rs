//! `checkouts list|show|replay|settle`: link requests, their results, and the cause of each change.

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::json;
use wire::Status;

use super::{
    bulk::{self, Bulk},
    failure::Failure,
    output::Output,
    page::Page,
};
use crate::{AuditEntry, CheckoutDetails, DatabaseSettings, Operator};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the newest checkouts, newest first.
    List(List),
    /// Shows one checkout and its history, oldest line first.
    Show(Named),
    /// Makes the running server ask the payment provider about a checkout now: about one by its id, or about many.
    Replay(Replay),
    /// Closes the case of a checkout whose money is in question, after a person has settled it: the checkout is no
    /// longer counted, and its order can get another link. Never makes an order paid.
    Settle(Named),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of this order.
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Only those whose money is in question and not yet settled.
    #[arg(long)]
    in_question: bool,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The checkout's id, as in `checkouts list` and in the logs.
    #[arg(value_name = "ID", conflicts_with_all = ["status", "since", "all"])]
    id: Option<String>,
    /// Many: those with this status, by the time of their last change.
    #[arg(long, value_parser = PossibleValuesParser::new(Status::ALL.map(Status::as_str)))]
    status: Option<String>,
    #[command(flatten)]
    bulk: Bulk,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The checkout's id, as in `checkouts list` and in the logs.
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn run(
    config: Option<&Path>,
    command: Command,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let settings = DatabaseSettings::load(config)?;
    let operator = match &command {
        Command::List(_) | Command::Show(_) => Operator::open_database_to_read(&settings).await?,
        Command::Replay(_) | Command::Settle(_) => Operator::open_database(&settings).await?,
    };
    let done = answer(&operator, command, output).await;
    operator.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn answer(operator: &Operator, command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::List(List { order, in_question, page }) => {
            let checkouts = match in_question {
                true => operator.checkouts_in_question(order.as_deref(), page.limit).await?,
                false => operator.checkouts(order.as_deref(), page.limit).await?,
            };
            let lines = Page::lines("checkouts", &checkouts, line);
            output.print(&lines, &json!({ "checkouts": checkouts }))?;
        }
        Command::Show(Named { id }) => {
            let (checkout, history) = operator.checkout(&id).await?;
            let mut lines = facts(&checkout);
            lines.extend(history.iter().map(audit_line));
            output.print(&lines, &json!({ "checkout": checkout, "history": history }))?;
        }
        Command::Replay(Replay { id: Some(id), .. }) => {
            operator.look_again(&id).await?;
            let line =
                format!("due: a running server asks the payment provider about checkout {id} within seconds");
            output.print(&[line], &json!({ "result": "due", "checkoutId": id }))?;
        }
        Command::Replay(Replay { id: None, status, bulk }) => {
            let status =
                status.ok_or_else(|| Failure::Usage("say which: an ID, or --status STATUS".to_owned()))?;
            let count = operator.look_again_at_all(&status, bulk.since()?).await?;
            bulk::print(
                output,
                count,
                &format!("{status} checkouts"),
                "a running server asks the payment provider about them",
            )?;
        }
        Command::Settle(Named { id }) => {
            operator.settle(&id).await?;
            let line =
                format!("settled: checkout {id} is no longer in question; its order can get another link");
            output.print(&[line], &json!({ "result": "settled", "checkoutId": id }))?;
        }
    }
    Ok(())
}

fn line(checkout: &CheckoutDetails) -> String {
    format!(
        "{:<24}  {:<10}  {:>10} {}  {}  order {}{}",
        checkout.created_at,
        checkout.status,
        checkout.funds,
        checkout.currency,
        checkout.checkout_id,
        checkout.order_id,
        issue(checkout),
    )
}

/// Returns the issue of a checkout whose money is in question, in parentheses.
fn issue(checkout: &CheckoutDetails) -> String {
    let Some(issue) = &checkout.issue else { return String::new() };
    let detail = checkout.issue_detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    let settled = checkout.settled_at.as_ref().map(|at| format!(", settled {at}")).unwrap_or_default();
    format!("  ({issue}{detail}{settled})")
}

fn facts(checkout: &CheckoutDetails) -> Vec<String> {
    let reason = checkout.fail_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    [
        ("checkout", checkout.checkout_id.clone()),
        ("order", checkout.order_id.clone()),
        ("status", format!("{}{reason}{}", checkout.status, issue(checkout))),
        ("funds", format!("{} {}", checkout.funds, checkout.currency)),
        ("comment", checkout.comment.clone()),
        ("schedule", checkout.schedule.clone()),
        ("payment", checkout.payment_id.clone().unwrap_or_else(|| "not known yet".to_owned())),
        ("created", checkout.created_at.clone()),
        ("updated", checkout.updated_at.clone()),
        ("expires", checkout.expires_at.clone()),
    ]
    .map(|(name, value)| format!("{name:<9} {value}"))
    .into()
}

fn audit_line(entry: &AuditEntry) -> String {
    let reason = entry.fail_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let issue = entry.issue.as_ref().map(|issue| {
        let detail = entry.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        format!(" ({issue}{detail})")
    });
    let issue = issue.unwrap_or_default();
    let id = entry.cause_id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
    format!(
        "{:<24}  version {}  {:<7}  {}{reason}{issue}, by {}{id}",
        entry.at, entry.version, entry.change, entry.status, entry.cause,
    )
}

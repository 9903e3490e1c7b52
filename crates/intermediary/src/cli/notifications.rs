//! `notifications list|replay|stop`: notifications to the shop.

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{
    bulk::{self, Bulk},
    failure::Failure,
    output::Output,
    page::Page,
};
use crate::{DatabaseSettings, Notification, NotificationState, Operator};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the newest notifications, newest first.
    List(List),
    /// Makes the running server notify the shop again, under the same id, even if it was delivered: one by its id, or
    /// many.
    Replay(Replay),
    /// Stops notifying the shop: waiting notifications are kept and not sent. All servers must run without
    /// BANQ_FULFILMENT_URL.
    Stop,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those in this state.
    #[arg(long)]
    state: Option<State>,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// To be sent, for the first time or again.
    Waiting,
    /// The shop answered 2xx.
    Delivered,
    /// Given up: every attempt failed.
    Dead,
    /// Recorded before any server had BANQ_FULFILMENT_URL; sent only when replayed.
    Unaddressed,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The notification's id, `msg_…`: the header webhook-id.
    #[arg(value_name = "ID", conflicts_with_all = ["state", "since", "all"])]
    id: Option<String>,
    /// Many: those in this state.
    #[arg(long)]
    state: Option<State>,
    #[command(flatten)]
    bulk: Bulk,
}

impl From<State> for NotificationState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Delivered => Self::Delivered,
            State::Dead => Self::Dead,
            State::Unaddressed => Self::Unaddressed,
        }
    }
}

pub(super) async fn run(
    config: Option<&Path>,
    command: Command,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let settings = DatabaseSettings::load(config)?;
    let operator = match &command {
        Command::List(_) => Operator::open_database_to_read(&settings).await?,
        Command::Replay(_) | Command::Stop => Operator::open_database(&settings).await?,
    };
    let done = answer(&operator, command, output).await;
    operator.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn answer(operator: &Operator, command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::List(List { state, page }) => {
            let notifications = operator.notifications(state.map(Into::into), page.limit).await?;
            let lines = Page::lines("notifications", &notifications, line);
            output.print(&lines, &json!({ "notifications": notifications }))?;
        }
        Command::Replay(Replay { id: Some(id), .. }) => {
            let is_notified = operator.is_shop_notified().await?;
            operator.replay_notification(&id).await?;
            let mut lines = vec![format!("due: a running server notifies the shop {id} within seconds")];
            if !is_notified {
                let line =
                    "no server with BANQ_FULFILMENT_URL runs: the shop is notified when one is started";
                lines.push(line.to_owned());
            }
            output.print(&lines, &json!({ "result": "due", "id": id }))?;
        }
        Command::Replay(Replay { id: None, state, bulk }) => {
            let state =
                state.ok_or_else(|| Failure::Usage("say which: an ID, or --state STATE".to_owned()))?;
            let count = operator.replay_notifications(state.into(), bulk.since()?).await?;
            bulk::print(output, count, "notifications", "a running server notifies the shop")?;
        }
        Command::Stop => {
            let kept = operator.stop_telling().await?;
            let line = format!("stopped: {kept} notifications are kept and not sent; `replay` sends one");
            output.print(&[line], &json!({ "result": "stopped", "kept": kept }))?;
        }
    }
    Ok(())
}

fn line(notification: &Notification) -> String {
    let error = notification.last_error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    format!(
        "{:<24}  {:<9}  {:<16}  {}  order {}, failed {} times{error}",
        notification.created_at,
        notification.state,
        notification.event,
        notification.id,
        notification.order_id,
        notification.attempts,
    )
}

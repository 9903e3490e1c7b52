//! `dead-letters list|replay`: webhooks that were given up.

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    bulk::{self, Bulk},
    failure::Failure,
    output::Output,
    page::Page,
};
use crate::{DatabaseSettings, DeadLetter, Operator};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the newest dead letters, including replayed ones, newest first.
    List(Page),
    /// Makes the running server process a dead letter's webhook again: one by its number, or many.
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The dead letter's number, as in `dead-letters list`.
    #[arg(value_name = "ID", conflicts_with_all = ["since", "all"])]
    number: Option<i64>,
    #[command(flatten)]
    bulk: Bulk,
}

pub(super) async fn run(
    config: Option<&Path>,
    command: Command,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let settings = DatabaseSettings::load(config)?;
    let operator = match &command {
        Command::List(_) => Operator::open_database_to_read(&settings).await?,
        Command::Replay(_) => Operator::open_database(&settings).await?,
    };
    let done = answer(&operator, command, output).await;
    operator.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn answer(operator: &Operator, command: Command, output: &Output) -> Result<(), Failure> {
    match command {
        Command::List(page) => {
            let letters = operator.dead_letters(page.limit).await?;
            let lines = Page::lines("dead letters", &letters, line);
            output.print(&lines, &json!({ "deadLetters": letters }))?;
        }
        Command::Replay(Replay { number: Some(number), .. }) => {
            operator.replay_dead_letter(number).await?;
            let line = format!("due: a running server works on dead letter {number} within seconds");
            output.print(&[line], &json!({ "result": "due", "number": number }))?;
        }
        Command::Replay(Replay { number: None, bulk }) => {
            let count = operator.replay_dead_letters(bulk.since()?).await?;
            bulk::print(output, count, "dead letters", "a running server works on them")?;
        }
    }
    Ok(())
}

fn line(letter: &DeadLetter) -> String {
    let state = match &letter.replayed_at {
        Some(at) => format!("replayed {at}"),
        None => "waiting".to_owned(),
    };
    let about = letter.payment_id.as_ref().or(letter.transaction_id.as_ref());
    format!(
        "{}  {:<24}  {state}  webhook {} ({}) about {}, {} tries: {}",
        letter.number,
        letter.died_at,
        letter.webhook_id,
        letter.kind,
        about.map_or("nothing", String::as_str),
        letter.attempts,
        letter.error,
    )
}

//! The command line.
//!
//! - [`serve`]: serves until it is stopped; [`demo`]: a shop and Banq's simulator in the same process
//! - [`whoami`]: finds the merchant's ids
//! - [`webhooks`]: registers, shows and tests the webhook
//! - [`doctor`]: checks the whole set-up; [`csp`]: prints the policy of a shop's page
//! - [`checkouts`], [`dead_letters`], [`jobs`], [`notifications`]: show and change rows of the database; [`page`]
//!   limits a list, [`bulk`] selects many rows
//! - [`shell`]: completions and the manual page, for packages
//! - [`output`]: prints for people or for programs
//! - [`failure`]: a command's failure and its exit code

mod bulk;
mod checkouts;
mod csp;
mod dead_letters;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod failure;
mod jobs;
mod notifications;
mod output;
mod page;
mod serve;
mod settings;
mod shell;
mod webhooks;
mod whoami;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use self::output::Output;

/// The merchant's server between the banq checkout widget and the payment provider.
///
/// Settings are environment variables (BANQ_ENVIRONMENT, …), or the same names in lower case in a TOML file
/// (banq_environment = "local"); the environment takes precedence. `banq-intermediary settings` lists them. RUST_LOG
/// selects the log lines, which go to stderr.
///
/// Exit codes: 0 done; 1 a check failed, a fault, or a database that is missing or of another version; 2 wrong usage or
/// configuration; 3 the payment provider refused or is unreachable; 4 nothing has this id.
#[derive(Debug, Parser)]
#[command(name = "banq-intermediary", version, max_term_width = 110)]
struct Cli {
    /// A TOML file with settings.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Prints one JSON object on stdout, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until SIGTERM or Ctrl-C; the default command.
    Serve,
    /// Runs a demo shop, this server and a simulator of Banq on this machine; no money moves.
    ///
    /// Needs no settings and no network, and keeps nothing. RUST_LOG selects the log lines; default: warnings.
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
    /// Prints all settings with their defaults.
    Settings,
    /// Prints the accounts of the merchant's own login, as settings for an environment file.
    ///
    /// The only required setting is BANQ_ENVIRONMENT. The password is BANQ_MERCHANT_PASSWORD, or is read from stdin.
    Whoami(whoami::Arguments),
    /// Registers, shows and tests the webhook at the payment provider.
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Checks the whole set-up of a running server: one line per check, with the fix.
    Doctor(doctor::Arguments),
    /// Prints the content security policy of a shop's page with the widget.
    Csp(csp::Arguments),
    /// Shows, replays and settles checkouts.
    #[command(subcommand)]
    Checkouts(checkouts::Command),
    /// Shows and replays webhooks that were given up.
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    /// Shows jobs that were given up and are only retried every hour.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Shows and replays notifications to the shop.
    #[command(subcommand)]
    Notifications(notifications::Command),
    /// Prints the completions of a shell.
    Completions(shell::Completions),
    /// Prints the manual page.
    #[command(hide = true)]
    Man,
}

/// Runs the program with the arguments of the process, and returns its exit code. Ends the process itself after `--help`
/// and after wrong usage.
///
/// # Panics
/// Inside a tokio runtime.
// In the library, because a program that calls its async functions would compile the whole server again.
#[tokio::main]
pub async fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.json);
    let config = cli.config.as_deref();
    let done = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(config).await,
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => demo::run(&arguments, &output).await,
        Command::Settings => settings::run(&output),
        Command::Whoami(arguments) => whoami::run(config, arguments, &output).await,
        Command::Webhooks(command) => webhooks::run(config, command, &output).await,
        Command::Doctor(arguments) => doctor::run(config, &arguments, &output).await,
        Command::Csp(arguments) => csp::run(&arguments, &output),
        Command::Checkouts(command) => checkouts::run(config, command, &output).await,
        Command::DeadLetters(command) => dead_letters::run(config, command, &output).await,
        Command::Jobs(command) => jobs::run(config, command, &output).await,
        Command::Notifications(command) => notifications::run(config, command, &output).await,
        Command::Completions(arguments) => shell::completions(&arguments),
        Command::Man => shell::manual(),
    };
    done.unwrap_or_else(|failure| {
        output.failure(&failure);
        failure.exit_code()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_serves_by_default() {
        Cli::command().debug_assert();
        assert!(Cli::try_parse_from(["banq-intermediary"]).unwrap().command.is_none());
        let cli = Cli::try_parse_from(["banq-intermediary", "webhooks", "show", "--json"]).unwrap();
        assert!(cli.json && matches!(cli.command, Some(Command::Webhooks(webhooks::Command::Show))));
        let cli =
            Cli::try_parse_from(["banq-intermediary", "notifications", "list", "--state", "dead"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Notifications(notifications::Command::List(_)))));
        assert!(Cli::try_parse_from(["banq-intermediary", "checkouts", "list", "--limit", "0"]).is_err());
        assert!(Cli::try_parse_from(["banq-intermediary", "wibble"]).is_err());
    }
}

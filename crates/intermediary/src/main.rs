//! The program: reads its settings, serves until SIGTERM or Ctrl-C, and stops in order.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use banq_intermediary::{Config, Server};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

const USAGE: &str = "\
banq-intermediary [--config FILE]

Serves the banq checkout's intermediary. Settings are environment variables (BANQ_ENVIRONMENT, …), or the same
names in lower case in a TOML file; the environment wins. RUST_LOG chooses the log lines, which go to stderr.";

/// What the command line asks for.
enum Command {
    Serve { config: Option<PathBuf> },
    Say(&'static str),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("banq-intermediary: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let config = match command()? {
        Command::Serve { config } => config,
        Command::Say(text) => {
            println!("{text}");
            return Ok(());
        }
    };
    let config = Config::load(config.as_deref())?;
    log();
    // Listened for before anybody is told that the server runs: whoever reads that line may stop it.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let server = Server::start(config).await?;
    println!("banq-intermediary listens on {}", server.url());
    std::io::stdout().flush()?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

fn command() -> Result<Command, String> {
    let mut arguments = std::env::args().skip(1);
    let mut config = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--config" => config = Some(arguments.next().ok_or("--config needs the path of a file")?.into()),
            "--help" | "-h" => return Ok(Command::Say(USAGE)),
            "--version" | "-V" => return Ok(Command::Say(env!("CARGO_PKG_VERSION"))),
            _ => return Err(format!("unknown argument {argument}\n\n{USAGE}")),
        }
    }
    Ok(Command::Serve { config })
}

/// For people on a terminal, for programs elsewhere.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() { lines.init() } else { lines.json().init() }
}

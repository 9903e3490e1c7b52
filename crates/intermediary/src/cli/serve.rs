//! `serve`: reads the settings, serves until SIGTERM or Ctrl-C, and stops in order.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::failure::Failure;
use crate::{Config, Environment, Server, doctor::settings_file};

pub(super) async fn run(config: Option<&Path>) -> Result<ExitCode, Failure> {
    let file = config;
    let config = Config::load(file)?;
    log("info");
    Server::forbid_core_dumps(&config);
    if let Some(check) = file.map(|file| settings_file(file, &config)).filter(|check| check.fix.is_some()) {
        tracing::warn!(fix = check.fix, "{}", check.detail);
    }
    if !config.serves_widget() && config.environment == Environment::Local {
        tracing::info!(
            fix = "build it with `trunk build --release` in the repository and start the server there, or set \
                   BANQ_WIDGET_DIR to its folder",
            "no widget is served"
        );
    }
    // Installed before the log says that the server runs: a program that reads that line may stop the server at once.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let server = Server::start(config).await?;
    // Whether anybody reads this line or not, it serves.
    let mut out = std::io::stdout();
    let _ = writeln!(out, "banq-intermediary listens on {}", server.url()).and_then(|()| out.flush());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The database driver's messages about its settings, at any level: they quote the settings and lines of password
/// files.
const SILENT: [&str; 3] =
    ["sqlx_postgres::options", "sqlx_postgres::options::parse", "sqlx_postgres::options::pgpass"];

/// Logs lines from this level on, unless RUST_LOG says another; text to a terminal, and JSON otherwise. A line contains
/// its span, not the list of spans too: no span of this server is inside another.
pub(super) fn log(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let silent = SILENT.iter().filter_map(|target| format!("{target}=off").parse().ok());
    let filter = silent.fold(filter, EnvFilter::add_directive);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // The server continues after the reader of its log has closed the pipe.
    let lines = lines.log_internal_errors(false);
    if std::io::stderr().is_terminal() { lines.init() } else { lines.json().with_span_list(false).init() }
}

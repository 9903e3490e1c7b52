//! The stand-in as a program: `banq-simulator`, set up by the environment variables of
//! [`Config::from_env`].

use std::{io, process::ExitCode};

use banq_simulator::{Config, Error, Simulator};

#[tokio::main]
async fn main() -> ExitCode {
    let simulator = match start().await {
        Ok(simulator) => simulator,
        Err(error) => {
            eprintln!("banq-simulator: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("Banq simulator: a local stand-in, no money moves.");
    println!("  listens on   {}", simulator.url());
    println!("  phone app    {}/app", simulator.public_url());
    println!("  Open API     {}", simulator.api_url());
    println!("  tokens       {}", simulator.auth_url());
    println!("Ctrl-C stops it.");
    let stopped = asked_to_stop().await;
    simulator.stop().await;
    match stopped {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("banq-simulator: cannot wait for Ctrl-C: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<Simulator, Error> {
    Simulator::start(Config::from_env()?).await
}

/// Waits for Ctrl-C or SIGTERM.
#[cfg(unix)]
async fn asked_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

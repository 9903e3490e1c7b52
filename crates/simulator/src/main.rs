//! The program `banq-simulator`, configured by the environment variables of [`Config::from_env`].

use std::{io, process::ExitCode};

use banq_simulator::{Config, Error, Simulator};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("banq-simulator: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    // Installed before the first line is printed: a program that reads that line may stop the simulator at once.
    let asked_to_stop = stop_signal().map_err(|cause| format!("cannot listen for Ctrl-C: {cause}"))?;
    let simulator = start().await.map_err(|error| error.to_string())?;
    println!("Banq simulator: no money moves.");
    println!("  listens on   {}", simulator.url());
    println!("  phone app    {}/app", simulator.public_url());
    println!("  Open API     {}", simulator.api_url());
    println!("  tokens       {}", simulator.auth_url());
    println!("Ctrl-C stops it.");
    asked_to_stop.await;
    simulator.stop().await;
    Ok(())
}

async fn start() -> Result<Simulator, Error> {
    Simulator::start(Config::from_env()?).await
}

/// Returns a future that ends on Ctrl-C or SIGTERM; installs the handlers now.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Returns a future that ends on Ctrl-C; installs the handler now.
#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

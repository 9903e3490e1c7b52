//! The program `banq-simulator`, configured by the environment variables of [`Config::from_env`].

use std::{
    io::{self, Write},
    process::ExitCode,
};

use banq_simulator::{Config, Error, Simulator};

/// What `--help` prints.
const HELP: &str = "\
A simulator of Banq: token endpoint, Open API, payment pages, phone app and webhooks. No money moves.

Usage: banq-simulator [--help | --version]

It runs until Ctrl-C or SIGTERM. Settings are environment variables:
  SIMULATOR_LISTEN          where it listens (127.0.0.1:8081)
  SIMULATOR_PUBLIC_URL      the address that payment links are made of (where it listens)
  SIMULATOR_WEBHOOK_URL     where webhooks go from the start; only with SIMULATOR_WEBHOOK_SECRET
  SIMULATOR_WEBHOOK_SECRET  what they are signed with
  SIMULATOR_CLIENT_ID       the client id that it accepts (demo-client)
  SIMULATOR_USERNAME        the user name that it accepts (demo-merchant)
  SIMULATOR_PASSWORD        the password that it accepts (demo-password)

Exit codes: 0 done; 1 it did not start; 2 an unknown argument.
";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => match run().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(sentence) => {
                complain(&sentence);
                ExitCode::FAILURE
            }
        },
        ["-h" | "--help"] => {
            say(HELP);
            ExitCode::SUCCESS
        }
        ["-V" | "--version"] => {
            say(concat!("banq-simulator ", env!("CARGO_PKG_VERSION"), "\n"));
            ExitCode::SUCCESS
        }
        unknown => {
            complain(&format!("unknown arguments: {}; try --help", unknown.join(" ")));
            ExitCode::from(2)
        }
    }
}

/// Prints the text; a closed pipe is not an error.
fn say(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "banq-simulator: {sentence}");
}

async fn run() -> Result<(), String> {
    // Installed before the first line is printed: a program that reads that line may stop the simulator at once.
    let asked_to_stop = stop_signal().map_err(|cause| format!("cannot listen for Ctrl-C: {cause}"))?;
    let simulator = start().await.map_err(|error| error.to_string())?;
    say(&format!(
        "Banq simulator: no money moves.\n  listens on   {}\n  phone app    {}/app\n  Open API     {}\n  tokens       {}\n\
         Ctrl-C stops it.\n",
        simulator.url(),
        simulator.public_url(),
        simulator.api_url(),
        simulator.auth_url(),
    ));
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

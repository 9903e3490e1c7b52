//! The library's start and stop, and the program around it.

use std::process::{Command, Stdio};

use banq_simulator::{Config, Error, Simulator};

use crate::helpers::{Merchant, config, within_deadline};

#[tokio::test]
async fn a_taken_port_is_one_clear_sentence() {
    let merchant = Merchant::new().await;
    let listen = merchant.sim.url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Simulator::start(Config { listen, ..config() }).await.unwrap_err();
    assert!(matches!(error, Error::AddressTaken(address) if address == listen));
    let text = error.to_string();
    assert!(text.contains(&listen.to_string()) && text.contains("SIMULATOR_LISTEN"), "{text}");
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_deliveries_that_wait() {
    let (merchant, receiver) = Merchant::with_webhooks().await;
    merchant.control.update_scenarios(|scenarios| scenarios.webhooks.delay_ms = 60_000);
    merchant.link().await;
    let listen = merchant.sim.url().strip_prefix("http://").unwrap().parse().unwrap();
    within_deadline(merchant.sim.stop()).await;
    assert!(receiver.is_empty());
    within_deadline(Simulator::start(Config { listen, ..config() }).await.unwrap().stop()).await;
}

#[tokio::test]
async fn dropping_it_stops_it() {
    let merchant = Merchant::new().await;
    let listen = merchant.sim.url().strip_prefix("http://").unwrap().parse().unwrap();
    drop(merchant);
    // The port is free as soon as the task has noticed; nothing tells of that moment.
    let restarted = async {
        loop {
            match Simulator::start(Config { listen, ..config() }).await {
                Ok(simulator) => break simulator,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    within_deadline(restarted).await;
}

#[test]
fn the_program_names_a_bad_setting_and_a_taken_port() {
    let run = |listen: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_banq-simulator"));
        let output = program.env("SIMULATOR_LISTEN", listen).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = run("nowhere");
    assert!(text.contains("SIMULATOR_LISTEN must be an address and a port"), "{text}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = run(&taken.local_addr().unwrap().to_string());
    assert!(text.contains("is taken by another program"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn program_prints_help_and_starts_nothing() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let run = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_banq-simulator"));
        // Where a start would fail with exit code 1.
        program.env("SIMULATOR_LISTEN", taken.local_addr().unwrap().to_string());
        let output = program.args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    for help in ["--help", "-h"] {
        let (code, out, error) = run(&[help]);
        assert!(code == 0 && error.is_empty(), "{code} {error}");
        for name in ["Usage: banq-simulator", "SIMULATOR_LISTEN", "SIMULATOR_WEBHOOK_SECRET"] {
            assert!(out.contains(name), "{out}");
        }
    }
    let version = format!("banq-simulator {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]), (0, version, String::new()));
    for arguments in [&["--wibble"][..], &["wibble"], &["--help", "wibble"], &[""]] {
        let (code, out, error) = run(arguments);
        assert!(code == 2 && out.is_empty() && error.contains("--help"), "{arguments:?}: {code} {error}");
    }
}

/// Every variable that is read stands in the help text.
#[test]
fn help_names_every_setting() {
    let source = include_str!("../../src/config.rs");
    let output = Command::new(env!("CARGO_BIN_EXE_banq-simulator")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let names = source.split("read(\"SIMULATOR_").skip(1).map(|rest| rest.split('"').next().unwrap());
    let names: Vec<&str> = names.collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        assert!(help.contains(&format!("SIMULATOR_{name} ")), "{name}");
    }
}

/// Ctrl-C and SIGTERM both end the program in good order.
#[cfg(unix)]
#[test]
fn a_signal_stops_the_program_gracefully() {
    use std::io::{BufRead, BufReader};

    for signal in ["-INT", "-TERM"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_banq-simulator"))
            .env("SIMULATOR_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Ctrl-C stops it")));
        Command::new("kill").args([signal, &program.id().to_string()]).status().unwrap();
        assert!(program.wait().unwrap().success(), "{signal}");
    }
}

//! The program's commands where little is set, wrong, or there: what they ask for and how they end.

use std::{collections::BTreeMap, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::helpers::{API_KEY, TestApp, get, read_until, settings_for, within_deadline};

const PROGRAM: &str = env!("CARGO_BIN_EXE_banq-intermediary");

/// Exit code, stdout and stderr of the program with these settings and no others.
async fn run(settings: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(PROGRAM);
    command.env_clear().envs(settings.iter().copied()).args(arguments).stdin(Stdio::null());
    let output = within_deadline(command.output()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A shop whose database is in this folder, with one checkout.
async fn app_in(folder: &tempfile::TempDir) -> (TestApp, String) {
    let database = format!("sqlite://{}", folder.path().join("a.sqlite").display());
    let app = TestApp::with(&[("BANQ_DATABASE_URL", &database)], |_| {}).await;
    app.link("1").await;
    (app, database)
}

#[tokio::test]
async fn commands_of_the_database_need_its_setting_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (app, database) = app_in(&folder).await;
    let id = app.link("2").await["checkoutId"].as_str().unwrap().to_owned();
    let settings = [("BANQ_DATABASE_URL", database.as_str())];
    for arguments in [
        &["checkouts", "list"][..],
        &["checkouts", "show", &id],
        &["checkouts", "replay", &id],
        &["checkouts", "replay", "--status", "pending", "--all"],
        &["dead-letters", "list"],
        &["dead-letters", "replay", "--all"],
        &["jobs", "list"],
        &["notifications", "list"],
        &["notifications", "replay", "--state", "dead", "--all"],
        &["notifications", "stop"],
        &["webhooks", "replay-unmatched", "--all"],
    ] {
        let (code, out, error) = run(&settings, arguments).await;
        assert!(code == 0 && error.is_empty() && !out.is_empty(), "{arguments:?}: {code} {out} {error}");
    }
    let (code, _, error) = run(&settings, &["checkouts", "settle", &id]).await;
    assert_eq!(code, 4, "{error}");
}

#[tokio::test]
async fn commands_of_the_database_refuse_an_unsafe_way_to_it() {
    let far = ("BANQ_DATABASE_URL", "postgres://u:hunter2@db.example/a");
    for settings in [&[far][..], &[far, ("BANQ_ENVIRONMENT", "production")]] {
        let (code, _, error) = run(settings, &["jobs", "list"]).await;
        assert!(code == 2 && error.contains("BANQ_DATABASE_URL") && error.contains("sslmode"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let (code, _, error) = run(&[("BANQ_ENVIRONMENT", "wibble"), far], &["jobs", "list"]).await;
    assert!(code == 2 && error.contains("BANQ_ENVIRONMENT must be"), "{error}");
}

#[tokio::test]
async fn key_without_its_prefix_is_refused_with_the_whole_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    let text = "environment = \"local\"\nListen = \"127.0.0.1:0\"\n[banq]\nclient_id = \"x\"\n";
    std::fs::write(&path, text).unwrap();
    let (code, _, error) = run(&[], &["--config", path.to_str().unwrap()]).await;
    assert_eq!(code, 2);
    for problem in [
        "environment is not a setting; did you mean banq_environment?",
        "Listen is not a setting; did you mean banq_listen?",
        "banq is not a setting: a file has the names of the environment in lower case, like banq_listen",
    ] {
        assert!(error.contains(problem), "{problem}: {error}");
    }
}

#[tokio::test]
async fn closed_pipe_ends_a_command_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let (app, database) = app_in(&folder).await;
    for order in 2..20 {
        app.link(&order.to_string()).await;
    }
    for arguments in [
        &["checkouts", "list"][..],
        &["checkouts", "list", "--json"],
        &["jobs", "list"],
        &["doctor"],
        &["--help"],
        &["checkouts", "show", "wibble", "--json"],
    ] {
        let ended = async |is_read: bool| {
            let (reader, writer) = std::io::pipe().unwrap();
            let reader = is_read.then_some(reader);
            let mut command = Command::new(PROGRAM);
            command.env_clear().env("BANQ_DATABASE_URL", &database).args(arguments).stdin(Stdio::null());
            let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
            drop(command);
            let output = within_deadline(child.wait_with_output()).await.unwrap();
            drop(reader);
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        assert_eq!(ended(false).await, ended(true).await, "{arguments:?}");
    }
}

#[tokio::test]
async fn server_continues_after_its_log_pipe_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings_for("http://127.0.0.1:9", folder.path());
    settings.insert("RUST_LOG".into(), "debug".into());
    let mut command = Command::new(PROGRAM);
    command.env_clear().envs(&settings).stdin(Stdio::null()).kill_on_drop(true);
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = within_deadline(lines.next_line()).await.unwrap().unwrap();
    let address = line.strip_prefix("banq-intermediary listens on http://").unwrap();
    drop((server.stderr.take(), lines));
    for _ in 0..3 {
        let mut socket = within_deadline(tokio::net::TcpStream::connect(address)).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, get("/healthz", &[]).as_bytes()).await.unwrap();
        assert!(read_until(&mut socket, "ok\n").await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn doctor_says_once_that_the_server_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (app, database) = app_in(&folder).await;
    let mut settings = settings_for(&app.simulator.url(), folder.path());
    settings.insert("BANQ_DATABASE_URL".into(), database);
    settings.insert("BANQ_PUBLIC_URL".into(), app.server.url());
    settings.insert("BANQ_ALLOWED_ORIGINS".into(), "https://shop.example,https://www.shop.example".into());
    settings.insert("BANQ_WIDGET_DIR".into(), folder.path().display().to_string());
    let url = app.server.url();
    let app = within_deadline(app.stop_server()).await;
    let (code, out, _) = run(&pairs(&settings), &["doctor"]).await;
    let failed: Vec<&str> = out.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(code == 1 && failed.len() == 1, "{out}");
    assert!(failed[0].starts_with(&format!("FAIL reachable: {url}: ")), "{out}");
    assert!(failed[0].contains(" -> start the server"), "{out}");
    for name in ["signature", "cors", "stream", "widget"] {
        assert!(failed[0].contains(name), "what was left out is named: {out}");
        assert!(!out.lines().any(|line| line[5..].starts_with(&format!("{name}:"))), "{out}");
    }
    drop(app);
}

#[tokio::test]
async fn doctor_says_once_that_banq_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let (app, database) = app_in(&folder).await;
    let mut settings = settings_for("http://127.0.0.1:9", folder.path());
    settings.insert("BANQ_DATABASE_URL".into(), database);
    settings.insert("BANQ_PUBLIC_URL".into(), app.server.url());
    let (_, out, _) = run(&pairs(&settings), &["doctor"]).await;
    let about_banq = ["credentials", "account", "clock", "registration"];
    let lines = out.lines().filter(|line| about_banq.iter().any(|name| line[5..].starts_with(name)));
    assert_eq!(lines.count(), 1, "{out}");
    assert!(out.starts_with("FAIL credentials: Banq's token endpoint: cannot be reached"), "{out}");
}

#[tokio::test]
async fn doctor_compares_clocks_with_a_banq_that_gives_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let banq = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(|| async { axum::http::StatusCode::NOT_IMPLEMENTED });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (_, out, _) = run(&pairs(&settings_for(&banq, folder.path())), &["doctor"]).await;
    assert!(out.starts_with("FAIL credentials: ") && out.contains("\nok   clock: "), "{out}");
    assert!(!out.contains("registration: ") && !out.contains("account: "), "{out}");
}

#[tokio::test]
async fn all_that_is_wrong_with_the_settings_comes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    std::fs::write(&path, "banq_username = 1.5\nwibble = 1\n").unwrap();
    let settings = [
        ("BANQ_ENVIRONMENT", "production"),
        ("BANQ_LISTEN", "wibble"),
        ("BANQ_API_KEY", "short"),
        ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
        ("BANQ_PUBLIC_URL", "wibble"),
        ("BANQ_RETENTION_DAYS", "1"),
        ("BANQ_DATABASE_URL", "postgres://u:p@db.example/a"),
    ];
    let (code, _, error) = run(&settings, &["--config", path.to_str().unwrap()]).await;
    assert_eq!(code, 2);
    for problem in [
        // Wrong with the file.
        "banq_username must be a string",
        "wibble is not a setting",
        // Missing or unreadable.
        "BANQ_CLIENT_ID is missing",
        "BANQ_PASSWORD is missing",
        "BANQ_WEBHOOK_SECRET is missing",
        "BANQ_ACCOUNT_GUID is missing",
        "BANQ_LISTEN must be",
        "BANQ_PUBLIC_URL must be",
        // Contradictory or weak.
        "BANQ_API_KEY is too short",
        "BANQ_ALLOW_CLIENT_AMOUNTS is only possible",
        "BANQ_RETENTION_DAYS is too small",
        "BANQ_DATABASE_URL leads to another machine without TLS",
    ] {
        assert!(error.contains(problem), "{problem}: {error}");
    }
    // A setting has one line, and what stands in for a missing one has none.
    let lines = error.lines().filter(|line| line.starts_with("  - ")).count();
    assert_eq!(lines, 12, "{error}");
    assert!(!error.contains("placeholder for") && !error.contains(API_KEY), "{error}");
}

fn pairs(settings: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

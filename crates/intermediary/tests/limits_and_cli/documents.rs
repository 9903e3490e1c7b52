//! The commands, settings and answers of the documents, as they stand in docs/snippets.

use std::{fs, path::Path, process::Stdio};

use banq_intermediary::Config;
use banq_testkit::{PATIENCE, Settings, changed, client, postgres, within};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::helpers::{API_KEY, TestApp, with_account_space, within_deadline};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_banq-intermediary");
const SERVER: &str = "https://pay.your-shop.example";
/// The order's token in the documents.
const TOKEN: &str = "q3ZBvC0mS9yF1tKx7LwPdg";

macro_rules! snippet {
    ($name:literal) => {
        include_str!(concat!("../../../../docs/snippets/", $name))
    };
}
pub(crate) use snippet;

/// Returns the command that runs a script in a folder, with these variables beside those of the machine.
pub(crate) fn shell(script: &str, folder: &Path, settings: &Settings) -> Command {
    let mut command = Command::new("sh");
    command.args(["-euc", script]).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BANQ_")) {
        command.env_remove(name);
    }
    command.envs(settings);
    command
}

/// Runs a script to its end, and returns what it prints.
async fn printed(script: &str, folder: &Path, settings: &Settings) -> String {
    let output = within(PATIENCE, shell(script, folder, settings).output()).await.unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{error}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) async fn answer(script: &str, settings: &Settings) -> Value {
    let text = printed(script, Path::new("."), settings).await;
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
}

/// Returns the names of all members, with those of the objects within.
fn names(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, member) in value.as_object().unwrap() {
        found.push(name.clone());
        if member.is_object() {
            found.extend(names(member).into_iter().map(|inner| format!("{name}.{inner}")));
        }
    }
    found.sort_unstable();
    found
}

pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A server whose orders need their token, and the variable that the documents' commands use.
async fn strict() -> (TestApp, Settings) {
    let app = TestApp::with(&[("BANQ_LINK_TOKENS", "required")], |_| {}).await;
    (app, [("BANQ_API_KEY".to_owned(), API_KEY.to_owned())].into())
}

#[tokio::test]
async fn the_commands_of_an_order_have_the_answers_of_the_documents() {
    let (app, key) = strict().await;
    let here = |script: &str| script.replace(SERVER, &app.server.url());
    let order = answer(&here(snippet!("order.sh")), &key).await;
    let documented = parsed(snippet!("order-answer.json"));
    assert_eq!(names(&order), names(&documented));
    let token = order["data"]["linkToken"].as_str().unwrap();
    assert_eq!(token.len(), TOKEN.len());

    let refused = answer(&here(snippet!("link.sh")), &key).await;
    let mut documented = parsed(snippet!("problem.json"));
    documented["requestId"] = refused["requestId"].clone();
    assert_eq!(refused, documented, "with another token");

    let link = answer(&here(snippet!("link.sh")).replace(TOKEN, token), &key).await;
    let documented = parsed(snippet!("link-answer.json"));
    assert_eq!(names(&link), names(&documented));
    let plain = |value: &Value, name: &str| value["data"][name].as_str().unwrap().to_owned();
    for name in ["orderId", "funds", "currency", "comment", "status"] {
        assert_eq!(plain(&link, name), plain(&documented, name));
    }
    assert!(
        plain(&link, "url").contains("#banq-checkout=")
            && plain(&documented, "url").contains("#banq-checkout=")
    );

    let withdrawn = answer(&here(snippet!("withdraw.sh")), &key).await;
    assert_eq!(withdrawn["data"]["orderId"], "A7Q2-9XKD");
    let gone = answer(&here(snippet!("link.sh")).replace(TOKEN, token), &key).await;
    assert_eq!((&gone["status"], &gone["code"]), (&json!(410), &json!("order_withdrawn")));
}

#[tokio::test]
async fn an_order_that_repeats_is_taken_as_documented() {
    let (app, _) = strict().await;
    let order = parsed(snippet!("repeating-order.json"));
    let answer = app.send(reqwest::Method::PUT, "/orders/repeating", Some(API_KEY), &order).await;
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"]["frequency"], "monthly");
}

#[tokio::test]
async fn the_command_for_a_secret_makes_one() {
    let secret = printed(snippet!("fulfilment-secret.sh"), Path::new("."), &Settings::new()).await;
    let settings = banq_testkit::settings("http://127.0.0.1:9", "sqlite://unused.sqlite");
    let with = |secret: &str| {
        let url = ("BANQ_FULFILMENT_URL", "http://127.0.0.1:9/");
        Config::from_map(&changed(settings.clone(), &[url, ("BANQ_FULFILMENT_SECRET", secret)]))
    };
    assert!(with(secret.trim()).is_ok(), "{secret}");
    assert!(with("secret").is_err());
}

#[tokio::test]
async fn the_doctor_is_called_as_documented() {
    let app = banq_testkit::TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ecommerce.js"), "the loader").unwrap();
    fs::copy(PROGRAM, folder.path().join("banq-intermediary")).unwrap();
    let widget = folder.path().display().to_string();
    let mut settings = with_account_space(app.settings());
    settings.insert("BANQ_WIDGET_DIR".to_owned(), widget.clone());
    let server = app.serve(Config::from_map(&settings).unwrap()).await;
    settings.insert("BANQ_PUBLIC_URL".to_owned(), server.url());
    settings.insert("BANQ_LISTEN".to_owned(), server.url().replace("http://", ""));
    let lines: String = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let file = folder.path().join("settings.env");
    fs::write(&file, lines).unwrap();
    let script = snippet!("doctor.sh").replace("/etc/banq-intermediary.env", &file.display().to_string());
    let path = format!("{widget}:{}", std::env::var("PATH").unwrap());
    let output =
        within(PATIENCE, shell(&script, folder.path(), &[("PATH".to_owned(), path)].into()).output());
    let output = String::from_utf8(output.await.unwrap().stdout).unwrap();
    assert!(output.contains("ok   credentials") && output.contains("ok   database"), "{output}");
}

#[tokio::test]
async fn a_backup_is_made_and_put_back_as_documented() {
    let app = TestApp::start().await;
    app.link("saved").await;
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("database");
    fs::create_dir(&database).unwrap();
    let live = app.folder().join("test.sqlite");
    let here = |script: &str| {
        let script =
            script.replace("/var/lib/banq-intermediary/intermediary.sqlite", &live.display().to_string());
        let script = script.replace("/var/lib/banq-intermediary", &database.display().to_string());
        script.replace("/var/backups", &folder.path().display().to_string())
    };
    printed(&here(snippet!("backup.sh")), folder.path(), &Settings::new()).await;

    // What stands there when it is put back: an older file, and the log of another.
    fs::write(database.join("intermediary.sqlite"), "old").unwrap();
    fs::write(database.join("intermediary.sqlite-wal"), "another").unwrap();
    let calls = folder.path().join("calls");
    let systemctl = folder.path().join("systemctl");
    fs::write(&systemctl, format!("#!/bin/sh\necho $* >> {}\n", calls.display())).unwrap();
    printed("chmod +x systemctl", folder.path(), &Settings::new()).await;
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    printed(&here(snippet!("restore.sh")), folder.path(), &[("PATH".to_owned(), path)].into()).await;
    let calls = fs::read_to_string(calls).unwrap();
    assert_eq!(calls, "stop banq-intermediary\nstart banq-intermediary\n");
    assert!(!database.join("intermediary.sqlite-wal").exists());

    let restored = format!("sqlite://{}", database.join("intermediary.sqlite").display());
    let settings = changed(app.settings(), &[("BANQ_DATABASE_URL", &restored)]);
    let server = banq_intermediary::Server::start(Config::from_map(&settings).unwrap()).await.unwrap();
    let order = json!({ "orderId": "saved" });
    let link = client().post(format!("{}/generate-payment-link", server.url())).json(&order).send();
    let link = within_deadline(link).await.unwrap();
    assert_eq!(link.status(), 200, "the link that was there");
}

#[tokio::test]
async fn a_dump_of_postgresql_is_made_as_documented() {
    let database = postgres::database().await;
    let app = banq_testkit::TestApp::start().await.with_database(database.clone());
    let _server = app.serve(Config::from_map(&app.settings()).unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    let programs = std::env::var("BANQ_POSTGRES_BIN").unwrap_or_default();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let settings = Settings::from([("PATH".to_owned(), path), ("BANQ_DATABASE_URL".to_owned(), database)]);
    let script = snippet!("dump.sh").replace("/var/backups", &folder.path().display().to_string());
    printed(&script, folder.path(), &settings).await;
    let list = printed("pg_restore --list intermediary.dump", folder.path(), &settings).await;
    assert!(list.contains("TABLE DATA public checkouts"), "{list}");
}

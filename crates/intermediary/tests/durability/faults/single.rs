//! What is no cell of the matrix: one server per file, a file that is gone, secrets, credentials.

use std::{fs, path::PathBuf, time::Duration};

use banq_testkit::{PASSWORD, PATIENCE, Settings, postgres};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::program::{Program, command};
use crate::app::{On, TestApp};

fn sqlite_path(app: &TestApp) -> PathBuf {
    app.settings()["BANQ_DATABASE_URL"].strip_prefix("sqlite://").unwrap().into()
}

/// Returns a test on SQLite and a server of it that is ready.
async fn served(more: &[(&str, &str)]) -> (TestApp, Program, TempDir) {
    let (app, folder) = (TestApp::new(On::Sqlite).await, tempfile::tempdir().unwrap());
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let program = Program::start(&app, more, folder.path().join("log"));
    program.becomes_ready(true).await;
    (app, program, folder)
}

/// Waits for something in a server's log.
async fn logs(program: &Program, words: &str) {
    let wait = async {
        while !program.log().contains(words) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no {words:?} in {}", program.log()));
}

#[tokio::test]
async fn a_second_server_on_one_file_is_refused_by_any_name() {
    let (app, mut program, folder) = served(&[]).await;
    let path = sqlite_path(&app);
    let link = folder.path().join("link.sqlite");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let roundabout = path.parent().unwrap().join("..").join(path.parent().unwrap().file_name().unwrap());
    for other in [path.clone(), link, roundabout.join(path.file_name().unwrap())] {
        let mut settings = app.settings();
        settings.insert("BANQ_DATABASE_URL".into(), format!("sqlite://{}", other.display()));
        let (code, said) = command(&settings, &["serve"]).await;
        assert_eq!(code, 1, "{said}");
        let line = said.lines().last().unwrap();
        assert!(line.contains(&format!("another server runs on {}", path.display())), "{line}");
        assert!(line.contains("stop that one first") && line.contains("PostgreSQL"), "{line}");
    }
    // Who only looks may, and the first one works on.
    let (code, said) = program.command(&["checkouts", "list"]).await;
    assert!(code == 0 && said.contains("no checkouts"), "{code} {said}");
    assert_eq!(app.send_webhook(&program.url).await.0, 200);
    // The lock ends with its process, however that ends.
    program.kill().await;
    program.start_again();
    program.becomes_ready(true).await;
    program.stop().await;
}

#[tokio::test]
async fn a_file_that_is_gone_takes_no_webhook() {
    type Harm = fn(&PathBuf);
    let wal = |path: &PathBuf| PathBuf::from(format!("{}-wal", path.display()));
    let harms: [(&str, Harm); 3] = [
        ("deleted", |path| fs::remove_file(path).unwrap()),
        ("replaced", |path| {
            let copy = path.with_extension("copy");
            fs::copy(path, &copy).unwrap();
            fs::rename(copy, path).unwrap();
        }),
        ("without -wal", |path| fs::remove_file(format!("{}-wal", path.display())).unwrap()),
    ];
    for (name, harm) in harms {
        let (app, program, _folder) = served(&[]).await;
        let path = sqlite_path(&app);
        assert_eq!(app.send_webhook(&program.url).await.0, 200);
        assert!(wal(&path).exists());
        harm(&path);
        for _ in 0..10 {
            assert_eq!(app.send_webhook(&program.url).await.0, 503, "{name}");
        }
        assert_eq!(app.ask(&program.url, "1").await.unwrap().0, 503, "{name}");
        program.becomes_ready(false).await;
        logs(&program, "was deleted or replaced while the server runs").await;
        assert!(program.log().contains("ERROR"), "{}", program.log());
        assert_eq!(path.exists(), name != "deleted", "an empty one would be taken for the database");
    }
}

#[tokio::test]
async fn wrong_credentials_are_said_before_a_shopper_comes() {
    let gauge = async |app: &TestApp, program: &Program| {
        let page = app.http.get(format!("{}/metrics", program.url)).send().await.unwrap();
        let page = page.text().await.unwrap();
        let line = page.lines().find(|line| line.starts_with("banq_provider_credentials_ok "));
        line.map(|line| line.rsplit_once(' ').unwrap().1.to_owned())
    };
    for (password, expected) in [("wrong", "0"), (PASSWORD, "1")] {
        let (app, program, _folder) = served(&[("BANQ_PASSWORD", password)]).await;
        let known = async {
            while gauge(&app, &program).await.as_deref() != Some(expected) {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, known).await.expect("it is never known");
        let log = program.log();
        let said = log.matches("refuses this server's credentials").count();
        assert_eq!(said, usize::from(password == "wrong"), "{log}");
        assert!(password != "wrong" || (log.contains("ERROR") && log.contains("BANQ_CLIENT_ID")), "{log}");
        assert_eq!(program.ready().await, Some(200), "it serves: a restart would mend nothing");
    }
}

#[tokio::test]
async fn a_database_url_that_is_not_understood_is_never_shown() {
    let app = TestApp::new(On::Sqlite).await;
    for url in [
        "postgres://banq:12/hunter3@127.0.0.1:9/banq",
        "postgres://banq:12?hunter3@127.0.0.1:9/banq",
        "postgres://banq:12#hunter3@127.0.0.1:9/banq",
        "postgres://banq:12@hunter3@127.0.0.1:9/banq",
        "postgres://banq@127.0.0.1:9/banq?sslpassword=hunter3",
        "postgres://banq@127.0.0.1:9/banq?sslmode=hunter3",
    ] {
        let mut settings: Settings = app.settings();
        settings.insert("BANQ_DATABASE_URL".into(), url.into());
        settings.insert("RUST_LOG".into(), "trace".into());
        let commands: [&[&str]; 4] = [&["serve"], &["doctor"], &["checkouts", "list"], &["webhooks", "test"]];
        for arguments in commands {
            let (code, said) = command(&settings, arguments).await;
            assert!(code == 2 && said.contains("BANQ_DATABASE_URL must be"), "{arguments:?}: {code} {said}");
            assert!(said.contains("percent-encode"), "{said}");
            assert!(!said.contains("hunter3"), "{url} {arguments:?}: {said}");
        }
    }
}

#[tokio::test]
async fn a_database_password_is_in_no_log_at_any_level() {
    let folder = tempfile::tempdir().unwrap();
    let database = postgres::database().await.replace("postgres@", "postgres:12%2Fhunter%3F3@");
    let app = TestApp::over(database).await;
    let more = vec![("RUST_LOG".to_owned(), "trace,sqlx_postgres::options::parse=trace".to_owned())];
    let program = Program::start(&app, more, folder.path().join("log"));
    program.becomes_ready(true).await;
    assert_eq!(app.send_webhook(&program.url).await.0, 200);
    let (_, said) = program.command(&["doctor"]).await;
    let log = program.log() + &said;
    assert!(log.contains("TRACE"), "it says a lot");
    for password in ["12/hunter?3", "12%2Fhunter%3F3", "hunter"] {
        assert!(!log.contains(password), "{password}");
    }
    program.stop().await;
}

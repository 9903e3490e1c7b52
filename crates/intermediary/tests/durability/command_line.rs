//! What a person sees and does with the program, beside a running server.

use std::time::Duration;

use banq_testkit::{PATIENCE, command, until};
use serde_json::Value;
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use crate::app::{On, TestApp};

/// Exit code, stdout and stderr of the program.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Said {
    /// `data` of its one line of JSON.
    pub(crate) fn data(&self) -> Value {
        assert_eq!((self.code, self.out.lines().count()), (0, 1), "{} {}", self.out, self.error);
        serde_json::from_str::<Value>(&self.out).unwrap()["data"].clone()
    }

    /// Its lines for people.
    pub(crate) fn lines(&self) -> Vec<&str> {
        assert_eq!(self.code, 0, "{}", self.error);
        self.out.lines().collect()
    }
}

pub(crate) async fn run(app: &TestApp, arguments: &[&str]) -> Said {
    let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &app.settings());
    let output = tokio::time::timeout(PATIENCE, command.args(arguments).output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), error: text(output.stderr) }
}

#[tokio::test]
async fn a_paid_checkout_is_listed_and_shown_with_its_history() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server().await;
        assert_eq!(run(&app, &["checkouts", "list"]).await.lines(), ["no checkouts"]);
        let (paid, payment) = app.open(&server.url(), "1").await;
        app.banq.accept(payment).await.unwrap();
        app.becomes(&server.url(), &paid, "paid").await;
        let (open, _) = app.open(&server.url(), "2").await;

        let said = run(&app, &["checkouts", "list"]).await;
        let lines = said.lines();
        assert!(lines.len() == 2 && lines[0].contains(&open) && lines[0].contains("pending"), "{lines:?}");
        for word in ["paid", "2.50 USD", &paid, "order 1"] {
            assert!(lines[1].contains(word), "{word:?} in {lines:?}");
        }
        let newest = run(&app, &["checkouts", "list", "--limit", "1", "--json"]).await.data();
        let ids = |data: &Value| -> Vec<String> {
            let all = data["checkouts"].as_array().unwrap();
            all.iter().map(|checkout| checkout["checkoutId"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&newest), [open]);
        let of_order = run(&app, &["checkouts", "list", "--order", "1", "--json"]).await.data();
        assert_eq!(ids(&of_order), [paid.as_str()]);
        assert_eq!(of_order["checkouts"][0]["status"], "paid");

        let said = run(&app, &["checkouts", "show", &paid]).await;
        let lines = said.lines();
        assert!(lines.contains(&"status    paid") && lines.contains(&"funds     2.50 USD"), "{lines:?}");
        assert!(lines.contains(&&*format!("payment   banq:{payment}")), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("begun") && line.contains("by request")), "{lines:?}");
        let last = lines.last().unwrap();
        assert!(last.contains("status   paid, by webhook "), "{lines:?}");
        let shown = run(&app, &["checkouts", "show", &paid, "--json"]).await.data();
        assert_eq!(shown["checkout"]["checkoutId"], paid);
        let history = shown["history"].as_array().unwrap();
        assert_eq!((&history[0]["change"], &history[0]["version"]), (&"begun".into(), &1.into()));
        assert_eq!(history.last().unwrap()["status"], "paid");
        server.stop().await;
    }
}

#[tokio::test]
async fn replayed_checkout_is_polled_at_once_by_the_operator() {
    let app = TestApp::new(On::Sqlite).await;
    // No webhook comes, and the server's own look only after an hour.
    let server = app.server_with(|tuning| tuning.poll_interval = Duration::from_secs(3_600)).await;
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    assert_eq!(app.status(&server.url(), &checkout).await, "pending");
    let said = run(&app, &["checkouts", "replay", &checkout]).await;
    assert!(said.lines()[0].starts_with("due: "), "{}", said.out);
    app.becomes(&server.url(), &checkout, "paid").await;
    let said = run(&app, &["checkouts", "show", &checkout]).await;
    assert!(said.lines().last().unwrap().ends_with("status   paid, by operator"), "{}", said.out);
}

#[tokio::test]
async fn dead_letters_are_listed_and_replayed_once() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.dead_after_faults = 2).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    assert_eq!(run(&app, &["dead-letters", "list"]).await.lines(), ["no dead letters"]);
    app.banq.update_scenarios(|scenarios| scenarios.api.html = true);
    app.banq.accept(payment).await.unwrap();
    let listed = || async {
        let data = run(&app, &["dead-letters", "list", "--json"]).await.data();
        data["deadLetters"].as_array().unwrap().iter().find(|letter| !letter["paymentId"].is_null()).cloned()
    };
    let number = until(listed).await["number"].to_string();
    let said = run(&app, &["dead-letters", "list"]).await;
    let line = said.lines().into_iter().find(|line| line.starts_with(&format!("{number}  "))).unwrap();
    assert!(line.contains("  waiting  ") && line.contains("cannot be understood"), "{line}");
    app.banq.update_scenarios(|scenarios| scenarios.api.html = false);
    assert!(run(&app, &["dead-letters", "replay", &number]).await.lines()[0].starts_with("due: "));
    app.becomes(&server.url(), &checkout, "paid").await;
    let again = run(&app, &["dead-letters", "replay", &number]).await;
    assert_eq!(again.code, 4);
    assert!(again.error.contains(&format!("there is no waiting dead letter {number}")), "{}", again.error);
    assert!(run(&app, &["dead-letters", "list"]).await.out.contains("  replayed 20"));
}

#[tokio::test]
async fn notifications_are_listed_by_state_and_replayed_by_id() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server_with(|tuning| tuning.fulfilment_pauses = vec![]).await;
        app.shop.answer([500]);
        let (checkout, payment) = app.open(&server.url(), "1").await;
        app.banq.accept(payment).await.unwrap();
        let listed = || async {
            let data = run(&app, &["notifications", "list", "--state", "dead", "--json"]).await.data();
            data["notifications"].as_array().unwrap().first().cloned()
        };
        let dead = until(listed).await;
        assert_eq!((&dead["checkoutId"], &dead["event"]), (&checkout.into(), &"order.paid".into()));
        let id = dead["id"].as_str().unwrap();
        let said = run(&app, &["notifications", "list"]).await;
        assert!(said.lines()[0].contains(id) && said.out.contains("answered 500"), "{}", said.out);
        assert_eq!(
            run(&app, &["notifications", "list", "--state", "delivered"]).await.lines(),
            ["no notifications"]
        );
        assert!(run(&app, &["notifications", "replay", id]).await.lines()[0].starts_with("due: "));
        let told = app.shop.told_times(2).await;
        assert_eq!((told[1].id.as_str(), told[1].answered.as_u16()), (id, 204));
        server.stop().await;
    }
}

#[tokio::test]
async fn what_there_is_not_is_said_with_an_exit_code_of_its_own() {
    let app = TestApp::new(On::Sqlite).await;
    let unmade = run(&app, &["checkouts", "list"]).await;
    assert_eq!(unmade.code, 1);
    assert!(unmade.error.contains("BANQ_DATABASE_URL: there is no file "), "{}", unmade.error);
    let server = app.server().await;
    let stranger = "0123456789abcdef0123456789abcdef";
    for (arguments, text) in [
        (["checkouts", "show", stranger], "there is no checkout 0123"),
        (["checkouts", "replay", stranger], "there is no checkout 0123"),
        (["checkouts", "show", "../../etc"], "there is no checkout ../../etc"),
        (["dead-letters", "replay", "7"], "there is no waiting dead letter 7"),
        (["notifications", "replay", "msg_0"], "there is no notification msg_0"),
    ] {
        let said = run(&app, &arguments).await;
        assert_eq!((said.code, said.out.as_str()), (4, ""), "{arguments:?} {}", said.error);
        assert!(said.error.contains(text), "{arguments:?} {}", said.error);
        let said = run(&app, &[&arguments[..], &["--json"]].concat()).await;
        let body: Value = serde_json::from_str(&said.out).unwrap();
        assert!(said.code == 4 && body["error"].as_str().unwrap().contains(text), "{body}");
    }
    for arguments in [
        &["checkouts", "show"][..],
        &["checkouts", "list", "--limit", "many"],
        &["dead-letters", "replay", "first"],
        &["notifications", "list", "--state", "lost"],
    ] {
        assert_eq!(run(&app, arguments).await.code, 2, "{arguments:?}");
    }
    server.stop().await;
}

/// The commands that only read the database.
const LOOKS: [&[&str]; 4] = [
    &["checkouts", "list"],
    &["checkouts", "show", "0123456789abcdef0123456789abcdef"],
    &["dead-letters", "list"],
    &["notifications", "list"],
];
/// The commands that make rows due again.
const REPLAYS: [&[&str]; 3] = [
    &["checkouts", "replay", "0123456789abcdef0123456789abcdef"],
    &["dead-letters", "replay", "1"],
    &["notifications", "replay", "msg_0"],
];

/// Every command says this about the database, and the doctor in a line of its own.
async fn all_say(app: &TestApp, matter: &str, fix: &str) {
    for arguments in LOOKS.into_iter().chain(REPLAYS) {
        let said = run(app, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{arguments:?} {}", said.error);
        let line = said.error.trim_end();
        assert_eq!(line.lines().count(), 1, "{line}");
        for words in ["the database of BANQ_DATABASE_URL: ", matter, fix] {
            assert!(line.contains(words), "{words:?} in {line:?}");
        }
    }
    let said = run(app, &["doctor"]).await;
    let line = said.out.lines().find(|line| line.starts_with("FAIL database: ")).unwrap_or_default();
    assert!(said.code == 1 && line.contains(matter) && line.contains(&format!(" -> {fix}")), "{}", said.out);
}

fn sqlite_path(app: &TestApp) -> String {
    app.settings()["BANQ_DATABASE_URL"].strip_prefix("sqlite://").unwrap().to_owned()
}

#[tokio::test]
async fn missing_database_is_not_created_by_a_command() {
    let app = TestApp::new(On::Sqlite).await;
    let path = sqlite_path(&app);
    all_say(&app, "there is no file ", "start the server, which makes it").await;
    assert!(!std::fs::exists(&path).unwrap());
    // A file that some other mistake made.
    std::fs::write(&path, "").unwrap();
    all_say(&app, "no server of this program was ever started on it", "start the server").await;
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);

    let app = TestApp::new(On::Postgres).await;
    all_say(&app, "no server of this program was ever started on it", "start the server").await;
    let mut database = PgConnection::connect(&app.settings()["BANQ_DATABASE_URL"]).await.unwrap();
    let tables = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'");
    assert_eq!(tables.fetch_one(&mut database).await.unwrap(), 0);
    let app = TestApp::over(format!("{}_none", app.settings()["BANQ_DATABASE_URL"])).await;
    all_say(&app, "there is no database of this name", "CREATE DATABASE").await;
}

#[tokio::test]
async fn a_database_of_an_older_server_is_left_as_it_is() {
    let app = TestApp::new(On::Sqlite).await;
    let path = sqlite_path(&app);
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut older: SqliteConnection = options.connect().await.unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut migrator = Migrator::new(folder).await.unwrap();
    migrator.migrations.to_mut().retain(|migration| migration.version <= 2);
    migrator.run_direct(None, &mut older, false).await.unwrap();
    older.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    all_say(&app, "the shape of an older version", "start the server of this version").await;
    assert!(std::fs::read(&path).unwrap() == before, "the file has changed");
    // Only a server changes it, and then all can look.
    app.server().await.stop().await;
    assert_eq!(run(&app, &["checkouts", "list"]).await.lines(), ["no checkouts"]);
}

#[tokio::test]
async fn a_database_of_a_newer_server_is_left_to_its_own_program() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        app.server().await.stop().await;
        let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'of tomorrow', TRUE, '', 0)";
        let url = &app.settings()["BANQ_DATABASE_URL"];
        match on {
            On::Sqlite => {
                let mut database = SqliteConnection::connect(url).await.unwrap();
                sqlx::query(newer).execute(&mut database).await.unwrap();
            }
            On::Postgres => {
                let mut database = PgConnection::connect(url).await.unwrap();
                sqlx::query(newer).execute(&mut database).await.unwrap();
            }
        }
        all_say(&app, "the shape of a newer version", "use the program of the version that serves").await;
    }
}

#[tokio::test]
async fn reading_command_changes_nothing_with_or_without_a_server() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "paid").await;
    app.shop.told_times(1).await;
    assert_eq!(run(&app, &["checkouts", "show", &checkout, "--json"]).await.code, 0);
    server.stop().await;
    let path = sqlite_path(&app);
    let before = std::fs::read(&path).unwrap();
    for arguments in [LOOKS[0], LOOKS[2], LOOKS[3], &["checkouts", "show", &checkout]] {
        run(&app, arguments).await.lines();
    }
    let said = run(&app, &["doctor"]).await;
    assert!(said.out.contains("ok   database: is there, has this version's shape"), "{}", said.out);
    assert!(std::fs::read(&path).unwrap() == before, "the file has changed");
    for beside in ["-wal", "-shm"] {
        assert!(!std::fs::exists(format!("{path}{beside}")).unwrap(), "{beside} was left behind");
    }
    // The database itself refuses changes.
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server().await;
        let (checkout, _) = app.open(&server.url(), "1").await;
        let reader = banq_intermediary::Operator::open_to_read(&app.config()).await.unwrap();
        assert_eq!(reader.checkout(&checkout).await.unwrap().0.status, "pending");
        let refused = reader.look_again(&checkout).await.unwrap_err().to_string();
        assert!(refused.contains("readonly") || refused.contains("read-only"), "{refused}");
        server.stop().await;
    }
}

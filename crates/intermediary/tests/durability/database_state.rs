//! Commands beside a database that is missing, older or newer, or that they must not change.

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use crate::{
    app::{On, TestApp},
    command_line::run,
};

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

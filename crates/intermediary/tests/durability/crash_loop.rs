//! A process that dies again and again while webhooks wait.

use std::{process::Stdio, time::Duration};

use banq_testkit::{PATIENCE, command, free_port};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use tokio::process::Child;

use crate::app::{On, TestApp};

/// How often it dies, and how long it lives.
const DEATHS: u32 = 11;
const LIFE: Duration = Duration::from_millis(900);

/// How many payments wait.
const PAYMENTS: usize = 12;

fn start(app: &TestApp, port: u16) -> Child {
    let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &app.settings());
    command.env("BANQ_LISTEN", format!("127.0.0.1:{port}")).env("RUST_LOG", "off");
    command.stdout(Stdio::null()).spawn().unwrap()
}

async fn serves(app: &TestApp, url: &str) {
    let wait = async {
        let ready = format!("{url}/readyz");
        while !app.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it does not serve");
}

#[tokio::test]
async fn eleven_deaths_in_ten_seconds_cost_no_payment() {
    let app = TestApp::new(On::Sqlite).await;
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let mut process = start(&app, port);
    serves(&app, &url).await;
    let mut checkouts = Vec::new();
    for number in 0..PAYMENTS {
        checkouts.push(app.open(&url, &number.to_string()).await);
    }
    // Each question is under way when the process dies.
    app.banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 60_000);
    app.send_webhooks_to(&url);
    for (_, payment) in &checkouts {
        app.banq.accept(*payment).await.unwrap();
    }
    app.delivered(|sent| sent.len() >= PAYMENTS).await;
    for _ in 0..DEATHS {
        // How long it lives is the attack, and waits for nothing.
        tokio::time::sleep(LIFE).await;
        process.kill().await.unwrap();
        process = start(&app, port);
    }
    let calm = std::time::Instant::now();
    app.banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 0);
    serves(&app, &url).await;
    for (checkout, _) in &checkouts {
        app.becomes(&url, checkout, "paid").await;
    }
    println!("{PAYMENTS} payments paid {:.1?} after {DEATHS} deaths", calm.elapsed());
    assert_eq!(app.operator().await.dead_letters(10).await.unwrap(), []);
    let told = app.shop.told_times(PAYMENTS).await;
    assert_eq!(told.len(), PAYMENTS);
    process.kill().await.unwrap();
}

/// Writes at every job of payments that the process died of it `deaths` times since `faults_since`.
async fn died(app: &TestApp, deaths: u32, faults_since: i64) {
    let path = app.settings()["BANQ_DATABASE_URL"].strip_prefix("sqlite://").unwrap().to_owned();
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let query = sqlx::query(
        "UPDATE jobs SET faults = $1, deaths = $1, faults_since = $2, due_at = 0, leased_by = NULL,
         leased_until = NULL WHERE kind = 'payment'",
    );
    query.bind(deaths).bind(faults_since).execute(&mut connection).await.unwrap();
}

/// A payment whose webhooks wait, without a server.
async fn waiting_payment(app: &TestApp) -> String {
    let server = app.server().await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.update_scenarios(|scenarios| scenarios.api.down = true);
    app.banq.accept(payment).await.unwrap();
    app.delivered(|sent| !sent.is_empty()).await;
    server.stop().await;
    app.banq.update_scenarios(|scenarios| scenarios.api.down = false);
    checkout
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn many_deaths_in_a_short_time_are_not_the_jobs_fault() {
    let app = TestApp::new(On::Sqlite).await;
    let checkout = waiting_payment(&app).await;
    died(&app, 1_000, now() - 10_000).await;
    let server = app.server_with(|tuning| tuning.dead_after_faults_for = LONG).await;
    app.becomes(&server.url(), &checkout, "paid").await;
    assert_eq!(app.operator().await.dead_letters(10).await.unwrap(), []);
    server.stop().await;
}

#[tokio::test]
async fn many_deaths_over_a_long_time_are_a_dead_letter() {
    let app = TestApp::new(On::Sqlite).await;
    waiting_payment(&app).await;
    died(&app, 10, now() - 601_000).await;
    let server = app.server_with(|tuning| tuning.dead_after_faults_for = LONG).await;
    let operator = app.operator().await;
    let wait = async {
        while operator.dead_letters(10).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("no dead letter");
    let letter = operator.dead_letters(1).await.unwrap().remove(0);
    assert!(letter.error.contains("the process died"), "{letter:?}");
    // Others are not held up by it.
    let (other, payment) = app.open(&server.url(), "2").await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &other, "paid").await;
    server.stop().await;
}

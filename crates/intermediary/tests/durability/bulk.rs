//! What is replayed in bulk, and what is heard of what waits for a person.

use std::time::Duration;

use banq_intermediary::Tuning;
use banq_testkit::until;
use serde_json::Value;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use crate::{
    app::{On, TestApp},
    command_line::run,
};

/// Longer ago than any of this.
const PAST: &str = "2020-01-01T00:00:00Z";
/// Later than any of this.
const FUTURE: &str = "2999-01-01T00:00:00+01:00";

/// How many a replay says are due.
async fn due(app: &TestApp, arguments: &[&str]) -> Value {
    let said = run(app, &[arguments, &["--json"]].concat()).await.data();
    assert_eq!(said["result"], "due");
    said["count"].clone()
}

pub(crate) async fn change(app: &TestApp, text: &'static str) -> u64 {
    let path = app.settings()["BANQ_DATABASE_URL"].strip_prefix("sqlite://").unwrap().to_owned();
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::query(text).execute(&mut connection).await.unwrap().rows_affected()
}

#[tokio::test]
async fn dead_notifications_are_heard_of_and_replayed_together() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server_with(|tuning| tuning.fulfilment_pauses = vec![]).await;
        app.shop.answer([500; 3]);
        for order in ["1", "2", "3"] {
            let (_, payment) = app.open(&server.url(), order).await;
            app.banq.accept(payment).await.unwrap();
        }
        app.shop.told_times(3).await;
        let operator = app.operator().await;
        until(async || (operator.backlog().await.unwrap().dead_notifications == 3).then_some(())).await;
        let dead = app.metric(&server.url(), "banq_queue_depth{queue=\"dead_notifications\"}").await;
        assert_eq!(dead, 3.0);
        let doctor = run(&app, &["doctor"]).await;
        assert!(
            doctor.code == 1 && doctor.out.contains("FAIL waiting: 3 notifications were given up"),
            "{}",
            doctor.out
        );

        let replay = ["notifications", "replay", "--state", "dead"];
        for (wrong, word) in [
            (&replay[..], "--since TIME"),
            (&["notifications", "replay"], "--state"),
            (&["notifications", "replay", "msg_1", "--all"], "cannot be used"),
            (&["notifications", "replay", "--state", "dead", "--since", "yesterday"], "must be a time"),
        ] {
            let said = run(&app, wrong).await;
            assert!(said.code == 2 && said.error.contains(word), "{wrong:?}: {} {}", said.code, said.error);
        }
        assert_eq!(due(&app, &[&replay[..], &["--since", FUTURE]].concat()).await, 0);
        assert_eq!(due(&app, &[&replay[..], &["--since", PAST]].concat()).await, 3);
        let told = app.shop.told_times(6).await;
        assert!(told[3..].iter().all(|again| told[..3].iter().any(|first| first.id == again.id)), "{told:?}");
        until(async || (operator.backlog().await.unwrap().notifications == 0).then_some(())).await;
        assert_eq!(run(&app, &[&replay[..], &["--all"]].concat()).await.lines(), ["no notifications"]);
        server.stop().await;
    }
}

#[tokio::test]
async fn dead_letters_and_dead_jobs_are_reported_and_bulk_replayed() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server_with(|tuning| tuning.dead_after_faults = 2).await;
        let mut checkouts = Vec::new();
        for order in ["1", "2"] {
            checkouts.push(app.open(&server.url(), order).await);
        }
        let operator = app.operator().await;
        app.processed(&operator, |sent| sent.len() >= 2).await;
        app.confuse_banq().await;
        for (_, payment) in &checkouts {
            app.banq.accept(*payment).await.unwrap();
        }
        app.processed(&operator, |sent| sent.len() >= 6).await;
        let jobs = run(&app, &["jobs", "list"]).await;
        let lines = jobs.lines();
        assert!(
            lines.len() == 2 && lines.iter().all(|line| line.contains("cannot be understood")),
            "{lines:?}"
        );
        assert_eq!(app.metric(&server.url(), "banq_queue_depth{queue=\"given_up_jobs\"}").await, 2.0);
        assert!(app.metric(&server.url(), "banq_jobs_given_up_total{kind=\"payment\"}").await >= 2.0);

        app.banq.update_scenarios(|scenarios| scenarios.api.html = false);
        assert_eq!(run(&app, &["dead-letters", "replay"]).await.code, 2);
        assert_eq!(due(&app, &["dead-letters", "replay", "--since", FUTURE]).await, 0);
        let letters = operator.dead_letters(100).await.unwrap().len();
        assert_eq!(due(&app, &["dead-letters", "replay", "--all"]).await, letters);
        for (checkout, _) in &checkouts {
            app.becomes(&server.url(), checkout, "paid").await;
        }
        assert_eq!(due(&app, &["dead-letters", "replay", "--all"]).await, 0);
        until(async || {
            (run(&app, &["jobs", "list"]).await.lines() == ["no jobs that were given up"]).then_some(())
        })
        .await;
        server.stop().await;
    }
}

#[tokio::test]
async fn checkouts_are_asked_about_together_by_their_status() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server().await;
        // No webhook ever comes, and it is not time to look.
        app.send_webhooks_to("http://127.0.0.1:9");
        let mut checkouts = Vec::new();
        for order in 0..3 {
            checkouts.push(app.open(&server.url(), &order.to_string()).await);
        }
        for (_, payment) in &checkouts {
            app.banq.accept(*payment).await.unwrap();
        }
        assert_eq!(run(&app, &["checkouts", "replay", "--status", "payed", "--all"]).await.code, 2);
        assert_eq!(due(&app, &["checkouts", "replay", "--status", "expired", "--all"]).await, 0);
        assert_eq!(due(&app, &["checkouts", "replay", "--status", "pending", "--since", PAST]).await, 3);
        for (checkout, _) in &checkouts {
            app.becomes(&server.url(), checkout, "paid").await;
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn webhooks_that_no_checkout_had_are_replayed_together() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    // As after a backup was restored that does not have the checkout.
    change(&app, "UPDATE checkouts SET payment_id = 'elsewhere:' || payment_id").await;
    app.banq.accept(payment).await.unwrap();
    let operator = app.operator().await;
    until(async || {
        change(&app, "UPDATE inbox SET received_at = 0 WHERE outcome IS NULL").await;
        change(&app, "UPDATE jobs SET due_at = 0 WHERE kind = 'payment' AND leased_by IS NULL").await;
        let unmatched = app.metric(&server.url(), "banq_unmatched_webhooks_total").await;
        (unmatched >= 3.0 && operator.backlog().await.unwrap().webhooks == 0).then_some(())
    })
    .await;
    change(&app, "UPDATE checkouts SET payment_id = replace(payment_id, 'elsewhere:', '')").await;
    assert_eq!(run(&app, &["webhooks", "replay-unmatched"]).await.code, 2);
    assert!(due(&app, &["webhooks", "replay-unmatched", "--all"]).await.as_u64().unwrap() >= 3);
    app.becomes(&server.url(), &checkout, "paid").await;
}

#[tokio::test]
async fn unreachable_shop_shows_in_oldest_notifications_age() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let age = "banq_queue_age_seconds{queue=\"notifications\"}";
    assert_eq!(app.metric(&server.url(), age).await, 0.0);
    app.shop.answer([500; 1]);
    let mut config = app.config();
    config.tuning.fulfilment_pauses = vec![Duration::from_secs(3_600)];
    server.stop().await;
    let server = banq_intermediary::Server::start(config).await.unwrap();
    app.send_webhooks_to(&server.url());
    let (_, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    app.shop.told_times(1).await;
    change(&app, "UPDATE notifications SET created_at = created_at - 4000000").await;
    assert!(app.metric(&server.url(), age).await >= 4_000.0);
    let doctor = run(&app, &["doctor"]).await;
    assert!(doctor.out.contains("FAIL waiting: the shop takes no notifications"), "{}", doctor.out);
}

#[test]
fn the_shop_is_told_for_longer_than_a_long_weekend() {
    let day = Duration::from_secs(24 * 60 * 60);
    let pauses = Tuning::default().fulfilment_pauses;
    let all: Duration = pauses.iter().sum();
    assert!(all > 5 * day && all < 7 * day, "{all:?}");
    assert!(pauses.is_sorted() && pauses.iter().all(|pause| *pause <= day), "{pauses:?}");
}

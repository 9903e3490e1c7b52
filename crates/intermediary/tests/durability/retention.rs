//! What is old is deleted by a running server, and what was paid is not.

use std::time::{Duration, SystemTime};

use banq_simulator::Delivery;
use banq_testkit::PATIENCE;
use serde_json::Value;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use crate::app::{On, TestApp};

/// As if all that is there had happened 401 days earlier; at once, so that nothing is half old.
const AGE: &str = "
    BEGIN;
    UPDATE inbox SET received_at = received_at - 34646400000, processed_at = processed_at - 34646400000;
    UPDATE notifications SET created_at = created_at - 34646400000, settled_at = settled_at - 34646400000;
    UPDATE checkouts SET created_at = created_at - 34646400000, updated_at = updated_at - 34646400000;
    COMMIT;
";

async fn file(app: &TestApp) -> SqlitePool {
    let settings = app.settings();
    let path = settings["BANQ_DATABASE_URL"].strip_prefix("sqlite://").unwrap();
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap()
}

#[tokio::test]
async fn what_is_old_is_deleted_and_a_paid_order_is_not_told_of_again() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.retention_interval = Duration::from_millis(50)).await;
    let (declined, payment) = app.open(&server.url(), "1").await;
    app.banq.decline(payment).await.unwrap();
    app.becomes(&server.url(), &declined, "declined").await;
    let (paid, payment) = app.open(&server.url(), "2").await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &paid, "paid").await;
    app.shop.told_times(1).await;
    // The last webhook is on its way only when the payment has gone through at Banq.
    let completed = |webhook: &Delivery| webhook.body.contains("\"Completed\"");
    app.delivered(|sent| sent.iter().any(completed)).await;

    let file = file(&app).await;
    let count = async |text: &'static str| sqlx::query_scalar::<_, i64>(text).fetch_one(&file).await.unwrap();
    let reaches = async |text: &'static str, expected: i64| {
        let wait = async {
            while count(text).await != expected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{text} is not {expected}"));
    };
    reaches("SELECT COUNT(*) FROM inbox WHERE outcome IS NULL", 0).await;
    reaches("SELECT COUNT(*) FROM jobs WHERE kind = 'notification'", 0).await;
    assert!(count("SELECT COUNT(*) FROM inbox").await > 1);
    // Nothing of today was deleted, however often it was looked for. The paid one is watched for a reversal, by a
    // job that would end only after 60 days.
    sqlx::query("DELETE FROM jobs").execute(&file).await.unwrap();
    sqlx::raw_sql(AGE).execute(&file).await.unwrap();
    for (text, left) in [
        ("SELECT COUNT(*) FROM inbox", 0),
        ("SELECT COUNT(*) FROM notifications", 0),
        ("SELECT COUNT(*) FROM checkouts", 1),
        ("SELECT COUNT(DISTINCT checkout_id) FROM audit", 1),
    ] {
        reaches(text, left).await;
    }
    let gone = app.http.get(format!("{}/checkouts/{declined}", server.url())).send().await.unwrap();
    assert_eq!(gone.status(), 404);
    assert_eq!(app.status(&server.url(), &paid).await, "paid");

    // Banq sends everything about the paid one once more.
    let sent: Vec<_> = app.banq.deliveries().into_iter().filter(|sent| sent.payment_id == payment).collect();
    for webhook in &sent {
        app.banq.redeliver(webhook.webhook_id).await.unwrap();
    }
    reaches("SELECT COUNT(*) FROM inbox WHERE outcome = 'unchanged'", i64::try_from(sent.len()).unwrap())
        .await;
    let (status, problem) = app.ask(&server.url(), "2").await.unwrap();
    assert_eq!((status, &problem["code"]), (409, &Value::from("order_already_paid")));
    let metrics = app.http.get(format!("{}/metrics", server.url())).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("banq_pruned_total{table=\"checkouts\"} 1\n"), "{metrics}");
    server.stop().await;
    assert_eq!(count("SELECT COUNT(*) FROM notifications").await, 0);
    assert_eq!(app.shop.told().len(), 1);
}

/// Five thousand webhooks of two years ago, about nothing.
const MANY: &str = "
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 5000)
    INSERT INTO inbox (webhook_id, kind, received_at, outcome, processed_at)
        SELECT 'banq:old' || number, 'Wibble', $1, 'ignored', $1 FROM numbers;
";

#[tokio::test]
async fn a_stop_does_not_wait_until_all_that_is_old_is_deleted() {
    let app = TestApp::new(On::Sqlite).await;
    app.server().await.stop().await;
    let file = file(&app).await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let then = i64::try_from(now.as_millis()).unwrap() - 2 * 365 * 24 * 60 * 60 * 1000;
    sqlx::query(MANY).bind(then).execute(&file).await.unwrap();
    let count =
        async || sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM inbox").fetch_one(&file).await.unwrap();
    let server = app.server().await;
    let begun = async {
        while count().await == 5_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, begun).await.unwrap();
    server.stop().await;
    let left = count().await;
    assert!(left > 0 && left % 100 == 0, "whole batches: {left}");
    assert_eq!(count().await, left);
}

//! This machine's clock is set while a link is alive.

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use banq_intermediary::Database;

use crate::app::{On, TestApp};

/// To the database a clock that was set forward looks as if everything in it were so much older.
async fn set_the_clock_forward_20_minutes(app: &TestApp) {
    let Database::Sqlite(path) = app.config().database else { unreachable!("SQLite was asked for") };
    let options = SqliteConnectOptions::new().filename(path);
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    let older = sqlx::query("UPDATE checkouts SET expires_at = expires_at - 1200000");
    assert_eq!(older.execute(&mut database).await.unwrap().rows_affected(), 1);
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_clock_set_forward_makes_no_second_payment() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    set_the_clock_forward_20_minutes(&app).await;
    assert_eq!(app.open_again(&server.url(), "1").await, (checkout.clone(), payment), "the same link");
    assert_eq!(app.banq.payments().len(), 1);
    assert_eq!(app.status(&server.url(), &checkout).await, "pending");
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "paid").await;
}

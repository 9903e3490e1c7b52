//! The SQLite file, read beside the server.

use std::path::Path;

use sqlx::{Row, SqlitePool, sqlite::SqliteConnectOptions};

/// What was stored.
pub(crate) struct Database {
    pool: SqlitePool,
}

impl Database {
    pub(crate) async fn open(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        Self { pool: SqlitePool::connect_with(options).await.unwrap() }
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query(sql).fetch_one(&self.pool).await.unwrap().get(0)
    }

    /// Webhooks, with or without an outcome.
    pub(crate) async fn webhooks(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM inbox").await
    }

    /// Webhooks that still lead to work.
    pub(crate) async fn unfinished_webhooks(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM inbox WHERE outcome IS NULL").await
    }

    pub(crate) async fn orders(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM orders").await
    }

    pub(crate) async fn checkouts(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM checkouts").await
    }

    /// Returns the outcome of each webhook, in the order of their arrival.
    pub(crate) async fn outcomes(&self) -> Vec<Option<String>> {
        let rows = sqlx::query("SELECT outcome FROM inbox ORDER BY seq").fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Everything in every table, as one text.
    pub(crate) async fn everything(&self) -> String {
        let mut text = String::new();
        for sql in ["SELECT * FROM orders", "SELECT * FROM checkouts", "SELECT * FROM inbox"] {
            for row in sqlx::query(sql).fetch_all(&self.pool).await.unwrap() {
                for column in 0..row.len() {
                    let value: Option<String> = row.try_get_unchecked(column).unwrap();
                    text.push_str(&value.unwrap_or_default());
                    text.push('|');
                }
                text.push('\n');
            }
        }
        text
    }
}

//! How much waits, for whoever watches.

use sqlx::Row;

use super::Store;
use crate::error::Error;

impl Store {
    /// Every queue by its name, and how much is in it. Each further queue is a line here.
    pub(crate) async fn depths(&self) -> Result<Vec<(&'static str, i64)>, Error> {
        let inbox = sqlx::query("SELECT COUNT(*) AS depth FROM inbox WHERE next_attempt_at IS NOT NULL");
        let checks = sqlx::query("SELECT COUNT(*) AS depth FROM checkouts WHERE next_check_at IS NOT NULL");
        Ok(vec![
            ("inbox", inbox.fetch_one(&self.pool).await?.try_get("depth")?),
            ("checks", checks.fetch_one(&self.pool).await?.try_get("depth")?),
        ])
    }
}

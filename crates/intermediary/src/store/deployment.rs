//! Records facts about the servers on a database: which provider's payments it holds, whether the shop is notified, and
//! the settings of the running servers.

use std::time::Duration;

use super::{
    NotificationState, Notify, Store,
    db::{Pools, Tx},
    statement::sql,
};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

/// The name of the row that says whether any server on this database has ever notified the shop.
const TELLING: &str = "telling";

/// Rows of servers that were last seen so long ago are deleted. Every start has a new name, so running servers are not
/// affected.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A server on this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    /// The fingerprints of its settings, as JSON.
    pub(crate) settings: String,
    /// How long ago it was last seen.
    pub(crate) silent: Duration,
}

impl Store {
    /// Stores `value` under `name`, unless a value is stored there already. Returns the stored value.
    pub(crate) async fn deployment_value_or(&self, name: &'static str, value: &str) -> Result<String, Error> {
        sql("INSERT INTO deployment (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(value)
            .run(self.db.writer())
            .await?;
        self.deployment_value(name).await?.ok_or(Error::Row("a value of the deployment"))
    }

    /// Returns the value that is stored under `name`.
    pub(crate) async fn deployment_value(&self, name: &'static str) -> Result<Option<String>, Error> {
        let row = sql("SELECT value FROM deployment WHERE name = $1").bind(name).first(&self.db).await?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Turns notifications on: from now on every change is recorded for the shop, by all servers.
    pub(crate) async fn begin_telling(&self) -> Result<(), Error> {
        let query =
            sql("UPDATE deployment SET value = 'yes' WHERE name = $1 AND value <> 'yes'").bind(TELLING);
        query.run(self.db.writer()).await?;
        Ok(())
    }

    /// Turns notifications off until a server turns them on again. Those that wait are not sent; returns how many they
    /// are.
    pub(crate) async fn stop_telling(&self) -> Result<u64, Error> {
        let mut tx = self.db.write().await?;
        sql("UPDATE deployment SET value = 'no' WHERE name = $1").bind(TELLING).run(&mut tx).await?;
        sql("DELETE FROM jobs WHERE kind = 'notification'").run(&mut tx).await?;
        let kept = sql("UPDATE notifications SET state = $1, settled_at = $2 WHERE state = $3")
            .bind(NotificationState::Unaddressed.as_str())
            .bind(time::now())
            .bind(NotificationState::Waiting.as_str())
            .run(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Returns whether notifications are on: a server on this database notifies the shop, or once did.
    pub(crate) async fn is_told(&self) -> Result<bool, Error> {
        Ok(self.deployment_value(TELLING).await?.as_deref() == Some("yes"))
    }

    /// Records that this server runs, and its settings. Returns the database's time.
    pub(crate) async fn say_settings(&self, settings: &str) -> Result<Millis, Error> {
        let text = format!(
            "INSERT INTO instances (instance, settings, seen_at) VALUES ($1, $2, {now})
             ON CONFLICT (instance) DO UPDATE SET settings = excluded.settings, seen_at = excluded.seen_at
             RETURNING seen_at",
            now = self.now(),
        );
        let query = sql(text).bind(self.instance.as_ref()).bind(settings);
        let row = query.first(self.db.writer()).await?.ok_or(Error::Row("seen_at"))?;
        row.int("seen_at")
    }

    /// Deletes the rows of servers that cannot be running any more. On a SQLite file that is all others.
    pub(crate) async fn forget_instances(&self) -> Result<(), Error> {
        let age = if self.is_alone() { 0 } else { time::after(0, FORGOTTEN_AFTER) };
        let text = format!("DELETE FROM instances WHERE instance <> $1 AND seen_at <= {} - $2", self.now());
        sql(text).bind(self.instance.as_ref()).bind(age).run(self.db.writer()).await?;
        Ok(())
    }

    /// Returns the other servers that were seen within `within`.
    pub(crate) async fn other_instances(&self, within: Duration) -> Result<Vec<Instance>, Error> {
        let text = format!(
            "SELECT settings, {now} - seen_at AS silent FROM instances
             WHERE instance <> $1 AND seen_at > {now} - $2 ORDER BY instance",
            now = self.now(),
        );
        let query = sql(text).bind(self.instance.as_ref()).bind(time::after(0, within));
        let rows = query.all(&self.db).await?;
        let instance = |row: &super::statement::Row| {
            let silent = Duration::from_millis(row.int("silent")?.max(0).unsigned_abs());
            Ok(Instance { settings: row.text("settings")?, silent })
        };
        rows.iter().map(instance).collect()
    }

    /// Deletes this server's row, because it stops.
    pub(crate) async fn leave(&self) -> Result<(), Error> {
        let query = sql("DELETE FROM instances WHERE instance = $1").bind(self.instance.as_ref());
        query.run(self.db.writer()).await?;
        Ok(())
    }

    /// Returns the SQL for the database's time in milliseconds: the clocks of the servers may differ.
    fn now(&self) -> &'static str {
        match self.db.pools {
            Pools::Sqlite { .. } => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Pools::Postgres(_) => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }
}

/// Returns the state of a new notification that a server with this `telling` writes. As long as no server on this
/// database ever had an address for notifications, they are stored and not sent: a shop that sets an address later must
/// not be flooded with old ones. After that, they wait for a server that has an address.
pub(super) async fn state_of_news(tx: &mut Tx, telling: Notify) -> Result<NotificationState, Error> {
    match telling {
        Notify::Shop => return Ok(NotificationState::Waiting),
        Notify::None => {}
    }
    // In PostgreSQL, a server that turns notifications on waits for the end of this transaction, so that its first
    // notification is later than the last one that is not sent.
    let lock = if tx.is_shared() { " FOR SHARE" } else { "" };
    let query = sql(format!("SELECT value FROM deployment WHERE name = $1{lock}")).bind(TELLING);
    let row = query.first(tx).await?;
    let is_told = row.map(|row| row.text("value")).transpose()?.as_deref() == Some("yes");
    Ok(if is_told { NotificationState::Waiting } else { NotificationState::Unaddressed })
}

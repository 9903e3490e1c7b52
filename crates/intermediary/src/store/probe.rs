//! A write that proves that writing works.

use super::{Store, db::sql};
use crate::{clock, error::Error};

/// Instances that share a database share so many rows: there are never more.
const SLOTS: u32 = 32;

/// Where instances share a database, one of them or a person can lock a table for all.
const TABLES: [&str; 7] =
    ["orders", "checkouts", "inbox", "jobs", "audit", "notifications", "dead_letters"];

impl Store {
    /// Commits a small write on the path of every other one. When this returns, a webhook can be taken too.
    pub(crate) async fn probe(&self) -> Result<(), Error> {
        if !self.is_alone() {
            // One after the other: two locks at a time could be the wrong way round for somebody else.
            for table in TABLES {
                sql(format!("DELETE FROM {table} WHERE FALSE")).run(self.db.writer()).await?;
            }
        }
        let slot = self.instance.bytes().fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % SLOTS);
        let mut tx = self.db.write().await?;
        sql("INSERT INTO write_probes (slot, written_at) VALUES ($1, $2)
             ON CONFLICT (slot) DO UPDATE SET written_at = excluded.written_at")
            .bind(slot)
            .bind(clock::now())
            .run(&mut tx)
            .await?;
        tx.commit().await
    }
}

//! Writes to the database to prove that writing works.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use super::{Store, db::Tx, statement::sql};
use crate::{domain::time, store::Error};

/// Instances that share a database share this many rows: there are never more.
const SLOTS: u32 = 32;

/// If instances share a database, one of them or a person can lock a table for all.
const TABLES: [&str; 7] = ["orders", "checkouts", "inbox", "jobs", "audit", "notifications", "dead_letters"];

/// How many bytes a visitor writes beside a SQLite database: so many that a full disk has no room for them.
const SCRATCH: usize = 256 * 1024;

impl Store {
    /// Commits a small write, in the same way as every other write. If this succeeds, a webhook can be stored too.
    pub(crate) async fn probe(&self) -> Result<(), Error> {
        self.wait_for_tables().await?;
        let slot = self.instance.bytes().fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % SLOTS);
        let mut tx = self.db.write().await?;
        write(&mut tx, slot).await?;
        tx.commit().await
    }

    /// Does the same for a visitor, and changes no row. A write that is rolled back needs no room on the disk, so for
    /// SQLite [`scratch`] tests that beside the file.
    pub(crate) async fn probe_as_visitor(&self) -> Result<(), Error> {
        self.wait_for_tables().await?;
        let mut tx = self.db.write().await?;
        write(&mut tx, SLOTS).await?;
        if self.is_alone() {
            tx.roll_back().await;
            return Ok(());
        }
        sql("DELETE FROM write_probes WHERE slot = $1").bind(SLOTS).run(&mut tx).await?;
        tx.commit().await
    }

    async fn wait_for_tables(&self) -> Result<(), Error> {
        if !self.is_alone() {
            // One table after the other: two locks at a time could deadlock with another transaction.
            for table in TABLES {
                sql(format!("DELETE FROM {table} WHERE FALSE")).run(self.db.writer()).await?;
            }
        }
        Ok(())
    }
}

async fn write(tx: &mut Tx, slot: u32) -> Result<(), Error> {
    sql("INSERT INTO write_probes (slot, written_at) VALUES ($1, $2)
         ON CONFLICT (slot) DO UPDATE SET written_at = excluded.written_at")
    .bind(slot)
    .bind(time::now())
    .run(tx)
    .await?;
    Ok(())
}

/// Writes a file beside a SQLite database to the disk, and deletes it.
pub(crate) fn scratch(database: &Path) -> io::Result<()> {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".doctor-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&name)?;
    let written = file.write_all(&vec![1; SCRATCH]).and_then(|()| file.sync_all());
    fs::remove_file(&name)?;
    written
}

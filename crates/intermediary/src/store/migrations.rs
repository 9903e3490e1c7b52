//! The migrations of both databases, which the program contains. A new file in `migrations/` needs a line here.

use std::sync::LazyLock;

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// Makes a migrator of the files of a folder, each given with its version.
macro_rules! migrator {
    ($folder:literal, $($version:literal: $file:literal,)*) => {
        LazyLock::new(|| Migrator::with_migrations(vec![$(
            migration($version, $file, include_str!(concat!("../../migrations/", $folder, "/", $file, ".sql"))),
        )*]))
    };
}

/// SQLite's migrations.
pub(super) static SQLITE: LazyLock<Migrator> = migrator! {
    "sqlite",
    1: "0001_orders_checkouts_inbox",
    2: "0002_jobs_audit_dead_letters_notifications",
    3: "0003_schedules",
    4: "0004_retention",
    5: "0005_indexes_of_jobs",
    6: "0006_covers",
    7: "0007_money_in_question",
    8: "0008_write_probes",
    9: "0009_withdrawals_and_deaths",
    10: "0010_deployment",
};

/// PostgreSQL's migrations.
pub(super) static POSTGRES: LazyLock<Migrator> = migrator! {
    "postgres",
    1: "0001_everything",
    2: "0002_schedules",
    3: "0003_retention",
    4: "0004_indexes_of_jobs",
    5: "0005_covers",
    6: "0006_money_in_question",
    7: "0007_write_probes",
    8: "0008_withdrawals_and_deaths",
    9: "0009_deployment",
};

/// Returns the migration of a file, with the description that sqlx reads from the file's name.
fn migration(version: i64, file: &str, statements: &'static str) -> Migration {
    let description = file.split_once('_').map_or(file, |(_, words)| words).replace('_', " ");
    Migration::new(version, description.into(), MigrationType::Simple, statements.into_sql_str(), false)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::migrate::{Migration, MigrationType, Migrator};

    fn parts(migration: &Migration) -> (i64, &str, MigrationType, &[u8], bool) {
        let Migration { version, description, migration_type, sql: _, checksum, no_tx } = migration;
        (*version, description, *migration_type, checksum, *no_tx)
    }

    #[tokio::test]
    async fn the_program_contains_every_migration_as_it_is_in_its_folder() {
        for (name, contained) in [("sqlite", &*super::SQLITE), ("postgres", &*super::POSTGRES)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
            let read = Migrator::new(folder).await.unwrap();
            let contained: Vec<_> = contained.migrations.iter().map(parts).collect();
            assert_eq!(contained, read.migrations.iter().map(parts).collect::<Vec<_>>());
        }
    }
}

//! A database of an earlier version: its unfinished work continues.

use std::{collections::HashSet, path::Path};

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::fixtures::*;
use crate::{
    config::Database,
    domain::provider_id::ProviderId,
    store::{Job, statement::sql},
};

const OLD: &str = "
    INSERT INTO checkouts VALUES ('00000000000000000000000000000001', '1', '2.50', 'USD', '', 'k1', 'acme:p1',
        'https://a', 'pending', NULL, 1, 99, 50, 0, 1, 1);
    INSERT INTO checkouts VALUES ('00000000000000000000000000000002', '2', '2.50', 'USD', '', 'k2', NULL,
        NULL, 'pending', NULL, 1, 99, NULL, 0, 1, 1);
    INSERT INTO checkouts VALUES ('00000000000000000000000000000003', '3', '2.50', 'USD', '', 'k3', 'acme:p3',
        'https://a', 'paid', NULL, 2, 99, NULL, 0, 1, 1);
    INSERT INTO inbox VALUES (1, 'acme:w1', 'Payment Created', 'acme:p1', NULL, 5, 0, 5, NULL, NULL);
    INSERT INTO inbox VALUES (2, 'acme:w2', 'Transaction Created', NULL, 'acme:t1', 6, 3, 70, NULL, NULL);
    INSERT INTO inbox VALUES (3, 'acme:w3', 'Payment Completed', 'acme:p3', NULL, 7, 0, NULL, 'changed', 8);
";

#[tokio::test]
async fn unfinished_work_of_the_first_version_goes_on() {
    let place = Place::sqlite();
    let Database::Sqlite(path) = place.database() else { panic!("it is SQLite") };
    let mut connection: SqliteConnection =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut migrator = Migrator::new(folder).await.unwrap();
    migrator.migrations.to_mut().retain(|migration| migration.version == 1);
    migrator.run_direct(None, &mut connection, false).await.unwrap();
    sqlx::raw_sql(OLD).execute(&mut connection).await.unwrap();
    drop(connection);

    let store = place.instance().await;
    let due: HashSet<Job> = claim(&store).await.into_iter().map(|claim| claim.job).collect();
    let attempt = crate::domain::checkout::CheckoutId::parse("00000000000000000000000000000002").unwrap();
    let id = |text: &str| ProviderId::from_store(text.to_owned());
    let expected = [Job::Payment(id("acme:p1")), Job::Transaction(id("acme:t1")), Job::Attempt(attempt)];
    assert_eq!(due, HashSet::from(expected));
    assert_eq!(store.waiting(&id("acme:p1")).await.unwrap().len(), 1);
    assert_eq!(store.waiting(&id("acme:p3")).await.unwrap(), []);
}

const OLD_POSTGRES: &str = "
    INSERT INTO checkouts VALUES ('00000000000000000000000000000001', '1', '2.50', 'USD', '', 'k1', 'acme:p1',
        'https://a', 'paid', NULL, 2, 99, 1, 1);
    INSERT INTO checkouts VALUES ('00000000000000000000000000000002', '2', '2.50', 'USD', '', 'k2', 'acme:p2',
        'https://a', 'expired', NULL, 2, 99, 1, 1);
    INSERT INTO audit (at, checkout_id, order_id, change, status, version, cause) VALUES
        (1, '00000000000000000000000000000001', '1', 'status', 'paid', 2, 'sweep'),
        (1, '00000000000000000000000000000002', '2', 'status', 'expired', 2, 'sweep');
";

#[tokio::test]
async fn audit_of_the_first_version_is_kept_with_its_checkout() {
    let place = Place::postgres().await;
    let Database::Postgres(url) = place.database() else { panic!("it is PostgreSQL") };
    let mut connection = PgConnection::connect(url.expose()).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut migrator = Migrator::new(folder).await.unwrap();
    migrator.migrations.to_mut().retain(|migration| migration.version == 1);
    migrator.run_direct(None, &mut connection, false).await.unwrap();
    sqlx::raw_sql(OLD_POSTGRES).execute(&mut connection).await.unwrap();
    assert!(sqlx::query("DELETE FROM audit").execute(&mut connection).await.is_err());

    let store = place.instance().await;
    for text in ["DELETE FROM audit", "DELETE FROM checkouts", "TRUNCATE audit", "TRUNCATE checkouts"] {
        assert!(sql(text).run(store.db.writer()).await.is_err(), "{text}");
    }
    let pruned = store.prune_checkouts(in_an_hour()).await.unwrap();
    assert_eq!((pruned.checkouts, pruned.audit_lines), (1, 1));
}

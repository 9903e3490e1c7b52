//! NATS beside LISTEN and NOTIFY: killing it costs delay, never truth.

use std::time::Duration;

use banq_testkit::{NatsServer, until};
use sqlx::postgres::PgListener;
use tokio::time::timeout;
use wire::Status;

use super::fixtures::*;
use crate::{
    config::{Database, NatsConfig},
    domain::checkout::CheckoutId,
    store::{ChangeListener, ChangeNotification, Store, nats::CHANNEL, statement::sql},
};

/// Returns the next checkout that is named.
async fn named(wakeups: &mut ChangeListener) -> CheckoutId {
    let next = async {
        loop {
            if let ChangeNotification::Changed(id) = wakeups.next().await.unwrap() {
                return id;
            }
        }
    };
    timeout(Duration::from_secs(20), next).await.expect("nothing was named")
}

/// Waits for a sweep.
async fn missed(wakeups: &mut ChangeListener) {
    let next = async { while wakeups.next().await.unwrap() != ChangeNotification::Missed {} };
    timeout(Duration::from_secs(20), next).await.expect("no sweep");
}

async fn usable(stores: [&Store; 2], is_usable: bool) {
    for store in stores {
        until(async || (store.is_nats_usable() == Some(is_usable)).then_some(())).await;
    }
}

/// What PostgreSQL itself sends.
struct Notifications(PgListener);

impl Notifications {
    async fn of(place: &Place) -> Self {
        let Database::Postgres(url) = place.database() else { panic!("SQLite sends nothing") };
        let mut listener = PgListener::connect(url.expose()).await.unwrap();
        listener.listen(CHANNEL).await.unwrap();
        Self(listener)
    }

    /// Returns what was sent until now.
    async fn until_now(&mut self, store: &Store) -> Vec<String> {
        sql(format!("SELECT pg_notify('{CHANNEL}', 'end')")).run(store.db.writer()).await.unwrap();
        let mut sent = Vec::new();
        loop {
            let next = timeout(Duration::from_secs(20), self.0.recv()).await.unwrap().unwrap();
            if next.payload() == "end" {
                return sent;
            }
            sent.push(next.payload().to_owned());
        }
    }
}

#[tokio::test]
async fn nats_alone_wakes_others_while_it_lives_and_postgresql_while_it_does_not() {
    let (place, mut nats) = (Place::postgres().await, NatsServer::start().await);
    let (here, there) = (place.instance_with(&nats).await, place.instance_with(&nats).await);
    let mut by_postgres = Notifications::of(&place).await;
    let mut wakeups = there.wakeups(HOUR).await.unwrap().unwrap();
    // From then on the subscription is in force.
    missed(&mut wakeups).await;
    let checkout = open(&here, "1", "p1").await;
    let checkout = observed(&here, &checkout, Status::Processing).await;
    assert_eq!(named(&mut wakeups).await, checkout.id);
    assert_eq!(there.checkout(&checkout.id).await.unwrap().unwrap().version, checkout.version);
    assert_eq!(by_postgres.until_now(&here).await, [""; 0]);

    nats.kill();
    usable([&here, &there], false).await;
    missed(&mut wakeups).await;
    let checkout = observed(&here, &checkout, Status::Paid).await;
    assert_eq!(named(&mut wakeups).await, checkout.id);
    assert_eq!(by_postgres.until_now(&here).await, [checkout.id.as_str()]);

    nats.restart().await;
    usable([&here, &there], true).await;
    // At once, and again when the subscription is in force.
    missed(&mut wakeups).await;
    missed(&mut wakeups).await;
    let checkout = observed(&here, &checkout, Status::Reversed).await;
    assert_eq!(named(&mut wakeups).await, checkout.id);
    assert_eq!(by_postgres.until_now(&here).await, [""; 0]);
}

#[tokio::test]
async fn no_message_is_sent_about_what_was_rolled_back() {
    let (place, nats) = (Place::postgres().await, NatsServer::start().await);
    let (here, there) = (place.instance_with(&nats).await, place.instance_with(&nats).await);
    let mut wakeups = there.wakeups(HOUR).await.unwrap().unwrap();
    missed(&mut wakeups).await;
    let (first, second) = (open(&here, "1", "p1").await, open(&here, "2", "p2").await);
    let mut tx = here.db.write().await.unwrap();
    crate::store::changes::tell(&mut tx, &first.id);
    tx.roll_back().await;
    observed(&here, &second, Status::Processing).await;
    assert_eq!(named(&mut wakeups).await, second.id);
}

#[tokio::test]
async fn login_that_may_not_publish_leaves_the_work_to_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nats.conf");
    let user = r#"{user: "a", password: "b", permissions: {publish: {deny: ">"}}}"#;
    std::fs::write(&file, format!("authorization {{users: [{user}]}}")).unwrap();
    let nats = NatsServer::start_with(&["--config", file.to_str().unwrap()]).await;
    let config = NatsConfig::parse(&format!("nats://a:b@{}", nats.address())).unwrap();
    let place = Place::postgres().await;
    let here = place.instance().await.with_nats(&config).await.unwrap();
    until(async || (here.is_nats_usable() == Some(true)).then_some(())).await;
    let there = place.instance().await;
    let mut wakeups = there.wakeups(HOUR).await.unwrap().unwrap();
    let checkout = open(&here, "1", "p1").await;
    let checkout = observed(&here, &checkout, Status::Processing).await;
    until(async || (here.is_nats_usable() == Some(false)).then_some(())).await;
    let checkout = observed(&here, &checkout, Status::Paid).await;
    assert_eq!(named(&mut wakeups).await, checkout.id);
}

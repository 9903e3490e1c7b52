//! The set-up of the tests.

use std::{collections::HashSet, time::Duration};

use tempfile::TempDir;
use wire::Status;

use crate::{
    Amount, Schedule, Secret,
    config::{Database, NatsConfig},
    domain::{
        checkout::{Checkout, Terms},
        provider_id::ProviderId,
        time::{self, Millis},
        transition::PaymentState,
    },
    provider::{Link, Subject, VerifiedEvent, WebhookEvent},
    store::{
        Applied, Begin, Change, Claim, JobResult, LinkTimeouts, Notify, Outcome, PendingWebhook, PriceSource,
        Queue, Seller, Store, Trigger,
    },
};
use banq_testkit::{NatsServer, postgres, until};

/// A new database, deleted with the test.
pub(super) struct Place {
    database: Database,
    _folder: Option<TempDir>,
}

impl Place {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("test.sqlite"));
        Self { database, _folder: Some(folder) }
    }

    pub(super) async fn postgres() -> Self {
        Self { database: Database::Postgres(Secret::new(postgres::database().await)), _folder: None }
    }

    /// Opens an instance whose shop gets notifications.
    pub(super) async fn instance(&self) -> Store {
        Store::open(&self.database, Notify::Shop).await.unwrap()
    }

    pub(super) async fn instance_without_a_shop(&self) -> Store {
        Store::open(&self.database, Notify::None).await.unwrap()
    }

    /// Opens an instance that NATS may wake, and waits until it can.
    pub(super) async fn instance_with(&self, nats: &NatsServer) -> Store {
        let config = NatsConfig::parse(&format!("nats://{}", nats.address())).unwrap();
        let store = self.instance().await.with_nats(&config).await.unwrap();
        until(async || (store.is_nats_usable() == Some(true)).then_some(())).await;
        store
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }
}

pub(super) const LEASE: Duration = Duration::from_secs(30);
pub(super) const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn terms(funds: &str) -> Terms {
    Terms {
        funds: Amount::parse(funds).unwrap(),
        currency: "USD".into(),
        comment: "Two coffees".into(),
        schedule: Schedule::ONCE,
    }
}

/// Returns terms whose payment repeats.
pub(super) fn monthly(funds: &str) -> Terms {
    let schedule = Schedule::read("monthly", Some("2027-01-31"), Some("2027-06-30")).unwrap();
    Terms { schedule, ..terms(funds) }
}

pub(super) fn id(raw: &str) -> ProviderId {
    ProviderId::new("acme", raw).unwrap()
}

pub(super) fn link(payment: &str) -> Link {
    Link { payment_id: id(payment), url: format!("https://link.example/{payment}"), expires_at: None }
}

pub(super) fn webhook(webhook: &str, subject: Subject) -> VerifiedEvent {
    VerifiedEvent::for_test(WebhookEvent {
        id: id(webhook),
        subject,
        kind: "Payment Completed".into(),
        created_at: None,
    })
}

pub(super) fn about(payment: &str) -> Subject {
    Subject::Payment(id(payment))
}

/// Asks for a link, like a request that has asked about the order's earlier payments and learned nothing new.
pub(super) async fn begin(store: &Store, order: &str, funds: &str) -> Begin {
    begin_on(store, order, &terms(funds)).await
}

async fn begin_on(store: &Store, order: &str, terms: &Terms) -> Begin {
    let spans = LinkTimeouts { link: HOUR, lease: LEASE };
    let mut asked = HashSet::new();
    loop {
        let trigger = Trigger::Request("r1".into());
        let begun = store.begin(order, terms, spans, Seller::Registered, &asked, &trigger).await.unwrap();
        match begun {
            Begin::ConfirmFirst(earlier) => asked.extend(earlier.into_iter().map(|checkout| checkout.id)),
            begun => return begun,
        }
    }
}

/// Returns a checkout whose link is to be requested, and the claim on that.
pub(super) async fn asked(store: &Store, order: &str, funds: &str) -> (Checkout, Claim) {
    asked_on(store, order, &terms(funds)).await
}

async fn asked_on(store: &Store, order: &str, terms: &Terms) -> (Checkout, Claim) {
    match begin_on(store, order, terms).await {
        Begin::Create(checkout, claim) => (checkout, claim),
        other => panic!("{other:?}"),
    }
}

/// Returns a checkout with a link, to be looked at in an hour.
pub(super) async fn open(store: &Store, order: &str, payment: &str) -> Checkout {
    open_on(store, order, payment, &terms("2.50")).await
}

/// Returns a checkout with a link on these terms, to be looked at in an hour.
pub(super) async fn open_on(store: &Store, order: &str, payment: &str, terms: &Terms) -> Checkout {
    let (checkout, claim) = asked_on(store, order, terms).await;
    record(store, &checkout, &claim, payment).await.unwrap()
}

pub(super) async fn record(
    store: &Store,
    checkout: &Checkout,
    claim: &Claim,
    payment: &str,
) -> Option<Checkout> {
    let (expires_at, trigger) = (in_an_hour(), Trigger::Request("r1".into()));
    store.record_link(checkout, claim, &link(payment), expires_at, expires_at, &trigger).await.unwrap()
}

pub(super) fn in_an_hour() -> Millis {
    time::after(time::now(), HOUR)
}

/// Applies the provider's answer.
pub(super) async fn observe(
    store: &Store,
    checkout: &Checkout,
    status: Status,
    settles: &[PendingWebhook],
) -> Applied {
    let change = Change {
        checkout,
        state: Some(PaymentState::from(status)),
        job: None,
        settles,
        outcome: Outcome::Changed,
        trigger: &Trigger::Webhook("acme:w1".into()),
        price: PriceSource::Registered,
        evidence: None,
        watch: None,
    };
    store.apply(change).await.unwrap()
}

pub(super) async fn observed(store: &Store, checkout: &Checkout, status: Status) -> Checkout {
    match observe(store, checkout, status, &[]).await {
        Applied::Done(changed) => changed.checkout,
        Applied::Overtaken => panic!("overtaken"),
    }
}

/// Claims the jobs that ask the provider and are due now.
pub(super) async fn claim(store: &Store) -> Vec<Claim> {
    store.claim(Queue::Provider, 100, LEASE, time::now()).await.unwrap()
}

pub(super) async fn claim_shop(store: &Store) -> Vec<Claim> {
    store.claim(Queue::Shop, 100, LEASE, time::now()).await.unwrap()
}

pub(super) async fn done(store: &Store, claim: &Claim) {
    store.finish(claim, JobResult::Done(None)).await.unwrap();
}

//! A server that is killed within the commit that many webhooks share.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use banq_testkit::{PATIENCE, until, within};
use serde_json::json;
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::{
    preload::{Held, Preload},
    program::Program,
};
use crate::app::{On, TestApp};

/// Webhooks that come together.
const WEBHOOKS: usize = 24;

/// How far a commit is when the server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Some of its pages are in the log, and not the last.
    HalfWritten,
    /// All of it is in the log, which is not on the disk yet.
    Written,
}

async fn webhooks_in_file(app: &TestApp) -> i64 {
    let mut connection = SqliteConnection::connect(&app.settings()["BANQ_DATABASE_URL"]).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM inbox").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

async fn killed_within(moment: Moment) {
    let folder = tempfile::tempdir().unwrap();
    let Some(preload) = Preload::build(folder.path()) else {
        println!("not tried: there is no C compiler");
        return;
    };
    let app = Arc::new(TestApp::new(On::Sqlite).await);
    let mut program = Program::start(&app, preload.environment(app.folder()), folder.path().join("log"));
    program.becomes_ready(true).await;
    let mut payments = Vec::new();
    for order in 0..WEBHOOKS {
        let (checkout, payment) = app.open(&program.url, &order.to_string()).await;
        // Banq sends no webhooks itself here.
        app.banq.accept(payment).await.unwrap();
        payments.push((checkout, payment));
    }

    // One commit waits for the disk, and all webhooks wait behind it for the next.
    preload.hold(Held::Sync, 0);
    until(async || (preload.held() > 0).then_some(())).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let sent: Vec<_> = payments
        .iter()
        .map(|(_, payment)| {
            let (app, url, answered, payment) =
                (app.clone(), program.url.clone(), answered.clone(), *payment);
            tokio::spawn(async move {
                if app.try_webhook(&url, payment).await == Some(200) {
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let metrics = format!("{}/metrics", program.url);
    until(async || {
        let page = app.http.get(&metrics).send().await.ok()?.text().await.ok()?;
        let line = page.lines().find_map(|line| line.strip_prefix("banq_open_connections "))?;
        (line.parse::<usize>().ok()? > WEBHOOKS).then_some(())
    })
    .await;
    program.is_idle().await;
    // The next commit is that of the group.
    let before = preload.held();
    let pass = match moment {
        Moment::Written => {
            preload.hold(Held::Sync, before);
            before + 1
        }
        Moment::HalfWritten => {
            preload.hold(Held::Write, before + 4);
            before + 5
        }
    };
    until(async || (preload.held() >= pass).then_some(())).await;
    assert_eq!(answered.load(Ordering::SeqCst), 0, "a webhook is answered after its commit");
    program.kill().await;
    for task in sent {
        within(PATIENCE, task).await.unwrap();
    }
    assert_eq!(answered.load(Ordering::SeqCst), 0);

    // All of the group, or nothing.
    let kept = webhooks_in_file(&app).await;
    let all = i64::try_from(WEBHOOKS).unwrap();
    assert_eq!(kept, if moment == Moment::Written { all } else { 0 }, "{moment:?}");

    // Banq sends again what was not answered, and each order is paid and told once.
    preload.hold(Held::Sync, u64::MAX >> 1);
    program.start_again();
    program.becomes_ready(true).await;
    for (_, payment) in &payments {
        assert_eq!(app.try_webhook(&program.url, *payment).await, Some(200));
    }
    for (checkout, _) in &payments {
        app.becomes(&program.url, checkout, "paid").await;
    }
    let told = app.shop.told_times(WEBHOOKS).await;
    let mut orders: Vec<&str> = told.iter().map(|told| told.order_id.as_str()).collect();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!((told.len(), orders.len()), (WEBHOOKS, WEBHOOKS));
    program.stop().await;
}

impl TestApp {
    /// Sends the webhook of a completed payment; the answer's status, or `None` without an answer.
    async fn try_webhook(&self, url: &str, payment: Uuid) -> Option<u16> {
        // The same for each payment, as when Banq sends it again.
        let body = json!({
            "id": payment, "action": "Completed", "resourceType": "Payment", "resourceId": payment, "accountSpaceId": 1,
            "createdAtUtc": "2026-11-26T12:00:00Z",
        });
        self.post_signed(url, &body).await.ok().map(|answer| answer.status().as_u16())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_groups_commit_waits_for_the_disk() {
    killed_within(Moment::Written).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_groups_commit_is_half_written() {
    killed_within(Moment::HalfWritten).await;
}

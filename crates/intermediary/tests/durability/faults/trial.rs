//! One cell: a server, shoppers who go on paying, a fault, and what is true afterwards.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use banq_simulator::{Delivery, DeliveryState};
use banq_testkit::PATIENCE;
use sqlx::{Connection, PgConnection, Row, SqliteConnection};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    fault::{Fault, Ground},
    program::Program,
};
use crate::{
    app::{On, TestApp},
    shop::Told,
};

/// A fault is seen, and its end, within this time, on a machine that has time for its server.
const LIMIT: Duration = Duration::from_secs(10);

/// So many times what a payment takes on this machine without a fault is added to that.
const SLOWNESS: u32 = 5;

/// How long a fault lasts after it was seen.
const LASTS: Duration = Duration::from_secs(3);

/// Links that are made before the fault and paid during it.
const RESERVE: u32 = 4;

/// How many shoppers there are at a time, and how long each waits before the next order.
const SHOPPERS: u32 = 2;
const PAUSE: Duration = Duration::from_millis(200);

/// Who pays what while the server suffers.
#[derive(Default)]
struct Market {
    paid: Mutex<BTreeSet<String>>,
    /// Answers that must not be.
    wrong: Mutex<Vec<String>>,
    next: AtomicU32,
    closed: AtomicBool,
}

/// Runs one cell.
pub(super) async fn run(fault: Fault, on: On) {
    let Some(mut ground) = Ground::new(fault, on).await else { return };
    let app = Arc::new(TestApp::over(ground.database.clone()).await);
    let mut program = ground.program(&app);
    program.becomes_ready(true).await;
    app.send_webhooks_to(&program.url);
    let market = Arc::new(Market::default());
    let mut reserve = Vec::new();
    for number in 0..RESERVE {
        let order = format!("reserve-{number}");
        reserve.push((order.clone(), app.open(&program.url, &order).await.1));
    }
    let mut shoppers = JoinSet::new();
    for _ in 0..SHOPPERS {
        shoppers.spawn(shop(Arc::clone(&app), Arc::clone(&market), program.url.clone()));
    }
    app.shop.told_times(3).await;
    let started = Instant::now();
    pay(&app, &market, &program.url, "before").await;
    app.shop.told_until(|told| told.iter().any(|told| told.order_id == "before")).await;
    let limit = LIMIT + started.elapsed() * SLOWNESS;

    ground.begin(&mut program).await;
    if fault.stops_the_work() {
        let took = program.becomes_ready(false).await;
        assert!(took <= limit, "not seen for {took:?}");
        println!("{fault:?} on {on:?}: seen within {took:.1?}");
    }
    for (order, payment) in reserve {
        app.banq.accept(payment).await.unwrap();
        market.paid.lock().unwrap().insert(order);
    }
    if fault == Fault::DiskFull && on == On::Sqlite {
        doctor_says(&program, &["FAIL database: it cannot be written to", "FAIL reachable: "]).await;
    }
    let lasts = Instant::now() + LASTS;
    while Instant::now() < lasts {
        sleep(Duration::from_millis(100)).await;
        if !fault.stops_the_work() {
            assert_ne!(program.ready().await, Some(503), "a wrong clock stops nothing");
        }
    }

    ground.end(&mut program).await;
    let ended = Instant::now();
    let took = program.becomes_ready(true).await;
    assert!(took <= limit, "not ready for {took:?}; its log:\n{}", program.log());
    pay(&app, &market, &program.url, "after").await;
    let is_after = |told: &[Told]| {
        // What the shop refused while the clock was wrong, it is told again by then.
        let mut refused = told.iter().filter(|told| !told.answered.is_success());
        let taken =
            |order: &str| told.iter().any(|told| told.order_id == order && told.answered.is_success());
        taken("after") && refused.all(|told| taken(&told.order_id))
    };
    app.shop.told_until(is_after).await;
    let took_all = ended.elapsed();
    assert!(took_all <= limit, "no work for {took_all:?}; its log:\n{}", program.log());
    println!(
        "{fault:?} on {on:?}: ready {took:.1?} after its end, and a payment through after {took_all:.1?}"
    );

    market.closed.store(true, Ordering::SeqCst);
    while let Some(done) = shoppers.join_next().await {
        done.unwrap();
    }
    check(&app, &market, &program).await;
    nothing_is_lost(&app, &ground, on).await;
    program.stop().await;
}

/// One shopper after the other, until the market is closed.
async fn shop(app: Arc<TestApp>, market: Arc<Market>, url: String) {
    while !market.closed.load(Ordering::SeqCst) {
        let order = format!("order-{}", market.next.fetch_add(1, Ordering::SeqCst));
        pay(&app, &market, &url, &order).await;
        sleep(PAUSE).await;
    }
}

/// Asks for an order's link until there is one or the market is closed, and pays.
async fn pay(app: &TestApp, market: &Market, url: &str, order: &str) {
    while !market.closed.load(Ordering::SeqCst) {
        match timeout(Duration::from_secs(20), app.ask(url, order)).await {
            Ok(Ok((200 | 201, link))) => {
                let payment = app.payment(link["url"].as_str().unwrap());
                app.banq.accept(payment).await.unwrap();
                market.paid.lock().unwrap().insert(order.to_owned());
                return;
            }
            // The server is down, or cannot work: it is asked again.
            Ok(Ok((503, _)) | Err(_)) => {}
            Ok(Ok((status, problem))) => {
                market.wrong.lock().unwrap().push(format!("a link: {status} {problem}"));
            }
            Err(_) => market.wrong.lock().unwrap().push("a link: no answer within 20 s".to_owned()),
        }
        sleep(PAUSE).await;
    }
}

/// Waits until the shop knows all; then each payment under one id, and nothing else.
async fn check(app: &TestApp, market: &Market, program: &Program) {
    let paid = market.paid.lock().unwrap().clone();
    let ids = || {
        let mut ids: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        for told in app.shop.told().into_iter().filter(|told| told.answered.is_success()) {
            assert_eq!(told.kind, "order.paid", "{told:?}");
            ids.entry(told.order_id).or_default().insert(told.id);
        }
        ids
    };
    let all_told = async {
        while ids().len() < paid.len() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    let came = timeout(PATIENCE, all_told).await;
    let ids = ids();
    let missing: Vec<_> = paid.iter().filter(|order| !ids.contains_key(*order)).collect();
    assert!(came.is_ok(), "the shop was never told of {missing:?}; the log:\n{}", program.log());
    assert_eq!(ids.keys().cloned().collect::<BTreeSet<_>>(), paid);
    assert!(ids.values().all(|ids| ids.len() == 1), "told under more than one id: {ids:?}");
    assert_eq!(*market.wrong.lock().unwrap(), [] as [String; 0], "the log:\n{}", program.log());
    println!("{} payments", paid.len());
}

/// Every webhook that was answered 200 is in the database, and none was answered but with 200 or 503.
async fn nothing_is_lost(app: &TestApp, ground: &Ground, on: On) {
    let delivered = |banq: &banq_simulator::Control| {
        banq.deliveries().iter().all(|webhook| webhook.state == DeliveryState::Delivered)
    };
    timeout(PATIENCE, app.banq.wait_until(delivered)).await.expect("webhooks still wait");
    let query = "SELECT webhook_id FROM inbox";
    let known: HashSet<String> = match on {
        On::Sqlite => {
            let mut database = SqliteConnection::connect(&ground.database).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut database).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
        On::Postgres => {
            let mut database = PgConnection::connect(&ground.database).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut database).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    };
    for Delivery { webhook_id, attempts, .. } in app.banq.deliveries() {
        assert!(known.contains(&format!("banq:{webhook_id}")), "{webhook_id} was answered 200 and is lost");
        for attempt in attempts {
            assert!(
                matches!(
                    attempt.outcome,
                    banq_simulator::Outcome::Status(200 | 503) | banq_simulator::Outcome::Error(_)
                ),
                "a webhook: {attempt:?}"
            );
        }
    }
}

async fn doctor_says(program: &Program, expected: &[&str]) {
    let (code, said) = program.command(&["doctor"]).await;
    assert!(code == 1 && expected.iter().all(|words| said.contains(words)), "{code} {said}");
}

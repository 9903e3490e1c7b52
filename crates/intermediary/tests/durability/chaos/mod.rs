//! Many payments while instances are killed at random: every accepted order is paid exactly once, the shop is
//! told under exactly one id, none is lost, and nothing that was declined is paid. Some money goes back, some comes
//! back again, and some differs from what was asked for: each turn is told once.
//!
//! The real program, on SQLite and as two instances on PostgreSQL; Banq repeats and reorders its webhooks, the
//! shop refuses some notifications. `BANQ_CHAOS_PAYMENTS` and `BANQ_CHAOS_KILLS` set the size: by default a
//! short one; `cargo xtask chaos` runs the full one.

mod deed;

use std::{
    collections::{HashMap, HashSet},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use banq_testkit::{Settings, command, free_port};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use self::deed::Deed;
use crate::{
    app::{On, TestApp},
    shop::Told,
};

/// How many shoppers there are at a time.
const SHOPPERS: u32 = 16;

/// Longer than some leases and the shop's first pause.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_sqlite() {
    run(On::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_two_instances_over_postgresql() {
    run(On::Postgres, 2).await;
}

/// How large a run is.
#[derive(Debug, Clone, Copy)]
struct Size {
    payments: u32,
    kills: u32,
}

impl Size {
    fn from_environment() -> Self {
        let read = |name, short| std::env::var(name).map_or(short, |text| text.parse().expect("a number"));
        Self { payments: read("BANQ_CHAOS_PAYMENTS", 60), kills: read("BANQ_CHAOS_KILLS", 12) }
    }
}

/// What was done about each order.
type Done = HashMap<String, Deed>;

async fn run(on: On, instances: usize) {
    let (size, started) = (Size::from_environment(), Instant::now());
    let app = Arc::new(TestApp::new(on).await);
    app.shop.refuse_percent(3);
    app.banq.update_scenarios(|scenarios| {
        scenarios.webhooks.duplicate = 1;
        scenarios.webhooks.reorder = true;
    });
    let ports: Arc<[u16]> = (0..instances).map(|_| free_port()).collect();
    app.send_webhooks_to(&front(Arc::clone(&ports)).await);

    let (paid, killed) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut running = JoinSet::new();
    for port in ports.iter() {
        let mut settings = app.settings();
        settings.insert("BANQ_LISTEN".into(), format!("127.0.0.1:{port}"));
        running.spawn(live_and_die(settings, size, Arc::clone(&killed), Arc::clone(&paid)));
    }
    let next = Arc::new(AtomicU32::new(0));
    let mut shoppers = JoinSet::new();
    for _ in 0..SHOPPERS {
        shoppers.spawn(shop(
            Arc::clone(&app),
            Arc::clone(&ports),
            size,
            Arc::clone(&next),
            Arc::clone(&paid),
        ));
    }
    let mut done = Done::default();
    while let Some(part) = shoppers.join_next().await {
        let part = part.unwrap();
        done.extend(part);
    }
    let shopped = started.elapsed();
    assert_eq!(done.len(), size.payments as usize);
    // The last shopper may be done before the last death; what is checked is checked after all of them.
    let all_died = async {
        while killed.load(Ordering::SeqCst) < size.kills {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(60), all_died).await.expect("not all were killed");
    wait_for_the_shop(&app, &done).await;
    check(&app, &done, &app.shop.told()).await;
    let settled = started.elapsed();
    assert_eq!(killed.load(Ordering::SeqCst), size.kills);
    let (told, sent) = (app.shop.told().len(), app.banq.deliveries());
    let attempts: usize = sent.iter().map(|webhook| webhook.attempts.len()).sum();
    let count = |deed: Deed| done.values().filter(|done| **done == deed).count();
    println!(
        "{on:?}, {instances} instance(s): {} payments ({} accepted, {} reversed, {} returned, {} of another amount), {} kills; {attempts} deliveries of {} webhooks; \
         {told} notifications; shopping took {shopped:.1?}, all of it {settled:.1?}",
        size.payments,
        count(Deed::Accept),
        count(Deed::Reverse),
        count(Deed::Return),
        count(Deed::Differ),
        size.kills,
        sent.len(),
    );
}

/// One instance: killed and started again until all kills are done; then it stays.
async fn live_and_die(settings: Settings, size: Size, killed: Arc<AtomicU32>, paid: Arc<AtomicU32>) {
    loop {
        let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &settings);
        let mut process = command.env("RUST_LOG", "off").stdout(Stdio::null()).spawn().unwrap();
        // Anywhere in its life: before it listens, at the first request, in the middle of everything.
        sleep(Duration::from_millis(30 + u64::from(random() % 500))).await;
        loop {
            assert_eq!(process.try_wait().unwrap(), None, "it stopped by itself");
            // As many deaths as there was shopping, so that they are spread over all of it.
            let shopped = u64::from(paid.load(Ordering::SeqCst) + SHOPPERS);
            let due = u64::from(size.kills) * shopped / u64::from(size.payments);
            let may_die =
                |count: u32| (count < size.kills && u64::from(count) < due.max(1)).then_some(count + 1);
            if killed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, may_die).is_ok() {
                break;
            }
            // At the end until the test ends.
            sleep(Duration::from_millis(20)).await;
        }
        process.kill().await.unwrap();
    }
}

/// One shopper after the other: asks until there is a link, and acts on it.
async fn shop(
    app: Arc<TestApp>,
    ports: Arc<[u16]>,
    size: Size,
    next: Arc<AtomicU32>,
    paid: Arc<AtomicU32>,
) -> Done {
    let mut done = Done::default();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= size.payments {
            return done;
        }
        let order = format!("order-{number}");
        let link = loop {
            let url = format!("http://127.0.0.1:{}", ports[random() as usize % ports.len()]);
            match app.ask(&url, &order).await {
                Ok((200 | 201, link)) => break link,
                // It was killed, or another instance is asking.
                Ok((500..=599, _)) | Err(_) => sleep(Duration::from_millis(20)).await,
                Ok((status, problem)) => panic!("{status} {problem}"),
            }
        };
        let payment = app.payment(link["url"].as_str().unwrap());
        let deed = Deed::random();
        deed.act(&app.banq, payment).await;
        done.insert(order, deed);
        paid.fetch_add(1, Ordering::SeqCst);
    }
}

/// Waits until the last thing that the shop took of each order is what it has to be.
async fn wait_for_the_shop(app: &TestApp, done: &Done) {
    let deadline = Instant::now() + SETTLED_WITHIN;
    loop {
        let told = app.shop.told();
        let taken = told.iter().filter(|told| told.answered.is_success());
        let mut last: HashMap<&str, &Told> = HashMap::new();
        for told in taken {
            let newest = last.entry(&told.order_id).or_insert(told);
            if told.data["version"].as_u64() > newest.data["version"].as_u64() {
                *newest = told;
            }
        }
        let is_told = |order: &str, deed: &Deed| match last.get(order) {
            Some(told) => deed.last_events().contains(&&*told.kind),
            None => deed.last_events().is_empty(),
        };
        let missing: Vec<_> = done.iter().filter(|(order, deed)| !is_told(order, deed)).collect();
        if missing.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "lost: the shop was not told of {missing:?}");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn check(app: &TestApp, done: &Done, told: &[Told]) {
    // One id for each event of an order, and no event that has no cause.
    let mut ids: HashMap<(&str, &str), HashSet<&str>> = HashMap::new();
    for told in told {
        let deed = done[&told.order_id];
        let allowed: &[&str] = match deed {
            Deed::Accept => &["order.paid"],
            Deed::Decline => &[],
            Deed::Reverse => &["order.paid", "order.reversed"],
            Deed::Return => &["order.paid", "order.reversed", "order.payment_restored"],
            Deed::Differ => &["order.payment_mismatch"],
        };
        assert!(allowed.contains(&&*told.kind), "told of what did not happen: {deed:?} {told:?}");
        assert_ne!(told.answered, StatusCode::UNAUTHORIZED, "a signature that is wrong: {told:?}");
        ids.entry((&told.order_id, &told.kind)).or_default().insert(&told.id);
    }
    assert!(ids.values().all(|ids| ids.len() == 1), "told under more than one id");
    let operator = app.operator().await;
    for (order, deed) in done {
        let checkouts = operator.checkouts(Some(order), 100).await.unwrap();
        let state: Vec<_> = checkouts.iter().map(|checkout| &*checkout.status).collect();
        assert_eq!(state, [deed.status()], "{order} {deed:?}: {checkouts:?}");
        let (_, history) = operator.checkout(&checkouts[0].checkout_id).await.unwrap();
        let paid = history.iter().filter(|line| line.status == "paid").count();
        let expected = match deed {
            Deed::Accept => 1..=1,
            Deed::Decline | Deed::Differ => 0..=0,
            Deed::Reverse => 0..=1,
            Deed::Return => 1..=2,
        };
        assert!(expected.contains(&paid), "{order} {deed:?}: {history:?}");
        assert_eq!(app.payments_of(order), 1, "{order}: a second payment upstream");
    }
    assert_eq!(operator.notifications(None, 100_000).await.unwrap().len(), ids.len());
    let differing = done.values().filter(|deed| **deed == Deed::Differ).count();
    assert_eq!(operator.backlog().await.unwrap().in_question, differing as u64);
    assert_eq!(operator.dead_letters(100_000).await.unwrap(), []);
}

/// What stands in front of the instances: each webhook goes to any of them, and fails if that one is dead.
async fn front(ports: Arc<[u16]>) -> String {
    async fn pass(
        State((http, ports)): State<(reqwest::Client, Arc<[u16]>)>,
        headers: HeaderMap,
        raw: Bytes,
    ) -> StatusCode {
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let port = ports[TURN.fetch_add(1, Ordering::Relaxed) % ports.len()];
        let url = format!("http://127.0.0.1:{port}/your-web-hooks/payment-status");
        let mut request = http.post(url).body(raw);
        for name in ["content-type", "x-banq-webhook-hmac"] {
            request = request.header(name, headers[name].to_str().unwrap());
        }
        request.send().await.map_or(StatusCode::BAD_GATEWAY, |answer| answer.status())
    }
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/your-web-hooks/payment-status", post(pass)).with_state((http, ports));
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

fn random() -> u32 {
    getrandom::u32().unwrap()
}

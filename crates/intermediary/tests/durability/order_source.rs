//! An embedding program that says what orders cost, also when their money comes.

use std::sync::{Arc, Mutex};

use banq_intermediary::{Amount, Intermediary, Order, OrderFuture, OrderSource, Schedule};
use banq_testkit::PATIENCE;
use tokio::sync::Notify;

use crate::app::{On, TestApp};

/// What every order costs.
#[derive(Debug, Clone, Copy)]
enum Says {
    Costs(&'static str),
    CostsMonthly(&'static str),
    NoSuchOrder,
    Away,
    Nothing,
}

/// A shop that can change its mind, and says when it was asked in vain.
struct Catalogue {
    says: Mutex<Says>,
    asked_in_vain: Notify,
}

impl Catalogue {
    fn say(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }
}

impl OrderSource for Catalogue {
    fn order<'a>(&'a self, _: &'a str) -> OrderFuture<'a> {
        let says = *self.says.lock().unwrap();
        Box::pin(async move {
            let order = |funds, schedule| Order {
                funds: Amount::parse(funds).unwrap(),
                comment: "Two coffees".to_owned(),
                schedule,
            };
            match says {
                Says::Costs(funds) => Ok(Some(order(funds, Schedule::ONCE))),
                Says::CostsMonthly(funds) => {
                    let monthly = Schedule::read("monthly", Some("2027-01-31"), None).unwrap();
                    Ok(Some(order(funds, monthly)))
                }
                Says::NoSuchOrder => Ok(None),
                Says::Nothing => std::future::pending().await,
                Says::Away => {
                    self.asked_in_vain.notify_one();
                    Err("the shop's database is away".into())
                }
            }
        })
    }
}

/// The program: nests the router into its own axum server, which Banq's webhooks go to.
async fn embed(app: &TestApp) -> (Arc<Catalogue>, Intermediary, String) {
    let shop = Arc::new(Catalogue { says: Mutex::new(Says::Costs("2.50")), asked_in_vain: Notify::new() });
    let mut config = app.config();
    config.tuning.request_timeout = std::time::Duration::from_secs(1);
    let intermediary = Intermediary::with_orders(config, Arc::clone(&shop)).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = intermediary.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    app.send_webhooks_to(&url);
    (shop, intermediary, url)
}

#[tokio::test]
async fn link_paid_after_a_price_change_does_not_pay_the_order() {
    let app = TestApp::new(On::Sqlite).await;
    let (shop, _intermediary, url) = embed(&app).await;
    for (order, now) in [("1", Says::Costs("200")), ("2", Says::NoSuchOrder), ("3", Says::Costs("2.5"))] {
        shop.say(Says::Costs("2.50"));
        let (checkout, payment) = app.open(&url, order).await;
        // No page asks again before the old link is paid.
        shop.say(now);
        app.banq.accept(payment).await.unwrap();
        app.becomes(&url, &checkout, "paid").await;
    }
    let told = app.shop.told_times(3).await;
    let kind = |order: &str| told.iter().find(|told| told.order_id == order).unwrap().kind.clone();
    assert_eq!(
        [kind("1"), kind("2"), kind("3")],
        ["order.paid_other_amount", "order.paid_other_amount", "order.paid"]
    );
}

#[tokio::test]
async fn agreement_after_a_price_change_is_told_as_too_late() {
    let app = TestApp::new(On::Sqlite).await;
    let (shop, _intermediary, url) = embed(&app).await;
    let now = [Says::CostsMonthly("200"), Says::Costs("2.50"), Says::CostsMonthly("2.5")];
    for (order, now) in ["1", "2", "3"].into_iter().zip(now) {
        shop.say(Says::CostsMonthly("2.50"));
        let (checkout, payment) = app.open(&url, order).await;
        shop.say(now);
        app.banq.accept(payment).await.unwrap();
        app.becomes(&url, &checkout, "processing").await;
    }
    let told = app.shop.told_times(3).await;
    let kind = |order: &str| told.iter().find(|told| told.order_id == order).unwrap().kind.clone();
    let late = "order.agreed_too_late";
    assert_eq!([kind("1"), kind("2"), kind("3")], [late, late, "order.agreed"]);
}

#[tokio::test]
async fn notification_waits_until_the_shop_can_name_the_price() {
    let app = TestApp::new(On::Sqlite).await;
    let (shop, _intermediary, url) = embed(&app).await;
    let (checkout, payment) = app.open(&url, "1").await;
    shop.say(Says::Away);
    app.banq.accept(payment).await.unwrap();
    // More often than a job may fail for a reason of its own.
    for _ in 0..8 {
        tokio::time::timeout(PATIENCE, shop.asked_in_vain.notified()).await.unwrap();
    }
    assert_ne!(app.status(&url, &checkout).await, "paid");
    assert!(app.shop.told().is_empty());
    shop.say(Says::Costs("2.50"));
    app.becomes(&url, &checkout, "paid").await;
    assert_eq!(app.shop.told_times(1).await[0].kind, "order.paid");
}

#[tokio::test]
async fn a_shop_that_does_not_answer_holds_nobody_up() {
    let app = TestApp::new(On::Sqlite).await;
    let (shop, _intermediary, url) = embed(&app).await;
    shop.say(Says::Nothing);
    let (status, problem) = app.ask(&url, "1").await.unwrap();
    assert_eq!((status, &problem["code"]), (503, &"unavailable".into()));
    shop.say(Says::Costs("2.50"));
    let (checkout, payment) = app.open(&url, "1").await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&url, &checkout, "paid").await;
}

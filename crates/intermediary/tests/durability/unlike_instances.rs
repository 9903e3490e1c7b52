//! Several servers on one database that do not have the same settings.

use std::time::Duration;

use banq_intermediary::{
    Config, Environment, Secret, Server, StartError,
    doctor::{Doctor, Outcome},
};

use banq_testkit::PATIENCE;

use crate::app::{On, TestApp, banq};

fn without_an_address(app: &TestApp) -> Config {
    let mut config = app.config();
    config.fulfilment = None;
    config
}

/// Has a server with this configuration see an order paid, and stops it.
async fn pay_at(app: &TestApp, config: Config, order: &str) {
    let tells = config.fulfilment.is_some();
    let server = Server::start(config).await.unwrap();
    app.send_webhooks_to(&server.url());
    let (checkout, payment) = app.open(&server.url(), order).await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "paid").await;
    if tells {
        app.shop.told_until(|told| told.iter().any(|told| told.order_id == order)).await;
    }
    server.stop().await;
}

async fn an_instance_without_an_address_notes_for_the_others(on: On) {
    let app = TestApp::new(on).await;
    pay_at(&app, app.config(), "1").await;
    pay_at(&app, without_an_address(&app), "2").await;
    let _server = app.server().await;
    let told = app.shop.told_until(|told| told.iter().any(|told| told.order_id == "2")).await;
    assert_eq!(told.iter().filter(|told| told.order_id == "2").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_without_an_address_notes_for_others_on_sqlite() {
    an_instance_without_an_address_notes_for_the_others(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_without_an_address_notes_for_others_on_pg() {
    an_instance_without_an_address_notes_for_the_others(On::Postgres).await;
}

async fn a_shop_that_is_told_later_is_not_flooded_with_its_past(on: On) {
    let app = TestApp::new(on).await;
    pay_at(&app, without_an_address(&app), "1").await;
    let _server = app.server().await;
    let (_, payment) = app.open(&_server.url(), "2").await;
    app.banq.accept(payment).await.unwrap();
    let told = app.shop.told_times(1).await;
    assert_eq!(told.iter().map(|told| told.order_id.as_str()).collect::<Vec<_>>(), ["2"]);
    let operator = app.operator().await;
    let noted = operator.notifications(None, 10).await.unwrap();
    let past = noted.iter().find(|noted| noted.order_id == "1").expect("what happened is noted");
    assert_eq!((past.state.as_str(), past.attempts), ("unaddressed", 0));
    operator.replay_notification(&past.id).await.unwrap();
    let told = app.shop.told_times(2).await;
    assert_eq!((told[1].order_id.as_str(), &told[1].id), ("1", &past.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_told_later_is_not_flooded_with_its_past_on_sqlite() {
    a_shop_that_is_told_later_is_not_flooded_with_its_past(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_told_later_is_not_flooded_with_its_past_on_pg() {
    a_shop_that_is_told_later_is_not_flooded_with_its_past(On::Postgres).await;
}

/// Waits until the server says so of a setting.
async fn becomes_unlike(app: &TestApp, server: &Server, setting: &str, unlike: bool) {
    let line = format!("banq_unlike_settings{{setting=\"{setting}\"}} {}", u8::from(unlike));
    let wait = async {
        loop {
            let page = app.http.get(format!("{}/metrics", server.url())).send().await.unwrap();
            if page.text().await.unwrap().lines().any(|known| known == line) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("it never said {line}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unlike_settings_of_two_instances_are_named() {
    let app = TestApp::new(On::Postgres).await;
    let first = app.server().await;
    let mut config = without_an_address(&app);
    banq(&mut config).webhook_secret = Secret::new("another secret of the tests");
    let second = Server::start(config.clone()).await.unwrap();
    for server in [&first, &second] {
        for setting in ["BANQ_WEBHOOK_SECRET", "BANQ_FULFILMENT_URL", "BANQ_FULFILMENT_SECRET"] {
            becomes_unlike(&app, server, setting, true).await;
        }
        becomes_unlike(&app, server, "BANQ_API_KEY", false).await;
    }
    config.public_url = Some(first.url().parse().unwrap());
    let checks = Doctor::new(config).unwrap().examine(&[]).await;
    let check = checks.iter().find(|check| check.name == "instances").unwrap();
    assert_eq!(check.outcome, Outcome::Fail, "{check:?}");
    assert!(check.detail.contains("BANQ_WEBHOOK_SECRET") && !check.detail.contains("tests"), "{check:?}");
    second.stop().await;
    becomes_unlike(&app, &first, "BANQ_WEBHOOK_SECRET", false).await;
}

/// Why a server with this configuration does not start.
async fn refusal(config: Config) -> String {
    match Server::start(config).await {
        Err(StartError::Config(error)) => error.to_string(),
        Err(error) => panic!("not for its settings: {error}"),
        Ok(_) => panic!("it started"),
    }
}

#[tokio::test]
async fn a_database_of_another_merchant_or_environment_is_refused() {
    let app = TestApp::new(On::Sqlite).await;
    app.server().await.stop().await;
    let mut config = app.config();
    banq(&mut config).account_guid = "00000000-0000-4000-8000-000000000001".parse().unwrap();
    let said = refusal(config).await;
    assert!(said.contains("belongs to another BANQ_ACCOUNT_GUID"), "{said}");

    let mut config = app.config();
    config.environment = Environment::Sandbox;
    config.allow_client_amounts = false;
    config.api_key = Some(Secret::new("the shop's own key"));
    banq(&mut config).api_url = "https://127.0.0.1:9/api/".parse().unwrap();
    banq(&mut config).auth_url = "https://127.0.0.1:9/oauth/token".parse().unwrap();
    config.public_url = Some("https://pay.shop.example".parse().unwrap());
    config.fulfilment.as_mut().unwrap().url = "https://shop.example/paid".parse().unwrap();
    let said = refusal(config).await;
    assert!(said.contains("belongs to another BANQ_ENVIRONMENT"), "{said}");

    app.server().await.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_ends_the_telling_of_a_shop() {
    let app = TestApp::new(On::Sqlite).await;
    let operator = {
        let server = app.server().await;
        let operator = app.operator().await;
        assert!(operator.stop_telling().await.is_err(), "a server tells the shop");
        server.stop().await;
        operator
    };
    pay_at(&app, without_an_address(&app), "1").await;
    assert_eq!(operator.stop_telling().await.unwrap(), 1);
    pay_at(&app, without_an_address(&app), "2").await;
    let noted = operator.notifications(None, 10).await.unwrap();
    assert!(noted.iter().all(|noted| noted.state == "unaddressed"), "{noted:?}");
    assert_eq!((noted.len(), operator.backlog().await.unwrap().notifications), (2, 0));
}

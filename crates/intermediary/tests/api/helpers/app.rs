//! A server with the simulator, and the requests of pages and shops.

use std::{
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use banq_intermediary::{Config, Server};
use banq_simulator::{Control, Delivery, DeliveryState, SIGNATURE_HEADER};
use banq_testkit::{API_KEY, WEBHOOK_PATH, WEBHOOK_SECRET};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Answer, Database, Events, SHOP, Wire, client, eventually, log::install, simulator_config, with_shop,
    within_deadline,
};

/// Both servers of one test, each on a free port.
pub(crate) struct TestApp {
    server: Server,
    /// Without a slash at the end.
    pub(crate) url: String,
    pub(crate) control: Control,
    orders: AtomicU32,
    app: banq_testkit::TestApp,
}

impl Deref for TestApp {
    type Target = banq_testkit::TestApp;

    fn deref(&self) -> &Self::Target {
        &self.app
    }
}

/// What the page got.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Link {
    /// 201 for a new link, 200 for one that was there.
    pub(crate) status: u16,
    /// Banq's.
    pub(crate) url: String,
    pub(crate) checkout: String,
    pub(crate) payment: Uuid,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::build(simulator_config(), None, change).await
    }

    /// Starts with another simulator.
    pub(crate) async fn beside(simulator: banq_simulator::Config) -> Self {
        Self::build(simulator, None, |_| {}).await
    }

    /// With somebody between the server and Banq.
    pub(crate) async fn on_a_wire() -> (Self, Wire) {
        Self::on_a_wire_with(|_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn on_a_wire_with(change: impl FnOnce(&mut Config)) -> (Self, Wire) {
        let wire = Wire::start().await;
        let app = Self::build(simulator_config(), Some(&wire), change).await;
        (app, wire)
    }

    async fn build(
        simulator: banq_simulator::Config,
        wire: Option<&Wire>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        install();
        let mut app = banq_testkit::TestApp::beside(simulator).await.with_client(client());
        if let Some(wire) = wire {
            wire.lead_to(&app.simulator.url());
            app = app.with_banq(wire.url.clone());
        }
        let mut config = Config::from_map(&with_shop(app.settings())).unwrap();
        config.tuning.retry_pause = Duration::from_millis(10);
        config.tuning.worker_pause = Duration::from_millis(10);
        config.tuning.worker_longest_pause = Duration::from_millis(100);
        config.tuning.provider_deadline = Duration::from_secs(5);
        config.tuning.stop_timeout = Duration::from_secs(2);
        // What these tests count begins with the first shopper.
        config.tuning.sign_in = false;
        change(&mut config);
        let server = app.serve(config).await;
        let (url, control) = (server.url(), app.simulator.control());
        Self { server, url, control, orders: AtomicU32::new(1), app }
    }

    /// Stops the server in order; the simulator runs as long as its control exists.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }

    /// An order that nobody used before.
    pub(crate) fn order(&self) -> String {
        format!("order-{}", self.orders.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns host and port of the simulator.
    pub(crate) fn banq_address(&self) -> String {
        self.simulator.url().replace("http://", "")
    }

    pub(crate) async fn database(&self) -> Database {
        Database::open(&self.folder().join("test.sqlite")).await
    }

    /// Any request with any headers.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> reqwest::Response {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        within_deadline(request.send()).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::read(self.send(Method::GET, path, headers, "").await).await
    }

    /// The shop's server registers a price.
    pub(crate) async fn put_order(&self, order: &str, terms: &Value) -> Answer {
        let key = format!("Bearer {API_KEY}");
        let headers = [("authorization", &*key), ("content-type", "application/json")];
        let path = format!("/orders/{order}");
        Answer::read(self.send(Method::PUT, &path, &headers, terms.to_string()).await).await
    }

    pub(crate) async fn register(&self, order: &str, funds: &str) {
        let answer = self.put_order(order, &json!({"funds": funds, "comment": "Tea"})).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }

    /// Requests a link, as a page does.
    pub(crate) async fn ask(&self, request: &Value) -> Answer {
        self.ask_with(&[("origin", SHOP), ("content-type", "application/json")], request.to_string()).await
    }

    pub(crate) async fn ask_with(&self, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
        Answer::read(self.send(Method::POST, "/generate-payment-link", headers, body).await).await
    }

    /// A link for a registered order.
    pub(crate) async fn link(&self, order: &str) -> Link {
        let answer = self.ask(&json!({"orderId": order})).await;
        let data = answer.data();
        let text = |field: &str| data[field].as_str().unwrap().to_owned();
        let url = provider_link(&data["url"]).to_owned();
        let payment = self.control.payments().into_iter().find(|payment| payment.url == url);
        Link { status: answer.status, url, checkout: text("checkoutId"), payment: payment.unwrap().id }
    }

    /// A new order of 2 dollars, and its link.
    pub(crate) async fn checkout(&self) -> Link {
        let order = self.order();
        self.register(&order, "2").await;
        self.link(&order).await
    }

    pub(crate) async fn snapshot(&self, checkout: &str) -> Value {
        self.get(&format!("/checkouts/{checkout}"), &[]).await.data().clone()
    }

    pub(crate) async fn events(&self, checkout: &str) -> Events {
        Events::new(self.events_response(checkout, &[]).await)
    }

    pub(crate) async fn events_response(
        &self,
        checkout: &str,
        headers: &[(&str, &str)],
    ) -> reqwest::Response {
        self.send(Method::GET, &format!("/checkouts/{checkout}/events"), headers, "").await
    }

    /// Waits until a checkout has this status.
    pub(crate) async fn until(&self, checkout: &str, status: &str) {
        let mut events = self.events(checkout).await;
        while events.next_status().await.0 != status {}
    }

    /// Sends a webhook with exactly this signature.
    pub(crate) async fn send_webhook(&self, body: impl Into<reqwest::Body>, signature: &str) -> Answer {
        let headers = [(SIGNATURE_HEADER, signature), ("content-type", "application/json")];
        Answer::read(self.send(Method::POST, WEBHOOK_PATH, &headers, body).await).await
    }

    /// Sends a webhook as Banq would.
    pub(crate) async fn send_signed(&self, body: &str) -> Answer {
        self.send_webhook(body.to_owned(), &banq_simulator::sign(WEBHOOK_SECRET, body.as_bytes())).await
    }

    /// From now on Banq's own webhooks are lost.
    pub(crate) fn lose_webhooks(&self) {
        self.control.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    }

    /// Waits until every webhook was answered with 200, as often as it is sent.
    pub(crate) async fn delivered(&self, times: usize) {
        within_deadline(self.control.wait_until(|control| {
            control.deliveries().iter().all(|delivery| {
                delivery.state == DeliveryState::Delivered && delivery.attempts.len() == times
            })
        }))
        .await;
    }

    /// Waits until every webhook that was sent has arrived, and none leads to any more work.
    pub(crate) async fn settled(&self) {
        within_deadline(self.control.wait_until(|control| {
            let waits = |delivery: &Delivery| delivery.state == DeliveryState::Pending;
            !control.deliveries().iter().any(waits)
        }))
        .await;
        let database = self.database().await;
        eventually("every webhook has an outcome", async || database.unfinished_webhooks().await == 0).await;
    }

    /// The idempotent ids under which links were asked for upstream, in order.
    pub(crate) fn attempts(&self) -> Vec<String> {
        let requests = self.control.requests().into_iter();
        requests
            .filter(|request| request.path.ends_with("/get-paid-link"))
            .map(|request| request.idempotent_id.expect("every request for a link has an X-Idempotent-Id"))
            .collect()
    }

    /// How often Banq was asked about a payment.
    pub(crate) fn questions(&self) -> usize {
        let requests = self.control.requests().into_iter();
        requests.filter(|request| request.method == "GET" && request.path.contains("/payments/")).count()
    }

    /// After an attack: the server answers, and an order can be paid.
    pub(crate) async fn assert_healthy(&self) {
        self.control.update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
        for path in ["/healthz", "/readyz"] {
            let answer = self.get(path, &[]).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        let link = self.checkout().await;
        assert_eq!(link.status, 201);
        let mut events = self.events(&link.checkout).await;
        assert_eq!(events.next_status().await, ("pending".to_owned(), 1));
        self.control.accept(link.payment).await.unwrap();
        assert_eq!(events.rest().await, [("paid".to_owned(), 2)]);
    }
}

/// Banq's link, without the part that says where the checkout is watched.
pub(crate) fn provider_link(url: &Value) -> &str {
    let (link, mark) = url.as_str().unwrap().rsplit_once(['#', '&']).unwrap();
    assert!(mark.starts_with("banq-checkout=http"), "{url}");
    link
}

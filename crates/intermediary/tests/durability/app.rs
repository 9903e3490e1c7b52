//! Banq, shop and database of a test, and instances of the intermediary between them.

use std::{ops::Deref, time::Duration};

use banq_intermediary::{BanqConfig, Config, Operator, ProviderConfig, Secret, Server, Tuning};
use banq_simulator::{Control, Delivery, DeliveryState, WebhookConfig};
use banq_testkit::{PATIENCE, Settings, WEBHOOK_PATH, WEBHOOK_SECRET, changed, postgres, until};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::shop::{self, Shop};

pub(crate) use banq_testkit::API_KEY;

/// Where everything durable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

pub(crate) struct TestApp {
    pub(crate) banq: Control,
    pub(crate) shop: Shop,
    app: banq_testkit::TestApp,
}

impl Deref for TestApp {
    type Target = banq_testkit::TestApp;

    fn deref(&self) -> &Self::Target {
        &self.app
    }
}

impl TestApp {
    pub(crate) async fn new(on: On) -> Self {
        let app = banq_testkit::TestApp::start().await;
        match on {
            On::Sqlite => Self::around(app).await,
            On::Postgres => Self::around(app.with_database(postgres::database().await)).await,
        }
    }

    /// Over a database of the test's own.
    pub(crate) async fn over(database: String) -> Self {
        Self::around(banq_testkit::TestApp::start().await.with_database(database)).await
    }

    async fn around(app: banq_testkit::TestApp) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { banq: app.simulator.control(), shop: Shop::start().await, app: app.with_client(http) }
    }

    /// Returns the settings of an instance.
    pub(crate) fn settings(&self) -> Settings {
        let changes = [
            ("BANQ_ALLOW_CLIENT_AMOUNTS", "true"),
            ("BANQ_FULFILMENT_URL", &*self.shop.url),
            ("BANQ_FULFILMENT_SECRET", shop::SECRET),
        ];
        changed(self.app.settings(), &changes)
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config::from_map(&self.settings()).unwrap();
        config.tuning = Tuning {
            provider_deadline: Duration::from_secs(2),
            retry_pause: Duration::from_millis(20),
            worker_pause: Duration::from_millis(20),
            worker_longest_pause: Duration::from_millis(200),
            lease: Duration::from_secs(4),
            worker_max_sleep: Duration::from_millis(200),
            dead_after_faults_for: Duration::ZERO,
            fulfilment_pauses: [50, 100, 150].map(Duration::from_millis).into(),
            ..Tuning::default()
        };
        config
    }

    /// An instance that Banq's webhooks go to.
    pub(crate) async fn server(&self) -> Server {
        self.server_with(|_| {}).await
    }

    pub(crate) async fn server_with(&self, tune: impl FnOnce(&mut Tuning)) -> Server {
        let mut config = self.config();
        tune(&mut config.tuning);
        let server = Server::start(config).await.unwrap();
        self.send_webhooks_to(&server.url());
        server
    }

    /// The same, with a key by which the shop sets prices.
    pub(crate) async fn server_with_key(&self, key: &str) -> Server {
        let mut config = self.config();
        config.api_key = Some(Secret::new(key));
        let server = Server::start(config).await.unwrap();
        self.send_webhooks_to(&server.url());
        server
    }

    /// Sends a webhook about nothing, signed as Banq does; the answer's status and content type.
    pub(crate) async fn send_webhook(&self, url: &str) -> (u16, String) {
        let body = json!({
            "id": Uuid::new_v4(), "action": "Wibble", "resourceType": "Wibble", "resourceId": Uuid::new_v4(),
        });
        self.send_signed(url, &body).await
    }

    /// Sends a webhook, signed as Banq does; the answer's status and content type.
    pub(crate) async fn send_signed(&self, url: &str, body: &Value) -> (u16, String) {
        let answer = self.post_signed(url, body).await.unwrap();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        (answer.status().as_u16(), kind.unwrap_or_default())
    }

    /// Sends a webhook, signed as Banq does; fails if there is no answer.
    pub(crate) async fn post_signed(&self, url: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        let body = body.to_string();
        let request = self.http.post(format!("{url}{WEBHOOK_PATH}"));
        let request = request.header("content-type", "application/json");
        let signature = banq_simulator::sign(WEBHOOK_SECRET, body.as_bytes());
        request.header(banq_simulator::SIGNATURE_HEADER, signature).body(body).send().await
    }

    pub(crate) fn send_webhooks_to(&self, url: &str) {
        let url = format!("{url}{WEBHOOK_PATH}");
        self.banq
            .set_webhook(WebhookConfig { retry_count: 1_000, ..WebhookConfig::new(url, WEBHOOK_SECRET) });
    }

    /// Waits until Banq's webhooks are as expected and all delivered.
    pub(crate) async fn delivered(&self, expected: impl Fn(&[Delivery]) -> bool) {
        let delivered = |banq: &Control| {
            let sent = banq.deliveries();
            expected(&sent) && sent.iter().all(|webhook| webhook.state == DeliveryState::Delivered)
        };
        tokio::time::timeout(PATIENCE, self.banq.wait_until(delivered)).await.expect("not delivered");
    }

    /// Waits until they are also processed or given up.
    pub(crate) async fn processed(&self, operator: &Operator, expected: impl Fn(&[Delivery]) -> bool) {
        self.delivered(expected).await;
        until(async || (operator.backlog().await.unwrap().webhooks == 0).then_some(())).await;
    }

    /// Lets Banq's answers be nonsense: no outage, and asking again does not help. From then on no question is under way
    /// that would be answered well, such as one about the webhook of a beginning.
    pub(crate) async fn confuse_banq(&self) {
        self.banq.update_scenarios(|scenarios| scenarios.api.html = true);
        let answered = |banq: &Control| banq.requests().iter().all(|request| request.status.is_some());
        tokio::time::timeout(PATIENCE, self.banq.wait_until(answered)).await.expect("not answered");
    }

    /// Returns a metric's value.
    pub(crate) async fn metric(&self, url: &str, name: &str) -> f64 {
        let answer = self.http.get(format!("{url}/metrics")).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} in {text}")).trim().parse().unwrap()
    }

    /// Begins a transaction on PostgreSQL.
    pub(crate) async fn begin(&self) -> PgConnection {
        let mut connection = PgConnection::connect(&self.settings()["BANQ_DATABASE_URL"]).await.unwrap();
        connection.execute("BEGIN").await.unwrap();
        connection
    }

    /// Begins a transaction on PostgreSQL that keeps servers from storing webhooks.
    pub(crate) async fn lock_inbox(&self) -> PgConnection {
        let mut holder = self.begin().await;
        holder.execute("LOCK TABLE inbox IN SHARE MODE").await.unwrap();
        holder
    }

    /// Opens a checkout's stream.
    pub(crate) async fn stream(&self, url: &str, checkout: &str) -> Stream {
        let response = self.http.get(format!("{url}/checkouts/{checkout}/events")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Stream { response, seen: String::new() }
    }

    pub(crate) async fn operator(&self) -> Operator {
        Operator::open(&self.config()).await.unwrap()
    }

    /// Asks for an order's link: the answer's status and `data`, in which `url` is Banq's, without where its
    /// checkout is watched, which each instance has of its own here.
    pub(crate) async fn ask(&self, url: &str, order: &str) -> reqwest::Result<(u16, Value)> {
        let body = json!({"orderId": order, "funds": "2.50", "comment": "Two coffees"});
        let request = self.http.post(format!("{url}/generate-payment-link")).json(&body);
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let mut body: Value = answer.json().await?;
        if status >= 300 {
            return Ok((status, body));
        }
        let mut link = body["data"].take();
        let (url, _) = link["url"].as_str().unwrap().rsplit_once("#banq-checkout=").unwrap();
        link["url"] = url.into();
        Ok((status, link))
    }

    /// The checkout of an order and Banq's payment behind it.
    pub(crate) async fn open(&self, url: &str, order: &str) -> (String, Uuid) {
        let (status, link) = self.ask(url, order).await.unwrap();
        assert_eq!(status, 201, "{link}");
        (link["checkoutId"].as_str().unwrap().to_owned(), self.payment(link["url"].as_str().unwrap()))
    }

    /// The same, of a link that is alive.
    pub(crate) async fn open_again(&self, url: &str, order: &str) -> (String, Uuid) {
        let (status, link) = self.ask(url, order).await.unwrap();
        assert_eq!(status, 200, "{link}");
        (link["checkoutId"].as_str().unwrap().to_owned(), self.payment(link["url"].as_str().unwrap()))
    }

    /// How many payments of an order there are at Banq.
    pub(crate) fn payments_of(&self, order: &str) -> usize {
        let payments = self.banq.payments();
        payments.iter().filter(|payment| payment.external_order_code.as_deref() == Some(order)).count()
    }

    /// Banq's payment behind a link.
    pub(crate) fn payment(&self, url: &str) -> Uuid {
        let payments = self.banq.payments();
        payments.iter().find(|payment| payment.url == url).expect("a link of Banq's").id
    }

    pub(crate) async fn status(&self, url: &str, checkout: &str) -> String {
        let answer = self.http.get(format!("{url}/checkouts/{checkout}")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["data"]["status"].as_str().unwrap().to_owned()
    }

    /// Waits until a checkout has this status.
    pub(crate) async fn becomes(&self, url: &str, checkout: &str, expected: &str) {
        let wait = async {
            while self.status(url, checkout).await != expected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("it never was {expected}"));
    }
}

/// The open stream of a checkout.
pub(crate) struct Stream {
    response: reqwest::Response,
    seen: String,
}

impl Stream {
    /// Reads until an event has this status.
    pub(crate) async fn until(&mut self, status: &str) {
        let status = format!("\"status\":\"{status}\"");
        let reading = async {
            while !self.seen.contains(&status) {
                let chunk = self.response.chunk().await.unwrap();
                let chunk = chunk.unwrap_or_else(|| panic!("it ended without {status}: {}", self.seen));
                self.seen.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap();
    }

    /// Reads until it ends by itself.
    pub(crate) async fn end(mut self) {
        let reading = async { while self.response.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(PATIENCE, reading).await.unwrap();
    }
}

/// The settings of Banq in this configuration.
pub(crate) fn banq(config: &mut Config) -> &mut BanqConfig {
    let ProviderConfig::Banq(banq) = &mut config.provider;
    banq
}

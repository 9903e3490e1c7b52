//! A merchant with a simulator of their own, and a receiver of webhooks.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use banq_simulator::{Config, Control, SIGNATURE_HEADER, Simulator, WebhookConfig};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};
use uuid::Uuid;

pub(crate) const SECRET: &str = "shared secret";

/// So long that only a fault takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A merchant who has logged in.
pub(crate) struct Merchant {
    pub(crate) sim: Simulator,
    pub(crate) control: Control,
    http: reqwest::Client,
    token: String,
}

/// What tests start from: a free port and quick retries.
pub(crate) fn config() -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        webhook_retry_delay: Duration::from_millis(20),
        ..Config::default()
    }
}

pub(crate) fn login() -> Value {
    json!({
        "client_id": "demo-client", "username": "demo-merchant", "password": "demo-password",
        "audience": "https://banq.com/open/api/", "grant_type": "password",
    })
}

pub(crate) fn order() -> Value {
    json!({
        "destination": {"banqGuid": "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42"},
        "comment": "Tea", "funds": 2, "externalOrderCode": "009221", "frequency": "once",
    })
}

impl Merchant {
    pub(crate) async fn new() -> Merchant {
        Merchant::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Merchant {
        let sim = Simulator::start(config).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut merchant = Merchant { control: sim.control(), sim, http, token: String::new() };
        merchant.token = match merchant.post("/oauth/token", &login()).await {
            (200, answer) => answer["access_token"].as_str().unwrap().to_owned(),
            _ => String::new(), // a test that starts with other credentials logs in by itself
        };
        merchant
    }

    /// A merchant and the receiver of their webhooks.
    pub(crate) async fn with_webhooks() -> (Merchant, Receiver) {
        let receiver = Receiver::new().await;
        let webhook = Some(WebhookConfig::new(&receiver.url, SECRET));
        (Merchant::with(Config { webhook, ..config() }).await, receiver)
    }

    pub(crate) fn set_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.sim.url()));
        if path.starts_with("/api/") && !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = if body.is_null() { request } else { request.json(body) };
        request.send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.send(Method::POST, path, &[], body).await).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.send(Method::PUT, path, &[], body).await).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.send(Method::GET, path, &[], &Value::Null).await).await
    }

    /// Asks for a link; the payment's id.
    pub(crate) async fn link(&self) -> Uuid {
        let (status, answer) = self.post("/api/v1/payments/get-paid-link", &order()).await;
        assert_eq!(status, 201, "{answer}");
        answer["data"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// Asks for a link under an idempotent id.
    pub(crate) async fn link_again(&self, idempotent_id: &str, body: &Value) -> (u16, Value) {
        let headers = [("X-Idempotent-Id", idempotent_id)];
        read(self.send(Method::POST, "/api/v1/payments/get-paid-link", &headers, body).await).await
    }

    /// Asks for a link with exactly this body; the answer to the letter.
    pub(crate) async fn link_from_text(&self, body: String) -> String {
        let url = format!("{}v1/payments/get-paid-link", self.sim.api_url());
        let response = self.http.post(url).bearer_auth(&self.token).body(body).send().await.unwrap();
        response.text().await.unwrap()
    }

    /// Uses a control route.
    pub(crate) async fn act(&self, id: Uuid, action: &str) -> (u16, Value) {
        self.post(&format!("/simulator/payments/{id}/{action}"), &Value::Null).await
    }

    /// The status as the API answers it.
    pub(crate) async fn status(&self, id: Uuid) -> String {
        let (_, answer) = self.get(&format!("/api/v1/payments/{id}")).await;
        answer["data"]["status"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn wait_until(&self, condition: impl Fn(&Control) -> bool) {
        within_deadline(self.control.wait_until(condition)).await;
    }
}

/// Status and JSON; what is no JSON becomes a string.
async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Waits for at most 20 s.
pub(crate) async fn within_deadline<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("nothing happened for 20 seconds")
}

/// A webhook as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Received {
    pub(crate) raw: Bytes,
    pub(crate) signature: Option<String>,
    pub(crate) json: Value,
}

impl Received {
    /// Such as `Payment Created`.
    pub(crate) fn event(&self) -> String {
        let word = |field: &str| self.json[field].as_str().unwrap_or_default().to_owned();
        format!("{} {}", word("resourceType"), word("action"))
    }
}

/// A receiver of webhooks.
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrivals: mpsc::UnboundedReceiver<Received>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

type Inbox = (mpsc::UnboundedSender<Received>, Arc<Mutex<VecDeque<u16>>>);

impl Receiver {
    pub(crate) async fn new() -> Receiver {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let answers = Arc::<Mutex<VecDeque<u16>>>::default();
        let app = Router::new().route("/hook", post(receive)).with_state((sender, Arc::clone(&answers)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await });
        Receiver { url, arrivals, answers }
    }

    /// The next arrivals are answered with these; afterwards with 200 again.
    pub(crate) fn answer(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub(crate) async fn next(&mut self) -> Received {
        within_deadline(self.arrivals.recv()).await.unwrap()
    }

    /// The next `count` arrivals in words.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.next().await.event());
        }
        events
    }

    /// Whether nothing more has arrived so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }
}

async fn receive(State((sender, answers)): State<Inbox>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let signature = headers.get(SIGNATURE_HEADER).map(|value| value.to_str().unwrap().to_owned());
    let json = serde_json::from_slice(&raw).unwrap_or(Value::Null);
    let status = answers.lock().unwrap().pop_front().unwrap_or(200);
    sender.send(Received { raw, signature, json }).ok();
    StatusCode::from_u16(status).unwrap()
}

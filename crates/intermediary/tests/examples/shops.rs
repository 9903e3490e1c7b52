//! `examples/shop-…`: a shop's own server in three languages, with one contract.

use std::{any::Any, path::Path, process::Stdio};

use banq_intermediary::{Config, Server};
use banq_simulator::{Action, FailReason};
use banq_testkit::{API_KEY, Program, Settings, TestApp, changed, client, command, free_port, until};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::helpers::within_deadline;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How a shop is started.
#[derive(Debug, Clone, Copy)]
enum Language {
    Node,
    Python,
    Php,
}

/// A shop beside an intermediary and a simulator.
struct Shop {
    url: String,
    app: TestApp,
    server: Server,
    http: Client,
    /// Its file.
    data: TempDir,
    /// Dropping it ends the shop.
    _process: Box<dyn Any>,
}

impl Shop {
    async fn start(language: Language) -> Self {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let app = TestApp::start().await;
        let notifications = format!("{url}/notifications");
        let changes = [("BANQ_FULFILMENT_URL", &*notifications), ("BANQ_FULFILMENT_SECRET", SECRET)];
        let server = app.serve(Config::from_map(&changed(app.settings(), &changes)).unwrap()).await;
        let data = tempfile::tempdir().unwrap();
        let process = run(language, port, &server.url(), data.path()).await;
        let shop = Self { url, app, server, http: client(), data, _process: process };
        until(async || shop.http.get(&shop.url).send().await.ok()).await;
        shop
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        within_deadline(self.http.get(format!("{}{path}", self.url)).send()).await.unwrap()
    }

    /// Opens the shop's page; returns the order that it offers, and the order's token.
    async fn offer(&self) -> (String, String) {
        let page = within_deadline(self.get("/").await.text()).await.unwrap();
        assert!(page.contains(&format!("{}/widget/ecommerce.js", self.server.url())), "{page}");
        let member = |name: &str| {
            let (_, rest) = page.split_once(&format!("{name}=\"")).expect("the page names it");
            rest.split('"').next().unwrap().to_owned()
        };
        (member("data-order-id"), member("data-token"))
    }

    /// Asks for the order's link as the page does.
    async fn ask(&self, order: &str, token: &str) -> reqwest::Response {
        let ask = self.http.post(format!("{}/generate-payment-link", self.server.url()));
        within_deadline(ask.json(&json!({ "orderId": order, "token": token })).send()).await.unwrap()
    }

    async fn act(&self, order: &str, action: Action) {
        let payments = self.app.simulator.control().payments();
        let payment = payments.iter().find(|payment| payment.external_order_code.as_deref() == Some(order));
        self.app.simulator.control().act(payment.unwrap().id, action).await.unwrap();
    }

    async fn state(&self, order: &str) -> String {
        let state: Value = within_deadline(self.get(&format!("/orders/{order}")).await.json()).await.unwrap();
        state["state"].as_str().unwrap().to_owned()
    }

    async fn becomes(&self, order: &str, state: &str) {
        until(async || (self.state(order).await == state).then_some(())).await;
    }

    /// Sends a notification with this signature.
    async fn notify(&self, id: &str, signature: &str, body: &str) -> StatusCode {
        let notification = self.http.post(format!("{}/notifications", self.url)).body(body.to_owned());
        let notification = notification
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", jiff::Timestamp::now().as_second().to_string())
            .header("webhook-signature", signature);
        within_deadline(notification.send()).await.unwrap().status()
    }
}

async fn run(language: Language, port: u16, server: &str, data: &Path) -> Box<dyn Any> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut settings: Settings = [
        ("PORT", port.to_string()),
        ("BANQ_SERVER", server.to_owned()),
        ("BANQ_API_KEY", API_KEY.to_owned()),
        ("BANQ_FULFILMENT_SECRET", SECRET.to_owned()),
        ("SHOP_DATA", data.display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    // Where the languages are.
    for name in ["PATH", "HOME"] {
        settings.extend(std::env::var(name).map(|value| (name.to_owned(), value)));
    }
    let started = |program: &str, script: &str| {
        let mut command: Command = command(program, &settings);
        command.arg(folder.join(script));
        command
    };
    match language {
        Language::Node => Box::new(Program::start(started("node", "shop-node/server.js")).await),
        Language::Python => Box::new(Program::start(started("python3", "shop-python/server.py")).await),
        Language::Php => {
            let mut php = command("php", &settings);
            php.args(["-S", &format!("127.0.0.1:{port}")]).arg(folder.join("shop-php/shop.php"));
            php.stderr(Stdio::null());
            Box::new(php.spawn().unwrap())
        }
    }
}

/// The whole contract, in the order of a sale.
async fn keeps_its_books(language: Language) {
    let shop = Shop::start(language).await;
    let (order, token) = shop.offer().await;
    let (other, _) = shop.offer().await;
    assert_ne!(order, other, "each page sells another lamp");
    assert_eq!(shop.state(&order).await, "open");
    assert_eq!(shop.get("/orders/unknown").await.status(), StatusCode::NOT_FOUND);

    let answer = shop.ask(&order, "wrong").await;
    assert!(!answer.status().is_success(), "the token is checked");
    assert_eq!(shop.ask(&order, &token).await.status(), StatusCode::CREATED);
    shop.act(&order, Action::Accept).await;
    shop.becomes(&order, "paid").await;
    assert_eq!(shop.state(&other).await, "open");

    // Forged by another key, and with a real signature of another body.
    let body = json!({
        "type": "order.paid",
        "timestamp": "2026-11-26T12:00:00Z",
        "data": { "orderId": other, "checkoutId": "0123456789abcdef0123456789abcdef", "version": 9 }
    })
    .to_string();
    let now = jiff::Timestamp::now().as_second();
    let forger = standardwebhooks::Webhook::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    let ours = standardwebhooks::Webhook::new(SECRET).unwrap();
    for signature in [
        forger.sign("forged", now, body.as_bytes()).unwrap(),
        ours.sign("forged", now, b"{}").unwrap(),
        String::new(),
    ] {
        assert_eq!(shop.notify("forged", &signature, &body).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(shop.state(&other).await, "open");

    shop.act(&order, Action::Reverse(FailReason::Reversed)).await;
    shop.becomes(&order, "attention").await;
    assert!(std::fs::read_dir(shop.data.path()).unwrap().count() > 0, "a restart forgets nothing");
}

#[tokio::test]
async fn shop_in_node_keeps_its_books() {
    keeps_its_books(Language::Node).await;
}

#[tokio::test]
async fn shop_in_python_keeps_its_books() {
    keeps_its_books(Language::Python).await;
}

#[tokio::test]
async fn shop_in_php_keeps_its_books() {
    keeps_its_books(Language::Php).await;
}

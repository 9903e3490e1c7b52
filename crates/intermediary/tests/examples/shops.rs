//! `examples/shop-…`: a shop's own server in three languages, with one contract.

use std::{path::Path, process::Stdio};

use banq_intermediary::{Config, Server};
use banq_simulator::{Action, FailReason};
use banq_testkit::{API_KEY, Settings, TestApp, changed, client, free_port, until};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

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
    _process: Child,
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
        let process = run(language, port, &server.url(), data.path());
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

/// The commands of examples/README.md.
const COMMANDS: &str = include_str!("../../../../docs/snippets/examples-shops.sh");

/// Returns the lines between two marks of [`COMMANDS`].
fn commands(part: &str) -> Vec<&'static str> {
    let (_, rest) = COMMANDS.split_once(&format!("# ANCHOR: {part}\n")).unwrap();
    rest.split_once("# ANCHOR_END").unwrap().0.lines().collect()
}

/// Starts a shop by the command of examples/README.md, with these addresses.
fn run(language: Language, port: u16, server: &str, data: &Path) -> Child {
    let (folder, program) = match language {
        Language::Node => ("shop-node", "node "),
        Language::Python => ("shop-python", "python3 "),
        Language::Php => ("shop-php", "php "),
    };
    let lines = commands("shops");
    let line = lines.iter().find(|line| line.contains(program)).unwrap();
    // The shell becomes the shop, so that both end together.
    let script = format!("{}\nexec env {line}", lines[0]).replace("a-key-of-yours", API_KEY);
    let script = script.replace("8090", &port.to_string()).replace("http://127.0.0.1:8080", server);
    let mut shell = Command::new("sh");
    shell.args(["-euc", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(folder));
    shell.env("SHOP_DATA", data).kill_on_drop(true);
    shell.spawn().unwrap()
}

#[test]
fn the_settings_beside_the_shops_start_an_intermediary() {
    let words = commands("intermediary")
        .into_iter()
        .flat_map(|line| line.strip_prefix("export ").unwrap().split(' '));
    let pairs = words.map(|word| word.split_once('=').unwrap());
    let settings: Settings = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!(settings["BANQ_FULFILMENT_SECRET"], SECRET);
    Config::from_map(&settings).unwrap();
}

#[tokio::test]
async fn the_page_with_the_script_tag_is_served_as_documented() {
    const COMMAND: &str = include_str!("../../../../docs/snippets/examples-script.sh");
    let port = free_port().to_string();
    let mut shell = Command::new("sh");
    shell.args(["-euc", &format!("exec {}", COMMAND.replace("8000", &port))]).kill_on_drop(true);
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    let _server = shell.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).spawn().unwrap();
    let address = format!("http://127.0.0.1:{port}/");
    let page = until(async || client().get(&address).send().await.ok()).await;
    assert!(page.text().await.unwrap().contains("/widget/ecommerce.js"));
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

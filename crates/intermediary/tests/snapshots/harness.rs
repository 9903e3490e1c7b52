//! A simulator, an intermediary and its command line, and the filters that make their output the same in each run.

use std::{process::Stdio, time::Duration};

use banq_intermediary::{Config, Server};
use banq_testkit::{API_KEY, Settings, TestApp, changed, within_deadline};
use insta::internals::SettingsBindDropGuard;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

/// Puts snapshots into the folder `expected` until it is dropped.
pub(crate) fn plain() -> SettingsBindDropGuard {
    filtered(&[])
}

/// Does the same, without that which differs from run to run or from machine to machine.
pub(crate) fn filters() -> SettingsBindDropGuard {
    filtered(&[
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
        (r"\b[0-9a-f]{32}\b", "[checkout]"),
        (r"\b[0-9a-f]{16}\b", "[request]"),
        // Columns are padded, and a time has as many digits as it needs.
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z {2,}", "[time]  "),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
        (r"os error \d+", "os error [number]"),
        (r"within \d+ s of", "within [seconds] s of"),
    ])
}

fn filtered(filters: &[(&str, &str)]) -> SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("expected");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    filters.iter().for_each(|(pattern, replacement)| settings.add_filter(pattern, *replacement));
    settings.bind_to_scope()
}

/// A server beside its simulator.
pub(crate) struct Harness {
    pub(crate) app: TestApp,
    pub(crate) server: Server,
    pub(crate) settings: Settings,
}

impl Harness {
    pub(crate) async fn open() -> Self {
        Self::with(&[], |_| {}).await
    }

    pub(crate) async fn with(extra: &[(&str, &str)], change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start().await;
        let settings = changed(changed(app.settings(), &[("BANQ_ACCOUNT_SPACE_ID", "1")]), extra);
        let mut config = Config::from_map(&settings).unwrap();
        change(&mut config);
        let server = app.serve(config).await;
        Self { app, server, settings }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.http.request(method, format!("{}{path}", self.server.url()))
    }

    /// Registers an order at this price.
    pub(crate) async fn register(&self, order: &str, funds: &str) {
        let request = self.request(Method::PUT, &format!("/orders/{order}")).bearer_auth(API_KEY);
        let terms = json!({ "funds": funds, "comment": "Two coffees" });
        assert!(within_deadline(request.json(&terms).send()).await.unwrap().status().is_success());
    }

    /// Returns the checkout of a new order and the payment behind it.
    pub(crate) async fn checkout(&self, order: &str) -> (String, Uuid) {
        self.register(order, "2.50").await;
        let request = self.request(Method::POST, "/generate-payment-link");
        let answer = within_deadline(request.json(&json!({ "orderId": order })).send()).await.unwrap();
        let link: Value = answer.json().await.unwrap();
        let payments = self.app.simulator.control().payments();
        let payment =
            payments.iter().find(|payment| payment.external_order_code.as_deref() == Some(order)).unwrap();
        (link["data"]["checkoutId"].as_str().unwrap().to_owned(), payment.id)
    }

    /// Waits until a field of a checkout's snapshot has this value.
    pub(crate) async fn until(&self, checkout: &str, field: &str, value: &str) {
        within_deadline(async {
            loop {
                let answer = self.request(Method::GET, &format!("/checkouts/{checkout}")).send().await;
                if answer.unwrap().json::<Value>().await.unwrap()["data"][field] == value {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    }
}

/// Returns the command, its output and its exit code, as in a terminal of 100 columns.
pub(crate) async fn run(settings: &Settings, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_banq-intermediary"));
    command.env_clear().envs(settings).env("COLUMNS", "100").args(arguments).stdin(Stdio::null());
    let output = within_deadline(command.output()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, error) = (readable(&text(output.stdout)), text(output.stderr));
    let mut all = ["$ banq-intermediary"].iter().chain(arguments).copied().collect::<Vec<_>>().join(" ");
    all += &format!("\n{out}");
    if !error.is_empty() {
        all += &format!("stderr:\n{error}");
    }
    all + &format!("exit code {}\n", output.status.code().unwrap())
}

/// Spreads JSON over lines, with sorted names: their order depends on the features of serde_json that other crates
/// switch on.
fn readable(out: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<Value>(out) else { return out.to_owned() };
    json.sort_all_objects();
    serde_json::to_string_pretty(&json).unwrap() + "\n"
}

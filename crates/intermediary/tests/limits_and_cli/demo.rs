//! `banq-intermediary demo`: everything in one process.

use std::{fs, path::Path, process::Stdio};

use banq_testkit::{Settings, client, command};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::helpers::within_deadline;

/// A demo with a widget folder and a folder for its temporary files.
struct Demo {
    widget: TempDir,
    temporary: TempDir,
}

impl Demo {
    fn new() -> Self {
        let demo = Self { widget: tempfile::tempdir().unwrap(), temporary: tempfile::tempdir().unwrap() };
        fs::write(demo.widget.path().join("ecommerce.js"), "the loader").unwrap();
        demo
    }

    fn command(&self, widget: Option<&Path>) -> Command {
        self.command_on(widget, [0, 0])
    }

    fn command_on(&self, widget: Option<&Path>, [port, banq_port]: [u16; 2]) -> Command {
        let settings = Settings::from([
            // Of another program on this machine: they do not count.
            ("BANQ_ENVIRONMENT".to_owned(), "production".to_owned()),
            ("TMPDIR".to_owned(), self.temporary.path().display().to_string()),
        ]);
        let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &settings);
        command.args(["demo", "--json", &format!("--port={port}"), &format!("--banq-port={banq_port}")]);
        if let Some(widget) = widget {
            command.arg("--widget-dir").arg(widget);
        }
        command
    }
}

#[tokio::test]
async fn a_demo_pays_an_order_and_leaves_nothing() {
    let demo = Demo::new();
    let mut process = demo.command(Some(demo.widget.path())).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = within_deadline(lines.next_line()).await.unwrap().expect("it starts");
    let addresses: Value = serde_json::from_str(&line).unwrap();
    let address = |name: &str| addresses["data"][name].as_str().unwrap().to_owned();
    let http = client();
    let shop = address("shop");
    let server = shop.strip_suffix("/widget/").unwrap();

    let loader = within_deadline(http.get(format!("{shop}ecommerce.js")).send()).await.unwrap();
    assert_eq!(within_deadline(loader.text()).await.unwrap(), "the loader");
    assert!(within_deadline(http.get(address("phone")).send()).await.unwrap().status().is_success());
    assert!(within_deadline(http.get(address("simulator")).send()).await.unwrap().status().is_success());

    let order = json!({ "orderId": "coffee-1", "funds": "2.00", "comment": "Coffee" });
    let link = http.post(format!("{server}/generate-payment-link")).json(&order).send();
    let link: Value = within_deadline(within_deadline(link).await.unwrap().json()).await.unwrap();
    let url = link["data"]["url"].as_str().unwrap();
    let page = url.split('#').next().unwrap();
    assert!(within_deadline(http.post(format!("{page}/pay")).send()).await.unwrap().status().is_success());
    let checkout = format!("{server}/checkouts/{}?wait=15", link["data"]["checkoutId"].as_str().unwrap());
    loop {
        let checkout = within_deadline(http.get(&checkout).send()).await.unwrap();
        let checkout: Value = within_deadline(checkout.json()).await.unwrap();
        if checkout["data"]["status"] == "paid" {
            break;
        }
    }

    let id = process.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().await.unwrap().success());
    assert!(within_deadline(process.wait()).await.unwrap().success());
    assert_eq!(fs::read_dir(demo.temporary.path()).unwrap().count(), 0, "its database is gone");
}

#[tokio::test]
async fn a_demo_without_a_widget_says_what_to_do() {
    let demo = Demo::new();
    for (widget, words) in [
        // The tests' program contains no widget.
        (None, "built without the widget: name its folder with --widget-dir"),
        (Some(demo.temporary.path()), "holds no ecommerce.js"),
    ] {
        let output = within_deadline(demo.command(widget).output()).await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(words), "{error}");
        assert_eq!(fs::read_dir(demo.temporary.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_demo_on_a_port_that_is_taken_names_the_option() {
    let demo = Demo::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for (ports, option) in [([port, 0], "--port"), ([0, port], "--banq-port")] {
        let mut command = demo.command_on(Some(demo.widget.path()), ports);
        let output = within_deadline(command.output()).await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let words = format!(
            "127.0.0.1:{port} is taken by another program: stop that one, or name another port with {option}"
        );
        assert!(output.status.code() == Some(1) && error.contains(&words), "{error}");
    }
}

#[tokio::test]
async fn a_demo_for_phones_needs_fixed_ports() {
    let demo = Demo::new();
    let output = within_deadline(demo.command(Some(demo.widget.path())).arg("--lan").output()).await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--lan: name the ports"));
}

//! The steps of docs/quick-start.md, as they stand in docs/snippets.

use std::{fs, process::Stdio, time::Duration};

use banq_simulator::Action;
use banq_testkit::{PATIENCE, Settings, client, free_port, until, within};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
};

use crate::{
    documents::{PROGRAM, answer, parsed, shell, snippet},
    helpers::within_deadline,
};

/// The quick start's own server and shop, with other ports, and a simulator in place of the demo's.
struct QuickStart {
    app: banq_testkit::TestApp,
    folder: tempfile::TempDir,
    server: String,
    shop: String,
}

impl QuickStart {
    async fn new() -> Self {
        let app = banq_testkit::TestApp::beside(banq_simulator::Config {
            listen: ([127, 0, 0, 1], 0).into(),
            webhook_retry_delay: Duration::from_millis(50),
            ..banq_simulator::Config::default()
        })
        .await;
        let local = |port: u16| format!("127.0.0.1:{port}");
        let (server, shop) = (local(free_port()), local(free_port()));
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(PROGRAM, folder.path().join("banq-intermediary")).unwrap();
        let quick = Self { app, folder, server, shop };
        let banq = quick.app.simulator.url();
        let settings = quick.here(snippet!("intermediary.toml"));
        let settings =
            format!("{settings}banq_api_url = \"{banq}/api/\"\nbanq_auth_url = \"{banq}/oauth/token\"\n");
        fs::write(quick.folder.path().join("intermediary.toml"), settings).unwrap();
        quick
    }

    fn here(&self, snippet: &str) -> String {
        snippet.replace("127.0.0.1:8090", &self.server).replace("127.0.0.1:8000", &self.shop)
    }

    async fn start(&self) -> Child {
        // The shell becomes the server, so that both end together.
        let script = snippet!("start.sh").replace("\n./", "\nexec ./");
        let mut server = shell(&script, self.folder.path(), &Settings::new());
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let ready = format!("http://{}/readyz", self.server);
        until(async || client().get(&ready).send().await.ok()?.status().is_success().then_some(())).await;
        server
    }
}

#[tokio::test]
async fn the_quick_start_ends_with_a_notification() {
    let quick = QuickStart::new().await;
    let _server = quick.start().await;
    let order = answer(&quick.here(snippet!("first-order.sh")), &Settings::new()).await;
    assert!(order["data"]["linkToken"].is_string(), "{order}");

    let (host, port) = quick.shop.split_once(':').unwrap();
    let shop = quick.here(snippet!("shop.mjs")).replace("shop.listen(8000,", &format!("shop.listen({port},"));
    assert!(shop.contains(&format!("shop.listen({port}, '{host}'")));
    fs::write(quick.folder.path().join("shop.mjs"), shop).unwrap();
    let mut node = shell("exec node shop.mjs", quick.folder.path(), &Settings::new());
    let mut node = node.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(node.stdout.take().unwrap()).lines();
    let mut line = async || within(PATIENCE, lines.next_line()).await.unwrap().expect("it runs");
    assert!(line().await.starts_with("the shop is at "));

    let page = within_deadline(client().get(format!("http://{}/", quick.shop)).send()).await.unwrap();
    let page = within_deadline(page.text()).await.unwrap();
    let (_, order) = page.split_once("order: ").unwrap();
    let (order, _) = order.split_once(" },").unwrap();
    let order = format!("{order} }}").replace("orderId:", "\"orderId\":").replace("token:", "\"token\":");
    let order = parsed(&order.replace('\'', "\""));
    let link = client().post(format!("http://{}/generate-payment-link", quick.server)).json(&order).send();
    assert_eq!(within_deadline(link).await.unwrap().status(), 201);
    let control = quick.app.simulator.control();
    let payment = control.payments().pop().unwrap();
    control.act(payment.id, Action::Accept).await.unwrap();
    assert_eq!(line().await, format!("{}: order.paid", order["orderId"].as_str().unwrap()));

    let forged = client().post(format!("http://{}/notifications", quick.shop)).body("{}");
    let forged = forged.header("webhook-id", "1").header("webhook-signature", "v1,Zm9yZ2Vk");
    let forged = forged.header("webhook-timestamp", jiff::Timestamp::now().as_second().to_string());
    assert_eq!(within_deadline(forged.send()).await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_demo_is_started_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ecommerce.js"), "the loader").unwrap();
    std::os::unix::fs::symlink(PROGRAM, folder.path().join("banq-intermediary")).unwrap();
    let (port, banq_port) = (free_port(), free_port());
    // The tests' program contains no widget.
    let options = format!("demo --port {port} --banq-port {banq_port} --widget-dir .");
    let script = format!("exec {}", snippet!("demo.sh").replacen("demo", &options, 1));
    let _demo = shell(&script, folder.path(), &Settings::new()).stdout(Stdio::null()).spawn().unwrap();
    let (_, addresses) = snippet!("demo.sh").split_once('#').unwrap();
    let addresses = addresses.replace("8080", &port.to_string()).replace("8081", &banq_port.to_string());
    let addresses: Vec<&str> =
        addresses.split([' ', ',', '\n']).filter(|word| word.starts_with("http")).collect();
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    // The shop's page is a file of the whole widget.
    for address in [format!("{}ecommerce.js", addresses[0]), addresses[1].to_owned()] {
        until(async || client().get(&address).send().await.ok()?.status().is_success().then_some(())).await;
    }
}

//! The program's command line, run as a person or another program runs it.

use std::process::Stdio;

use banq_testkit::{PASSWORD, Program, Settings, TestApp, USERNAME, command};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::helpers::{with_account_space, within_deadline};

/// A simulator and the settings of the program beside it.
struct CommandLine {
    app: TestApp,
    settings: Settings,
}

impl CommandLine {
    async fn new() -> Self {
        let app = TestApp::start().await;
        Self { settings: with_account_space(app.settings()), app }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &self.settings);
        command.args(arguments);
        command
    }

    /// Exit code, stdout and stderr.
    async fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = within_deadline(self.command(arguments).output()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Starts the server and makes its address the public one.
    async fn serve(&mut self) -> Program {
        let mut command = self.command(&[]);
        command.stderr(Stdio::null());
        let server = Program::start(command).await;
        self.set("BANQ_PUBLIC_URL", &server.url);
        let listens = server.url.strip_prefix("http://").unwrap().to_owned();
        self.set("BANQ_LISTEN", &listens);
        server
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn whoami_prints_both_ids_for_people_and_for_programs() {
    let mut desk = CommandLine::new().await;
    // Nothing but where Banq is and who asks.
    desk.settings
        .retain(|name, _| ["BANQ_ENVIRONMENT", "BANQ_API_URL", "BANQ_AUTH_URL"].contains(&name.as_str()));
    desk.set("BANQ_MERCHANT_PASSWORD", PASSWORD);
    let (code, out, error) = desk.run(&["whoami", "--username", USERNAME]).await;
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("BANQ_ACCOUNT_GUID=5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42"), "{out}");
    assert!(out.lines().any(|line| line == "BANQ_ACCOUNT_SPACE_ID=1"), "{out}");
    desk.set("BANQ_MERCHANT_USERNAME", USERNAME);
    let (code, out, _) = desk.run(&["whoami", "--json"]).await;
    assert_eq!((code, &json(&out)["data"]["banqAccounts"][0]["accountSpaceId"]), (0, &1.into()));
}

#[tokio::test]
async fn each_kind_of_failure_has_its_exit_code_and_says_no_secret() {
    let mut desk = CommandLine::new().await;
    assert_eq!(desk.run(&["wibble"]).await.0, 2);
    assert_eq!(desk.run(&["whoami"]).await.0, 2);
    desk.set("BANQ_MERCHANT_USERNAME", USERNAME);
    desk.set("BANQ_MERCHANT_PASSWORD", "hunter2");
    let (code, out, error) = desk.run(&["whoami", "--json"]).await;
    assert_eq!((code, json(&out)["error"].is_string()), (3, true));
    assert!(error.contains("refused") && !(out + &error).contains("hunter2"));
    desk.set("BANQ_LISTEN", "nowhere");
    let (code, _, error) = desk.run(&[]).await;
    assert!(code == 2 && error.contains("BANQ_LISTEN"), "{code} {error}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    desk.set("BANQ_LISTEN", &taken.local_addr().unwrap().to_string());
    assert_eq!(desk.run(&["serve"]).await.0, 1);
}

#[tokio::test]
async fn webhooks_are_registered_shown_and_tested() {
    let mut desk = CommandLine::new().await;
    let _server = desk.serve().await;
    assert_eq!(desk.run(&["webhooks", "show"]).await.0, 3);
    let (code, out, error) = desk.run(&["webhooks", "register", "--retry-count", "3"]).await;
    assert!(code == 0 && out.starts_with("registered: "), "{out} {error}");
    assert!(desk.run(&["webhooks", "register"]).await.1.starts_with("updated: "));
    let (code, out, _) = desk.run(&["webhooks", "show", "--json"]).await;
    let url = format!("{}/your-web-hooks/payment-status", desk.settings["BANQ_PUBLIC_URL"]);
    assert_eq!((code, &json(&out)["data"]["url"]), (0, &url.into()));
    assert_eq!(desk.run(&["webhooks", "test"]).await.0, 0);
    desk.set("BANQ_WEBHOOK_SECRET", "another secret");
    let (code, _, error) = desk.run(&["webhooks", "test"]).await;
    assert!(code == 1 && error.contains("BANQ_WEBHOOK_SECRET"), "{code} {error}");
}

#[tokio::test]
async fn the_doctor_finds_a_sound_set_up_sound() {
    let mut desk = CommandLine::new().await;
    let widget = tempfile::tempdir().unwrap();
    for name in ["ecommerce.js", "banq-checkout.js", "banq-checkout_bg.wasm"] {
        std::fs::write(widget.path().join(name), name).unwrap();
    }
    desk.set("BANQ_WIDGET_DIR", &widget.path().display().to_string());
    desk.set("BANQ_ALLOWED_ORIGINS", "https://shop.example");
    let _server = desk.serve().await;
    desk.run(&["webhooks", "register"]).await;
    let (code, out, error) = desk.run(&["doctor"]).await;
    assert_eq!(code, 0, "{out} {error}");
    assert!(out.lines().all(|line| line.starts_with("ok ")), "{out}");
    assert!(out.contains("ecommerce.js sha384-") && out.contains("Content-Security-Policy"), "{out}");
    assert!(out.contains("frame-src") && !out.contains("img-src"), "only what is needed: {out}");

    let report = r#"{"csp-report":{"document-uri":"https://shop.example/","effective-directive":"script-src","blocked-uri":"wasm-eval"}}"#;
    let sent =
        desk.app.http.post(format!("{}/browser-reports", desk.settings["BANQ_PUBLIC_URL"])).body(report);
    let sent = sent.header("content-type", "application/csp-report").send();
    assert_eq!(within_deadline(sent).await.unwrap().status(), 204);
    let (code, out, _) = desk.run(&["doctor"]).await;
    let line = "warn reports: browsers reported violated policies: 1 × kind=csp,directive=script-src,refused=wasm,page=shop -> ";
    assert!(code == 0 && out.contains(line), "{out}");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_how_to_mend_it() {
    let mut desk = CommandLine::new().await;
    let _server = desk.serve().await;
    desk.app.simulator.set_webhook(banq_simulator::WebhookConfig::new("http://127.0.0.1:9/elsewhere", "x"));
    for (name, value) in [
        ("BANQ_PASSWORD", "wrong"),
        ("BANQ_WEBHOOK_SECRET", "another secret"),
        ("BANQ_DATABASE_URL", "sqlite:///no/such/folder/a.sqlite"),
    ] {
        desk.set(name, value);
    }
    let (code, out, _) = desk.run(&["doctor", "--json", "--origin", "https://stranger.example"]).await;
    assert_eq!(code, 1);
    let report = json(&out);
    let checks = report["data"]["checks"].as_array().unwrap();
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| check["outcome"] == "fail")
        .inspect(|check| assert!(check["fix"].is_string(), "{check}"))
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["credentials", "database", "signature", "cors"], "{out}");
    desk.set("BANQ_PUBLIC_URL", "http://127.0.0.1:9");
    let (_, out, _) = desk.run(&["doctor"]).await;
    assert!(out.contains("FAIL reachable: ") && !out.contains("FAIL stream: "), "{out}");
    desk.settings.remove("BANQ_CLIENT_ID");
    let (code, out, _) = desk.run(&["doctor"]).await;
    assert!(code == 2 && out.starts_with("FAIL configuration: BANQ_CLIENT_ID"), "{out}");
}

/// A proxy that collects answers, as nginx does unless it is told not to.
#[tokio::test]
async fn the_doctor_sees_a_proxy_that_collects_events() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut desk = CommandLine::new().await;
    let _server = desk.serve().await;
    let behind = desk.settings["BANQ_PUBLIC_URL"].strip_prefix("http://").unwrap().to_owned();
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    desk.set("BANQ_PUBLIC_URL", &format!("http://{}", proxy.local_addr().unwrap()));
    tokio::spawn(async move {
        loop {
            let (mut front, _) = proxy.accept().await.unwrap();
            let behind = behind.clone();
            tokio::spawn(async move {
                let mut request = [0; 8192];
                let count = front.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..count]).replacen(
                    "\r\n",
                    "\r\nconnection: close\r\n",
                    1,
                );
                let mut back = tokio::net::TcpStream::connect(behind).await.unwrap();
                back.write_all(request.as_bytes()).await.unwrap();
                let mut answer = Vec::new();
                back.read_to_end(&mut answer).await.unwrap();
                front.write_all(&answer).await.unwrap();
            });
        }
    });
    let (code, out, _) = desk.run(&["doctor"]).await;
    assert!(code == 1 && out.contains("FAIL stream: something in front collects events"), "{out}");
    assert!(out.contains("ok   reachable: "), "{out}");
}

#[tokio::test]
async fn in_local_a_widget_that_was_built_here_is_served() {
    let mut desk = CommandLine::new().await;
    let here = tempfile::tempdir().unwrap();
    desk.set("RUST_LOG", "info");
    let started = async |said: &str| {
        let mut command = desk.command(&[]);
        let mut server =
            command.current_dir(here.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
        while !within_deadline(log.next_line()).await.unwrap().expect("it stopped").contains(said) {}
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let line = within_deadline(lines.next_line()).await.unwrap().unwrap();
        let url = line.strip_prefix("banq-intermediary listens on ").unwrap().to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = within_deadline(http.get(format!("{url}/widget/ecommerce.js")).send()).await.unwrap();
        let answer = (answer.status().as_u16(), within_deadline(answer.text()).await.unwrap());
        server.kill().await.unwrap();
        answer
    };
    let (status, _) = started("trunk build").await;
    assert_eq!(status, 404);
    // A folder of this name that is not the widget's stops no start.
    std::fs::create_dir(here.path().join("dist")).unwrap();
    let (status, _) = started("trunk build").await;
    assert_eq!(status, 404);
    std::fs::write(here.path().join("dist/ecommerce.js"), "the loader").unwrap();
    let (status, text) = started("the widget is served").await;
    assert_eq!((status, &*text), (200, "the loader"));
}

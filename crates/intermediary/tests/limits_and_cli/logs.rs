//! What the program writes to its log when strangers shout.

use std::process::Stdio;

use banq_testkit::{PASSWORD, TestApp, command};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::helpers::{API_KEY, changed, settings_for, with_account_space, within_deadline};

/// The real program, beside a simulator.
struct Program {
    url: String,
    program: banq_testkit::Program,
    app: TestApp,
}

impl Program {
    async fn start(level: Option<&str>) -> Self {
        Self::with(level.map(|level| ("RUST_LOG", level)).as_slice()).await
    }

    /// With these settings too.
    async fn with(changes: &[(&str, &str)]) -> Self {
        let app = TestApp::start().await;
        let settings = changed(with_account_space(app.settings()), changes);
        let command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &settings);
        let program = banq_testkit::Program::start_with_log(command).await;
        Self { url: program.url.clone(), program, app }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> StatusCode {
        let request = self.app.http.request(method, format!("{}{path}", self.url)).body(body.to_owned());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        within_deadline(request.send()).await.unwrap().status()
    }

    /// The sum of a metric's samples.
    async fn count(&self, metric: &str) -> u64 {
        let text = within_deadline(self.app.http.get(format!("{}/metrics", self.url)).send()).await.unwrap();
        let text = text.text().await.unwrap();
        let samples = text.lines().filter(|line| line.starts_with(metric));
        samples.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
    }

    /// Stops it in order; all that it has logged.
    async fn stop(self) -> String {
        self.program.terminate().await
    }
}

/// The lines of a log.
fn lines(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The lines that have these words, and how many requests they tell of.
fn told(log: &str, words: &str) -> (usize, u64) {
    let lines = lines(log);
    let lines = lines.iter().filter(|line| line["fields"]["message"] == words);
    (lines.clone().count(), lines.map(|line| line["fields"]["requests"].as_u64().unwrap_or(1)).sum())
}

#[tokio::test]
async fn two_thousand_refused_requests_write_little_and_are_counted() {
    let program = Program::start(None).await;
    let body = json!({ "orderId": "1" }).to_string();
    let json = ("content-type", "application/json");
    for _ in 0..400 {
        for (method, path, headers, body, status) in [
            (Method::GET, "/no/such/address", &[][..], "", 404),
            (Method::PUT, "/orders/1", &[("authorization", "Bearer a guess"), json], "{}", 401),
            (Method::POST, "/your-web-hooks/payment-status", &[json], "{}", 401),
            (Method::POST, "/generate-payment-link", &[("origin", "https://a.example"), json], &body, 403),
            (Method::GET, "/checkouts/00000000000000000000000000000000", &[], "", 404),
        ] {
            assert_eq!(program.send(method, path, headers, body).await, status, "{path}");
        }
    }
    assert_eq!(program.count("banq_problems_total{").await, 2_000);
    assert_eq!(program.count("banq_problems_total{code=\"origin_not_allowed\"}").await, 400);
    let log = program.stop().await;
    assert!(log.len() < 20_000, "{} bytes: {log}", log.len());
    // What has no line of its own is told as a number.
    let (first, of) = told(&log, "requests were refused");
    let (rest, more) = told(&log, "more requests were refused");
    assert!(first >= 5 && rest >= 5, "{log}");
    assert_eq!(of + more, 2_000, "{log}");
}

#[tokio::test]
async fn a_flood_of_the_same_failure_is_sampled() {
    let program = Program::start(None).await;
    let key = format!("Bearer {API_KEY}");
    let headers = [("authorization", &*key), ("content-type", "application/json")];
    let terms = json!({ "funds": "2.00" }).to_string();
    assert_eq!(program.send(Method::PUT, "/orders/1", &headers, &terms).await, 201);
    program.app.simulator.control().update_scenarios(|scenarios| {
        (scenarios.api.fail_next, scenarios.api.status) = (u32::MAX, 422);
    });
    let body = json!({ "orderId": "1" }).to_string();
    for _ in 0..200 {
        let status = program.send(Method::POST, "/generate-payment-link", &headers[1..], &body).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY);
    }
    assert_eq!(program.count("banq_problems_total{code=\"provider_rejected\"}").await, 200);
    let log = program.stop().await;
    let (lines, _) = told(&log, "the request failed");
    assert!((1..=10).contains(&lines), "{lines}");
    assert_eq!(told(&log, "more requests failed").1 + lines as u64, 200, "{log}");
}

#[tokio::test]
async fn mistakes_of_the_shop_itself_are_told_one_by_one() {
    let program = Program::start(None).await;
    let key = format!("Bearer {API_KEY}");
    let headers = [("authorization", &*key), ("content-type", "application/json")];
    for _ in 0..3 {
        assert_eq!(program.send(Method::PUT, "/orders/1", &headers, "{\"funds\":-1}").await, 422);
    }
    let log = program.stop().await;
    assert_eq!(told(&log, "the request was refused").0, 3, "{log}");
    assert_eq!(told(&log, "requests were refused").0, 0, "{log}");
}

#[tokio::test]
async fn limit_of_open_files_that_is_too_low_is_told_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let changes = [
        ("BANQ_ENVIRONMENT", "sandbox"),
        ("BANQ_PUBLIC_URL", "https://pay.shop.example"),
        ("BANQ_ALLOWED_ORIGINS", "https://shop.example"),
    ];
    let mut settings = changed(settings_for("https://127.0.0.1:9", folder.path()), &changes);
    for (files, is_told) in [(256, true), (1_024, false)] {
        settings.insert("BANQ_MAX_CONNECTIONS".into(), "200".into());
        settings.insert("BANQ_MAX_STREAMS".into(), "200".into());
        let program = env!("CARGO_BIN_EXE_banq-intermediary");
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {files} && exec {program}")]).env_clear().envs(&settings);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        within_deadline(lines.next_line()).await.unwrap().unwrap();
        child.start_kill().unwrap();
        let log = within_deadline(child.wait_with_output()).await.unwrap().stderr;
        let log = String::from_utf8(log).unwrap();
        assert_eq!(log.contains("LimitNOFILE"), is_told, "{files}: {log}");
    }
}

#[tokio::test]
async fn no_query_and_no_header_is_in_the_log_at_any_level() {
    let program = Program::start(Some("trace")).await;
    const SECRET: &str = "hunter2-of-the-edge";
    let path = |path: &str| format!("{path}?wait=0&token={SECRET}");
    for name in
        ["authorization", "cookie", "origin", "referer", "x-forwarded-for", "user-agent", "last-event-id"]
    {
        for to in
            ["/healthz", "/no/such", "/checkouts/00000000000000000000000000000000", "/metrics", "/widget/x"]
        {
            program.send(Method::GET, &path(to), &[(name, SECRET)], "").await;
        }
        for to in ["/generate-payment-link", "/your-web-hooks/payment-status"] {
            program
                .send(Method::POST, &path(to), &[(name, SECRET), ("x-banq-webhook-hmac", SECRET)], SECRET)
                .await;
        }
    }
    program.send(Method::GET, "/healthz", &[("x-request-id", &format!("{SECRET}!"))], "").await;
    let log = program.stop().await;
    assert!(log.contains("DEBUG") && log.contains("the request was refused"));
    assert!(!log.contains(SECRET), "{}", log.lines().find(|line| line.contains(SECRET)).unwrap());
}

#[tokio::test]
async fn json_line_names_its_span_once() {
    let program = Program::start(None).await;
    let key = format!("Bearer {API_KEY}");
    let headers = [("authorization", &*key), ("content-type", "application/json")];
    assert_eq!(program.send(Method::PUT, "/orders/1", &headers, "{\"funds\":1}").await, 201);
    let lines = lines(&program.stop().await);
    let answered = lines.iter().find(|line| line["fields"]["message"] == "answered").unwrap();
    assert_eq!(answered["span"]["path"], "/orders/1");
    assert!(lines.iter().all(|line| line.get("spans").is_none()), "{lines:#?}");
}

#[tokio::test]
async fn scrapes_and_probes_are_logged_at_debug() {
    for (level, expected) in [("info", 0), ("debug", 1)] {
        let program = Program::start(Some(level)).await;
        let paths = ["/metrics", "/healthz", "/readyz"];
        for path in paths {
            assert_eq!(program.send(Method::GET, path, &[], "").await, 200);
        }
        let lines = lines(&program.stop().await);
        for path in paths {
            let of_path = lines.iter().filter(|line| line["span"]["path"] == path);
            let answered = of_path.clone().filter(|line| line["fields"]["message"] == "answered");
            assert_eq!(answered.count(), expected, "{level} {path}: {lines:#?}");
            assert!(of_path.clone().all(|line| line["level"] == "DEBUG"), "{lines:#?}");
        }
    }
}

#[tokio::test]
async fn start_sums_up_the_settings_in_one_line() {
    let program = Program::with(&[
        ("BANQ_ALLOWED_ORIGINS", "https://shop.example,https://www.shop.example"),
        ("BANQ_FULFILMENT_URL", "http://127.0.0.1:9/told?key=hunter2"),
        ("BANQ_FULFILMENT_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ])
    .await;
    let (simulator, url) = (program.app.simulator.url(), program.url.clone());
    let log = program.stop().await;
    let lines = lines(&log);
    let summary: Vec<&Value> =
        lines.iter().filter(|line| line["fields"]["message"] == "the server is set up").collect();
    assert_eq!((summary.len(), &summary[0]["level"]), (1, &"INFO".into()), "{log}");
    let fields = &summary[0]["fields"];
    for (name, value) in [
        ("environment", "local".to_owned()),
        ("widget", "none".to_owned()),
        ("origins", "https://shop.example, https://www.shop.example".to_owned()),
        ("webhook", format!("{url}/your-web-hooks/payment-status")),
        ("server", url),
        ("provider", "banq".to_owned()),
        ("provider_urls", format!("BANQ_API_URL={simulator}/api/, BANQ_AUTH_URL={simulator}/oauth/token")),
        ("shop", "http://127.0.0.1:9".to_owned()),
    ] {
        assert_eq!(fields[name], value, "{log}");
    }
    let database = fields["database"].as_str().unwrap();
    assert!(database.starts_with("sqlite:///") && database.ends_with("/test.sqlite"), "{log}");
    assert!(!log.contains("hunter2") && !log.contains("whsec_") && !log.contains(PASSWORD), "{log}");
}

#[tokio::test]
async fn refused_origin_is_told_with_the_fix_and_sampled() {
    let program = Program::start(None).await;
    let asks = [("origin", "https://shop.example"), ("access-control-request-method", "POST")];
    for _ in 0..300 {
        // The question of a browser, which then asks for no link.
        program.send(Method::OPTIONS, "/generate-payment-link", &asks, "").await;
    }
    assert_eq!(program.count("banq_problems_total{code=\"origin_not_allowed\"}").await, 300);
    let log = program.stop().await;
    let lines = lines(&log);
    let first = lines.iter().find(|line| line["fields"]["message"] == "requests were refused").unwrap();
    assert_eq!(
        (&first["level"], &first["fields"]["origin"]),
        (&"WARN".into(), &"https://shop.example".into())
    );
    assert!(first["fields"]["fix"].as_str().unwrap().contains("BANQ_ALLOWED_ORIGINS"), "{log}");
    assert_eq!(log.matches("https://shop.example").count(), 1, "{log}");
    assert_eq!(told(&log, "requests were refused").1 + told(&log, "more requests were refused").1, 300);
}

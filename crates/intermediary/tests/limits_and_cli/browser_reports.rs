//! Reports of browsers, and the policy of a page that causes none.

use banq_testkit::{command, within_deadline};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::helpers::TestApp;

const REPORTS: &str = "application/reports+json";

async fn report(app: &TestApp, kind: &str, body: String) -> StatusCode {
    let request = app.http.post(app.url("/browser-reports")).header("content-type", kind);
    within_deadline(request.header("origin", "null").body(body).send()).await.unwrap().status()
}

async fn metrics(app: &TestApp) -> String {
    app.get("/metrics").await.text().await.unwrap()
}

#[tokio::test]
async fn reports_are_counted_by_what_was_refused() {
    let app = TestApp::start().await;
    let own = app.url("/widget/banq-checkout.js");
    let body = json!([
        { "type": "csp-violation", "url": "https://shop.example/cart?a=b", "body": {
            "blockedURL": own, "effectiveDirective": "script-src-elem", "disposition": "enforce" } },
        { "type": "integrity-violation", "url": "https://shop.example/", "body": {
            "blockedURL": "https://cdn.example/a.js", "destination": "script", "reportOnly": false } },
        { "type": "deprecation", "body": {} }
    ]);
    assert_eq!(report(&app, REPORTS, body.to_string()).await, 204);
    let older =
        json!({ "csp-report": { "violated-directive": "script-src 'self'", "blocked-uri": "wasm-eval" } });
    assert_eq!(report(&app, "application/csp-report", older.to_string()).await, 204);
    let metrics = metrics(&app).await;
    for series in [
        "kind=\"csp\",directive=\"script-src-elem\",refused=\"widget\"",
        "kind=\"csp\",directive=\"script-src\",refused=\"wasm\"",
        "kind=\"integrity\",directive=\"script-src\",refused=\"other\"",
    ] {
        assert!(metrics.contains(&format!("banq_browser_reports_total{{{series}}} 1\n")), "{metrics}");
    }
    assert!(!metrics.contains("shop.example"));
}

#[tokio::test]
async fn what_is_no_report_is_refused() {
    let app = TestApp::start().await;
    assert_eq!(report(&app, "application/json", "[]".to_owned()).await, 400);
    assert_eq!(report(&app, REPORTS, "{}".to_owned()).await, 400);
    assert_eq!(report(&app, REPORTS, format!("[{}]", " ".repeat(20_000))).await, 413);
    assert_eq!(report(&app, REPORTS, "[]".to_owned()).await, 204);
    assert!(!metrics(&app).await.contains("banq_browser_reports_total{"));
}

#[tokio::test]
async fn a_page_of_the_shop_may_send_reports() {
    let app = TestApp::with(&[("BANQ_ALLOWED_ORIGINS", "https://shop.example")], |_| {}).await;
    let preflight = app.http.request(reqwest::Method::OPTIONS, app.url("/browser-reports"));
    let preflight = preflight.header("origin", "https://shop.example");
    let preflight = preflight.header("access-control-request-method", "POST");
    let preflight = preflight.header("access-control-request-headers", "content-type");
    let answer = within_deadline(preflight.send()).await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://shop.example");
    assert_eq!(answer.headers()["access-control-allow-headers"].to_str().unwrap().split(',').count(), 5);
}

async fn csp(arguments: &[&str]) -> (i32, String) {
    let mut program = command(env!("CARGO_BIN_EXE_banq-intermediary"), &banq_testkit::Settings::new());
    let output = within_deadline(program.arg("csp").args(arguments).output()).await.unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn the_policy_is_printed_for_people_and_programs() {
    let server = ["--server", "https://pay.your-shop.example"];
    let (code, text) = csp(&server).await;
    assert_eq!((code, &*text), (0, include_str!("../../../../docs/snippets/policy.txt")));
    let (_, text) = csp(&[&server[..], &["--reports", "--json"]].concat()).await;
    let headers: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(headers["data"]["headers"][1]["name"], "Reporting-Endpoints");
    assert_eq!(csp(&["--server", "https://pay.your-shop.example/path"]).await.0, 2);
    assert_eq!(csp(&[]).await.0, 2);
}

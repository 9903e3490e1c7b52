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
    // In `local`, a page of this machine may use the server.
    let body = json!([
        { "type": "csp-violation", "url": "http://localhost:8000/cart?a=b", "body": {
            "blockedURL": own, "effectiveDirective": "script-src-elem", "disposition": "enforce" } },
        { "type": "integrity-violation", "url": "https://shop.example/", "body": {
            "blockedURL": "https://cdn.example/a.js", "destination": "script", "reportOnly": false } },
        { "type": "deprecation", "body": {} }
    ]);
    assert_eq!(report(&app, REPORTS, body.to_string()).await, 204);
    let older = json!({ "csp-report": {
        "document-uri": "https://shop.example/", "violated-directive": "script-src 'self'", "blocked-uri": "wasm-eval"
    } });
    assert_eq!(report(&app, "application/csp-report", older.to_string()).await, 204);
    let metrics = metrics(&app).await;
    for series in [
        "kind=\"csp\",directive=\"script-src-elem\",refused=\"widget\",page=\"shop\"",
        "kind=\"csp\",directive=\"script-src\",refused=\"wasm\",page=\"unknown\"",
        "kind=\"integrity\",directive=\"script-src\",refused=\"other\",page=\"unknown\"",
    ] {
        assert!(metrics.contains(&format!("banq_browser_reports_total{{{series}}} 1\n")), "{metrics}");
    }
    assert!(!metrics.contains("shop.example") && !metrics.contains("localhost"));
    let refused = "banq_problems_total{code=\"origin_not_allowed\"} 0\n";
    assert!(metrics.contains(refused), "a report of any page is taken: {metrics}");
}

#[tokio::test]
async fn what_is_no_report_is_refused() {
    let app = TestApp::start().await;
    assert_eq!(report(&app, "application/json", "[]".to_owned()).await, 400);
    assert_eq!(report(&app, REPORTS, "{}".to_owned()).await, 400);
    assert_eq!(report(&app, REPORTS, format!("[{}]", " ".repeat(70_000))).await, 413);
    assert_eq!(report(&app, REPORTS, "[]".to_owned()).await, 204);
    assert!(!metrics(&app).await.contains("banq_browser_reports_total{"));
}

#[tokio::test]
async fn a_browsers_batch_is_taken_and_a_flood_is_not() {
    let app = TestApp::start().await;
    let policy = "script-src 'self' https://pay.shop.example; ".repeat(20);
    let one = json!({ "type": "csp-violation", "url": "https://shop.example/", "age": 1, "user_agent": "Mozilla", "body": {
        "blockedURL": "inline", "effectiveDirective": "script-src-attr", "originalPolicy": policy } });
    let body = Value::from(vec![one; 50]).to_string();
    assert!(body.len() > 40_000);
    let mut taken = 0;
    while report(&app, REPORTS, body.clone()).await == 204 {
        taken += 1;
        assert!(taken < 60, "without an end");
    }
    assert_eq!(report(&app, REPORTS, body).await, 429);
    let counted = format!("refused=\"inline\",page=\"unknown\"}} {}\n", 50 * taken);
    assert!(taken >= 10 && metrics(&app).await.contains(&counted));
}

#[tokio::test]
async fn any_page_may_send_reports() {
    let app = TestApp::with(&[("BANQ_ALLOWED_ORIGINS", "https://shop.example")], |_| {}).await;
    let preflight = app.http.request(reqwest::Method::OPTIONS, app.url("/browser-reports"));
    let preflight = preflight.header("origin", "https://another.example");
    let preflight = preflight.header("access-control-request-method", "POST");
    let preflight = preflight.header("access-control-request-headers", "content-type");
    let answer = within_deadline(preflight.send()).await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(answer.headers()["access-control-allow-headers"], "content-type");
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
    assert_eq!(csp(&["--server", "pay.your-shop.example"]).await.0, 2);
    assert_eq!(csp(&[&server[..], &["--logo", "cdn.example"]].concat()).await.0, 2);
    assert_eq!(csp(&[]).await.0, 2);
}

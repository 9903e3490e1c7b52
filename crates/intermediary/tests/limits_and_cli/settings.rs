//! Settings that cannot be meant as they are written: the program says so and does not start.

use std::process::Stdio;

use banq_testkit::command;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::helpers::{API_KEY, TestApp, changed, settings_for, within_deadline};

/// Starts the program with these changes; `Ok` when it serves, or what it said when it ended with exit code 2.
async fn start(changes: &[(&str, &str)], file: Option<&str>) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let settings = changed(settings_for("http://127.0.0.1:9", folder.path()), changes);
    let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &settings);
    if let Some(text) = file {
        let path = folder.path().join("intermediary.toml");
        std::fs::write(&path, text).unwrap();
        command.arg("--config").arg(path);
    }
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    if within_deadline(lines.next_line()).await.unwrap().is_some() {
        return Ok(());
    }
    let mut said = String::new();
    within_deadline(program.stderr.take().unwrap().read_to_string(&mut said)).await.unwrap();
    assert_eq!(within_deadline(program.wait()).await.unwrap().code(), Some(2), "{said}");
    Err(said)
}

#[tokio::test]
async fn an_origin_with_a_star_is_refused_with_the_fix() {
    let said = start(&[("BANQ_ALLOWED_ORIGINS", "https://shop.example,https://*.shop.example")], None).await;
    let said = said.expect_err("it started, and the star would match nothing");
    assert!(said.contains("BANQ_ALLOWED_ORIGINS: \"https://*.shop.example\" has a * in it"), "{said}");
    assert!(said.contains("name each origin"), "{said}");
}

#[tokio::test]
async fn an_origin_in_another_script_matches_what_browsers_send() {
    let app = TestApp::with(&[("BANQ_ALLOWED_ORIGINS", "https://käse.example")], |_| {}).await;
    let request = app.http.request(Method::OPTIONS, app.url("/generate-payment-link"));
    let request = request.header(header::ORIGIN, "https://xn--kse-qla.example");
    let answer =
        within_deadline(request.header("access-control-request-method", "POST").send()).await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://xn--kse-qla.example");
}

#[tokio::test]
async fn in_local_a_page_of_this_machine_may_ask_from_any_port() {
    let app = TestApp::start().await;
    let ask = async |origin: &str| {
        let request = app.http.post(app.url("/generate-payment-link")).header(header::ORIGIN, origin);
        let answer =
            within_deadline(request.json(&serde_json::json!({ "orderId": "1" })).send()).await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin").cloned();
        (answer.status().as_u16(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
    };
    app.link("1").await;
    for origin in ["http://localhost:8000", "http://127.0.0.1:5173", "http://[::1]:3000"] {
        assert_eq!(ask(origin).await, (200, Some(origin.to_owned())));
    }
    for origin in ["http://192.168.1.7:8000", "https://shop.example", "http://localhost.evil.example", "null"]
    {
        assert_eq!(ask(origin).await, (403, None), "{origin}");
    }
}

#[tokio::test]
async fn other_spellings_of_an_origin_are_said_as_browsers_write_them() {
    for (origin, fix) in [
        ("https://shop.example/", "write https://shop.example"),
        ("https://shop.example:443", "write https://shop.example"),
        ("HTTPS://Shop.example", "write https://shop.example"),
        ("https://[2001:DB8::0:1]", "write https://[2001:db8::1]"),
        ("null", "an address of its own"),
    ] {
        let said = start(&[("BANQ_ALLOWED_ORIGINS", origin)], None).await.unwrap_err();
        assert!(said.contains("BANQ_ALLOWED_ORIGINS") && said.contains(fix), "{origin}: {said}");
    }
    let said = start(&[("BANQ_ALLOWED_ORIGINS", "https://u:hunter2@shop.example")], None).await.unwrap_err();
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_value_that_cannot_be_meant_is_refused_by_its_name() {
    for (name, value) in [
        ("BANQ_WEBHOOK_SECRET", "\"the webhook's shared wibble\""),
        ("BANQ_API_KEY", "'wibble wibble wibble'"),
        ("BANQ_PASSWORD", "wibble "),
        ("BANQ_PASSWORD", "wibble\n"),
        ("BANQ_CLIENT_ID", "YOUR-CLIENT-wibble"),
        ("BANQ_METRICS_TOKEN", "<wibble>"),
        ("BANQ_USERNAME", "${wibble}"),
        ("BANQ_ACCOUNT_GUID", "00000000-0000-0000-0000-000000000000"),
        ("BANQ_PUBLIC_URL", "https://*.wibble.example"),
        ("BANQ_PUBLIC_URL", "https:wibble.example"),
        ("BANQ_PUBLIC_URL", "\"https://wibble.example\""),
        ("BANQ_LINK_LIFETIME_SECONDS", "\"900\""),
    ] {
        let said = start(&[(name, value)], None).await.expect_err(value);
        assert!(said.contains(&format!("- {name} ")) && !said.contains("wibble"), "{value}: {said}");
    }
}

#[tokio::test]
async fn a_misspelt_name_is_refused_with_the_one_that_is_meant() {
    let changes =
        [("BANQ_WEBHOOK_SECRETS", "wibble"), ("BANQ_LISTEN", "wibble"), ("banq_public_url", "wibble")];
    let said =
        start(&changes, Some("banq_retention_day = 100\nbanq_metrics_token = \"'t'\"")).await.unwrap_err();
    for problem in [
        "BANQ_WEBHOOK_SECRETS is not a setting; did you mean BANQ_WEBHOOK_SECRET?",
        "banq_public_url is not a setting; did you mean BANQ_PUBLIC_URL?",
        "banq_retention_day is not a setting; did you mean banq_retention_days?",
        "BANQ_METRICS_TOKEN stands within quotes",
        "BANQ_LISTEN must be",
    ] {
        assert!(said.contains(problem), "all at once: {problem}: {said}");
    }
    assert!(!said.contains("wibble"), "{said}");
}

#[tokio::test]
async fn names_of_other_programs_do_not_stop_the_start() {
    let others = [
        ("BANQ_MERCHANT_PASSWORD", "hunter2"),
        ("BANQ_POSTGRES_BIN", "/usr/bin"),
        ("BANQ_INTERMEDIARY_SERVICE_HOST", "10.0.0.1"),
        ("BANQ_INTERMEDIARY_PORT", "tcp://10.0.0.1:8080"),
        ("BANQUET", "served"),
    ];
    assert_eq!(start(&others, None).await, Ok(()));
}

#[tokio::test]
async fn a_misspelt_field_of_an_order_is_refused_by_its_name() {
    let app = TestApp::start().await;
    let order = json!({ "funds": "2.00", "frequncy": "monthly", "startDate": "2027-01-31" });
    let answer = app.send(Method::PUT, "/orders/1", Some(API_KEY), &order).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "invalid_field");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("frequncy") && detail.contains("did you mean frequency?"), "{detail}");
    assert_eq!(app.ask("1").await.status(), StatusCode::NOT_FOUND, "nothing was registered");
    let description: Value = app.get("/openapi.json").await.json().await.unwrap();
    assert_eq!(description["components"]["schemas"]["OrderTerms"]["additionalProperties"], false);
}

#[tokio::test]
async fn a_page_may_send_fields_of_its_own_with_its_order() {
    let app = TestApp::start().await;
    app.link("1").await;
    let request = json!({ "orderId": "1", "cart": ["tea"], "frequncy": "monthly" });
    let answer = app.send(Method::POST, "/generate-payment-link", None, &request).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

//! What the server shows of itself: metrics, headers, readiness.

use std::collections::BTreeMap;

use crate::helpers::{TestApp, within_deadline};

/// The samples, by name and labels.
async fn metrics(app: &TestApp) -> BTreeMap<String, f64> {
    let response = app.get("/metrics").await;
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn one_payment_is_seen_in_every_metric() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    assert_eq!(app.ask("1").await.status(), 200);
    let path = format!("/checkouts/{}/events", link["checkoutId"].as_str().unwrap());
    let mut stream = app.get(&path).await;
    assert_eq!(metrics(&app).await["banq_open_streams"], 1.0);
    app.simulator.control().accept(app.simulator.control().payments()[0].id).await.unwrap();
    within_deadline(async { while stream.chunk().await.unwrap().is_some() {} }).await;
    within_deadline(async {
        while app.simulator.control().deliveries().iter().any(|delivery| delivery.attempts.is_empty()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(app.get("/no/such/address").await.status(), 404);
    let seen = metrics(&app).await;
    for (name, value) in [
        ("banq_links_total{outcome=\"made\"}", 1.0),
        ("banq_links_total{outcome=\"found\"}", 1.0),
        ("banq_http_requests_total{route=\"/generate-payment-link\",status=\"201\"}", 1.0),
        ("banq_http_requests_total{route=\"/orders/{order_id}\",status=\"201\"}", 1.0),
        ("banq_http_requests_total{route=\"none\",status=\"404\"}", 1.0),
        ("banq_upstream_duration_seconds_count{call=\"get-paid-link\",outcome=\"ok\"}", 1.0),
        ("banq_checkout_transitions_total{outcome=\"paid\"}", 1.0),
        ("banq_webhook_age_at_transition_seconds_count", 1.0),
        ("banq_open_streams", 0.0),
        ("banq_ready", 1.0),
    ] {
        assert_eq!(seen.get(name), Some(&value), "{name}: {seen:#?}");
    }
    assert!(seen["banq_webhooks_total{outcome=\"stored\"}"] >= 3.0);
    assert!(seen["banq_webhook_age_at_receipt_seconds_count"] >= 3.0);
    assert!(seen.contains_key("banq_queue_depth{queue=\"inbox\"}"));
    assert!(!seen.keys().any(|name| name.contains("checkoutId") || name.contains(&path)));
}

#[tokio::test]
async fn metrics_are_for_neighbours_and_for_who_knows_the_token() {
    let app = TestApp::with(&[("BANQ_METRICS_TOKEN", "0123456789abcdef")], |_| {}).await;
    let ask = async |headers: &[(&'static str, &str)]| {
        let request = app.http.get(app.url("/metrics"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(&[]).await, 200);
    assert_eq!(ask(&[("x-forwarded-for", "127.0.0.1")]).await, 401);
    assert_eq!(
        ask(&[("x-forwarded-for", "127.0.0.1"), ("authorization", "Bearer 0123456789abcdee")]).await,
        401
    );
    assert_eq!(
        ask(&[("x-forwarded-for", "127.0.0.1"), ("authorization", "Bearer 0123456789abcdef")]).await,
        200
    );
}

#[tokio::test]
async fn every_response_has_security_headers_and_the_page_runs() {
    let folder = tempfile::tempdir().unwrap();
    let page = "<!doctype html><script>go()</script><script src=\"ecommerce.js\"></script>";
    std::fs::write(folder.path().join("index.html"), page).unwrap();
    std::fs::write(folder.path().join("ecommerce.js"), "1").unwrap();
    let widget = folder.path().display().to_string();
    let app = TestApp::with(&[("BANQ_WIDGET_DIR", &widget)], |_| {}).await;
    for path in ["/healthz", "/nowhere", "/checkouts/x", "/widget/ecommerce.js"] {
        let response = app.get(path).await;
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}");
    }
    let response = app.get("/widget/").await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    // printf 'go()' | openssl dgst -sha256 -binary | base64
    assert!(policy.contains("'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"), "{policy}");
    assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains(&app.server.url()), "{policy}");
    assert!(!policy.contains("script-src 'self' 'unsafe-inline'"), "{policy}");
    assert_eq!(response.text().await.unwrap(), page);
}

#[tokio::test]
async fn the_dashboard_asks_only_for_metrics_that_exist() {
    let app = TestApp::start().await;
    app.link("1").await;
    let text = app.get("/metrics").await.text().await.unwrap();
    let described: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/grafana.json");
    let dashboard: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut seen = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            for word in expression.split(|char: char| !char.is_ascii_alphanumeric() && char != '_') {
                if word.starts_with("banq_") {
                    let known = ["", "_total", "_bucket", "_count"]
                        .iter()
                        .any(|end| word.strip_suffix(end).is_some_and(|name| described.contains(&name)));
                    assert!(known, "{word} in {expression}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 14, "{seen}");
}

#[test]
fn dashboard_is_red_when_not_ready_and_shows_money() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/grafana.json");
    let dashboard: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    for title in ["Ready", "Banq accepts the credentials"] {
        let panel = panels.iter().find(|panel| panel["title"] == title).unwrap();
        let steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"].as_array().unwrap();
        let color = |value: f64| {
            let reached = steps.iter().rfind(|step| step["value"].as_f64().is_none_or(|from| from <= value));
            reached.unwrap()["color"].as_str().unwrap()
        };
        assert_eq!((color(0.0), color(1.0)), ("red", "green"), "{title}");
        assert_eq!(panel["options"]["colorMode"], "background", "{title}");
    }
    let text = dashboard.to_string();
    for series in ["paid_amount_total", "reversed_amount_total", "notifications_total", "build_info"] {
        assert!(text.contains(&format!("banq_{series}")), "{series}");
    }
    let mut ids: Vec<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), panels.len(), "two panels have one id");
}

#[tokio::test]
async fn every_described_route_answers_as_it_is_described() {
    let app = TestApp::start().await;
    let document: serde_json::Value = app.get("/openapi.json").await.json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 10, "{:?}", paths.keys());
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let url = path.replace("{checkout_id}", &"0".repeat(32)).replace("{order_id}", "1");
            let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let response = within_deadline(app.http.request(method, app.url(&url)).send()).await.unwrap();
            let status = response.status().as_u16().to_string();
            let described = &operation["responses"][&status];
            assert!(described.is_object(), "{path}: {status} is not described");
            let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
            let kind = kind.split(';').next().unwrap();
            assert!(described["content"].get(kind).is_some(), "{path}: {status} {kind}");
        }
    }
}

//! What Prometheus reads: the format that it asks for, and the series about money, the shop and the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode};
use banq_simulator::FailReason;

use crate::helpers::{TestApp, within_deadline};

/// Content type and text, asked for with this `Accept`.
async fn scrape(app: &TestApp, accept: Option<&str>) -> (String, String) {
    let request = app.http.get(app.url("/metrics"));
    let request = accept.iter().fold(request, |request, accept| request.header("accept", *accept));
    let answer = within_deadline(request.send()).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, within_deadline(answer.text()).await.unwrap())
}

/// Scrapes until a sample has this value.
async fn becomes(app: &TestApp, sample: &str, value: f64) {
    within_deadline(async {
        loop {
            let (_, text) = scrape(app, None).await;
            let mut lines = text.lines().filter_map(|line| line.rsplit_once(' '));
            let found = lines.find(|(name, _)| *name == sample).map(|(_, found)| found.parse());
            if found == Some(Ok(value)) {
                return;
            }
        }
    })
    .await;
}

/// The types of a text in the classic format, version 0.0.4, held to its rules
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
fn classic_types(text: &str) -> BTreeMap<String, String> {
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let mut types = BTreeMap::new();
    let mut samples = BTreeSet::new();
    let (mut family, mut helped) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let (keyword, rest) = comment.split_once(' ').expect(line);
            let (name, rest) = rest.split_once(' ').expect(line);
            match keyword {
                "HELP" => helped = name.to_owned(),
                "TYPE" => {
                    assert_eq!(name, helped, "{line}");
                    assert!(["counter", "gauge", "histogram"].contains(&rest), "{line}");
                    assert_eq!(name.ends_with("_total"), rest == "counter", "{line}");
                    family = name.to_owned();
                    assert_eq!(types.insert(family.clone(), rest.to_owned()), None, "{line}: one group");
                }
                _ => panic!("another format's comment: {line}"),
            }
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').expect(line);
        assert!(["+Inf", "-Inf", "NaN"].contains(&value) || value.parse::<f64>().is_ok(), "{line}");
        assert!(samples.insert(sample.to_owned()), "{line}: twice");
        let name = sample.split('{').next().unwrap();
        let end = name.strip_prefix(family.as_str()).expect(line);
        match types[&family].as_str() {
            "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&end), "{line}"),
            _ => assert_eq!(end, "", "{line}"),
        }
    }
    types
}

#[tokio::test]
async fn metrics_are_in_the_classic_format_unless_asked() {
    let app = TestApp::start().await;
    app.link("1").await;
    for accept in [None, Some("*/*"), Some("text/plain;version=0.0.4"), Some("text/html,*/*;q=0.8")] {
        let (kind, text) = scrape(&app, accept).await;
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8", "{accept:?}");
        let types = classic_types(&text);
        for (name, kind) in [
            ("banq_links_total", "counter"),
            ("banq_ready", "gauge"),
            ("banq_http_request_duration_seconds", "histogram"),
            ("banq_start_time_seconds", "gauge"),
            ("banq_build_info", "gauge"),
            ("banq_paid_amount_total", "counter"),
            ("banq_reversed_amount_total", "counter"),
            ("banq_notifications_total", "counter"),
        ] {
            assert_eq!(types.get(name).map(String::as_str), Some(kind), "{name}");
        }
    }
}

#[tokio::test]
async fn metrics_are_openmetrics_for_who_asks() {
    let app = TestApp::start().await;
    let prometheus =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    let (kind, text) = scrape(&app, Some(prometheus)).await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(text.ends_with("\n# EOF\n"));
    for line in
        ["# TYPE banq_links counter", "# UNIT banq_start_time_seconds seconds", "# TYPE banq_build info"]
    {
        assert!(text.lines().any(|other| other == line), "{line}: {text}");
    }
}

#[tokio::test]
async fn buckets_of_a_histogram_add_up() {
    let app = TestApp::start().await;
    app.link("1").await;
    let (_, text) = scrape(&app, None).await;
    let mut last = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains("_bucket{")) {
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let (series, bound) = sample.trim_end_matches('}').rsplit_once("le=\"").unwrap();
        let (bound, value): (f64, f64) =
            (bound.trim_end_matches('"').replace("+Inf", "inf").parse().unwrap(), value.parse().unwrap());
        let before = last.insert(series.to_owned(), (bound, value));
        assert!(before.is_none_or(|before| before.0 < bound && before.1 <= value), "{line}");
    }
    assert!(last.len() > 2, "{text}");
    assert!(last.values().all(|(bound, _)| bound.is_infinite()), "{last:?}");
}

#[tokio::test]
async fn build_info_names_the_version() {
    let app = TestApp::start().await;
    let version = env!("CARGO_PKG_VERSION");
    becomes(&app, &format!("banq_build_info{{version=\"{version}\"}}"), 1.0).await;
}

#[tokio::test]
async fn money_is_counted_by_currency_when_paid_and_reversed() {
    let app = TestApp::start().await;
    becomes(&app, "banq_paid_amount_total{currency=\"USD\"}", 0.0).await;
    let control = app.simulator.control();
    for order in ["1", "2"] {
        app.link(order).await;
    }
    let payments: Vec<_> = control.payments().iter().map(|payment| payment.id).collect();
    for id in &payments {
        control.accept(*id).await.unwrap();
    }
    becomes(&app, "banq_paid_amount_total{currency=\"USD\"}", 4.0).await;
    control.reverse(payments[0], FailReason::Reversed).await.unwrap();
    becomes(&app, "banq_reversed_amount_total{currency=\"USD\"}", 2.0).await;
    becomes(&app, "banq_paid_amount_total{currency=\"USD\"}", 4.0).await;
}

#[tokio::test]
async fn notifications_are_counted_by_outcome() {
    let answers = Arc::new(Mutex::new(vec![StatusCode::NO_CONTENT]));
    let take = async |State(answers): State<Arc<Mutex<Vec<StatusCode>>>>| {
        answers.lock().unwrap().pop().unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().fallback(take).with_state(answers);
    tokio::spawn(async { axum::serve(listener, router).await });
    let settings = [
        ("BANQ_FULFILMENT_URL", &*url),
        ("BANQ_FULFILMENT_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ];
    let pauses = vec![Duration::from_millis(1); 2];
    let app = TestApp::with(&settings, |config| config.tuning.fulfilment_pauses = pauses).await;
    let of = |outcome| format!("banq_notifications_total{{outcome=\"{outcome}\"}}");
    for outcome in ["delivered", "failed", "given_up"] {
        becomes(&app, &of(outcome), 0.0).await;
    }
    let control = app.simulator.control();
    app.link("1").await;
    let payment = control.payments()[0].id;
    control.accept(payment).await.unwrap();
    becomes(&app, &of("delivered"), 1.0).await;
    // The shop refuses from now on: two attempts are followed by another one, and the third by none.
    control.reverse(payment, FailReason::Reversed).await.unwrap();
    becomes(&app, &of("given_up"), 1.0).await;
    becomes(&app, &of("failed"), 2.0).await;
    becomes(&app, &of("delivered"), 1.0).await;
}

//! Clocks that differ: a link is not over, and no second payment is made, because a clock is wrong.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, header},
    response::Response,
};
use banq_intermediary::{
    Config, Server,
    doctor::{Doctor, Outcome},
};
use banq_testkit::TestApp;
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde_json::{Value, json};

use crate::helpers::{changed, with_account_space, within_deadline};

const TWENTY_MINUTES: SignedDuration = SignedDuration::from_mins(20);

/// How Banq's times are changed on their way.
#[derive(Clone)]
struct Change {
    banq: String,
    http: Client,
    /// What a link's end is made of.
    end: fn(Timestamp) -> Timestamp,
    /// What the answer's date is made of.
    date: fn(Timestamp) -> Timestamp,
}

/// Passes a request on to the simulator and changes the times of the answer.
async fn pass_on(State(change): State<Change>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let url = format!("{}{}", change.banq, head.uri);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = head.headers;
    headers.remove(header::HOST);
    let answer = change.http.request(head.method, url).headers(headers).body(body).send().await.unwrap();
    let mut changed = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if ![header::DATE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name) {
            changed = changed.header(name, value);
        }
    }
    let date = (change.date)(Timestamp::now()).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    changed = changed.header(header::DATE, HeaderValue::try_from(date).unwrap());
    let body = answer.bytes().await.unwrap();
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else {
        return changed.body(Body::from(body)).unwrap();
    };
    let resource = if json["data"].is_object() { &mut json["data"] } else { &mut json };
    if let Some(end) = resource["expiresAtUtc"].as_str() {
        resource["expiresAtUtc"] = (change.end)(end.parse().unwrap()).to_string().into();
    }
    changed.body(Body::from(json.to_string())).unwrap()
}

struct SkewedApp {
    server: Server,
    config: Config,
    app: TestApp,
}

impl SkewedApp {
    async fn new(end: fn(Timestamp) -> Timestamp, date: fn(Timestamp) -> Timestamp) -> Self {
        let app = TestApp::start().await;
        let change = Change { banq: app.simulator.url(), http: app.http.clone(), end, date };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass_on).with_state(change);
        tokio::spawn(async { axum::serve(listener, router).await });
        let app = app.with_banq(url);
        let settings = changed(with_account_space(app.settings()), &[("BANQ_ALLOW_CLIENT_AMOUNTS", "true")]);
        let config = Config::from_map(&settings).unwrap();
        let server = Server::start(config.clone()).await.unwrap();
        Self { server, config, app }
    }

    /// Presses the button: the status, and the link's `data`.
    async fn press(&self) -> (u16, Value) {
        let url = format!("{}/generate-payment-link", self.server.url());
        let request = self.app.http.post(url).json(&json!({ "orderId": "1", "funds": "2.00" }));
        let answer = within_deadline(request.send()).await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["data"].clone())
    }

    /// Presses twice; the minutes until the link ends.
    async fn press_twice(&self) -> i64 {
        let (status, first) = self.press().await;
        assert_eq!(status, 201);
        let (status, second) = self.press().await;
        assert_eq!((status, &second["url"]), (200, &first["url"]), "the same link");
        assert_eq!(self.app.simulator.control().payments().len(), 1, "one payment");
        let end: Timestamp = second["expiresAt"].as_str().unwrap().parse().unwrap();
        // A minute that has begun counts.
        (end.duration_since(Timestamp::now()).as_secs() + 59) / 60
    }

    async fn metric(&self, name: &str) -> f64 {
        let page = within_deadline(self.app.http.get(format!("{}/metrics", self.server.url())).send())
            .await
            .unwrap();
        let page = page.text().await.unwrap();
        let line = page.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn a_clock_20_minutes_ahead_makes_no_second_payment() {
    let app = SkewedApp::new(|end| end - TWENTY_MINUTES, |now| now - TWENTY_MINUTES).await;
    assert_eq!(app.press_twice().await, 15, "as long as Banq said, by Banq's own clock");
    let ahead = app.metric("banq_clock_ahead_seconds").await;
    assert!((1195.0..1230.0).contains(&ahead), "{ahead}");
    let checks = Doctor::new(app.config.clone()).unwrap().examine(&[]).await;
    let clock = checks.iter().find(|check| check.name == "clock").unwrap();
    assert_eq!(clock.outcome, Outcome::Fail, "{clock:?}");
}

#[tokio::test]
async fn a_clock_20_minutes_behind_lets_no_link_live_longer() {
    let app = SkewedApp::new(|end| end + TWENTY_MINUTES, |now| now + TWENTY_MINUTES).await;
    assert_eq!(app.press_twice().await, 15);
}

#[tokio::test]
async fn an_end_that_is_past_already_is_not_believed() {
    let app = SkewedApp::new(|end| end - TWENTY_MINUTES, |now| now).await;
    assert_eq!(app.press_twice().await, 15, "BANQ_LINK_LIFETIME_SECONDS");
}

#[tokio::test]
async fn an_end_in_the_far_future_is_not_believed() {
    let app = SkewedApp::new(|_| "9999-12-30T00:00:00Z".parse().unwrap(), |now| now).await;
    assert_eq!(app.press_twice().await, 15, "BANQ_LINK_LIFETIME_SECONDS");
}

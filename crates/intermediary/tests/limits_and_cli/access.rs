//! Who may read the metrics.

use std::net::SocketAddr;

use axum::{Extension, extract::ConnectInfo};
use banq_intermediary::{Config, Intermediary};
use reqwest::StatusCode;

use crate::helpers::{TestApp, settings_for, within_deadline};

const TOKEN: &str = "0123456789abcdef";

#[tokio::test]
async fn private_network_is_no_key_to_the_metrics() {
    for peer in ["10.0.0.7:1", "192.168.1.2:1", "172.17.0.1:1", "[fd00::1]:1", "203.0.113.7:1", "127.0.0.1:1"]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings_for("http://127.0.0.1:9", folder.path());
        settings.insert("BANQ_METRICS_TOKEN".into(), TOKEN.into());
        let intermediary = Intermediary::new(Config::from_map(&settings).unwrap()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/metrics", listener.local_addr().unwrap());
        // A program that embeds the server and says whose connections it has.
        let peer: SocketAddr = peer.parse().unwrap();
        let router = intermediary.router().layer(Extension(ConnectInfo(peer)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let bare = within_deadline(http.get(&url).send()).await.unwrap().status();
        let shown = within_deadline(http.get(&url).bearer_auth(TOKEN).send()).await.unwrap().status();
        let expected = if peer.ip().is_loopback() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!((bare, shown), (expected, StatusCode::OK), "{peer}");
        within_deadline(intermediary.stop()).await;
    }
}

#[tokio::test]
async fn what_a_proxy_on_this_machine_passes_on_is_not_local() {
    let app = TestApp::with(&[("BANQ_TRUSTED_PROXIES", "127.0.0.1")], |_| {}).await;
    let ask = async |name: &'static str, value: &str| {
        let request = app.http.get(app.url("/metrics")).header(name, value);
        within_deadline(request.send()).await.unwrap().status()
    };
    assert_eq!(ask("accept", "text/plain").await, StatusCode::OK);
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("via", "1.1 proxy"),
        // A proxy that adds nothing, and leaves the name by which it was asked.
        ("host", "pay.shop.example"),
    ] {
        assert_eq!(ask(name, value).await, StatusCode::UNAUTHORIZED, "{name}");
    }
}

//! A simulator and an intermediary on free ports, and clients that are as rude as they have to be.

use std::{net::SocketAddr, ops::Deref, path::Path};

use banq_intermediary::{Config, Server};
use banq_testkit::{Settings, sqlite};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) use banq_testkit::{API_KEY, changed, within_deadline};

/// Both servers.
pub(crate) struct TestApp {
    pub(crate) server: Server,
    app: banq_testkit::TestApp,
}

impl Deref for TestApp {
    type Target = banq_testkit::TestApp;

    fn deref(&self) -> &Self::Target {
        &self.app
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(&[], |_| {}).await
    }

    /// With these settings, and this tuning.
    pub(crate) async fn with(settings: &[(&str, &str)], tune: impl FnOnce(&mut Config)) -> Self {
        let app = banq_testkit::TestApp::start().await;
        let mut config = Config::from_map(&changed(with_account_space(app.settings()), settings)).unwrap();
        tune(&mut config);
        Self { server: app.serve(config).await, app }
    }

    /// Stops the server in order. The simulator runs until the returned value is dropped.
    pub(crate) async fn stop_server(self) -> banq_testkit::TestApp {
        self.server.stop().await;
        self.app
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.url().strip_prefix("http://").unwrap().parse().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        within_deadline(self.http.get(self.url(path)).send()).await.unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, key: Option<&str>, body: &Value) -> Response {
        let mut request = self.http.request(method, self.url(path)).json(body);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        within_deadline(request.send()).await.unwrap()
    }

    /// Registers an order for two dollars and asks for its link; the link's `data`.
    pub(crate) async fn link(&self, order: &str) -> Value {
        let terms = json!({ "funds": "2.00", "comment": "Tea" });
        let registered = self.send(Method::PUT, &format!("/orders/{order}"), Some(API_KEY), &terms).await;
        assert!(registered.status().is_success());
        let response = self.ask(order).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        response.json::<Value>().await.unwrap()["data"].clone()
    }

    pub(crate) async fn ask(&self, order: &str) -> Response {
        self.send(Method::POST, "/generate-payment-link", None, &json!({ "orderId": order })).await
    }

    /// A connection on which nothing has been said.
    pub(crate) async fn connect(&self) -> TcpStream {
        within_deadline(TcpStream::connect(self.address())).await.unwrap()
    }

    /// Opens the stream of a checkout with a bare request.
    pub(crate) async fn stream(&self, link: &Value) -> TcpStream {
        let mut socket = self.connect().await;
        let id = link["checkoutId"].as_str().unwrap();
        socket.write_all(get(&format!("/checkouts/{id}/events"), &[]).as_bytes()).await.unwrap();
        socket
    }
}

/// Returns the settings of a local server beside `simulator`, with its database in this folder.
pub(crate) fn settings_for(simulator: &str, folder: &Path) -> Settings {
    with_account_space(banq_testkit::settings(simulator, &sqlite(folder)))
}

/// Adds the merchant's account space to the settings of a server.
pub(crate) fn with_account_space(settings: Settings) -> Settings {
    changed(settings, &[("BANQ_ACCOUNT_SPACE_ID", "1")])
}

/// A bare request.
pub(crate) fn get(path: &str, headers: &[&str]) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\nhost: shop\r\n{headers}\r\n")
}

/// Reads until `wanted` has come; all that was read.
pub(crate) async fn read_until(socket: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(wanted) {
        let count = within_deadline(socket.read(&mut buffer)).await.unwrap();
        assert_ne!(count, 0, "ended without {wanted:?}: {text}");
        text.push_str(str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}

/// Reads to the end; a connection that was reset has ended too.
pub(crate) async fn read_to_end(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = within_deadline(socket.read_to_end(&mut bytes)).await;
    String::from_utf8(bytes).unwrap()
}

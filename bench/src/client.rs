//! Sends requests over a limited number of connections that stay open.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// A client of one server.
pub(crate) struct Client {
    address: SocketAddr,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
    places: Semaphore,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Ends the measurement at any other status than 2xx.
    pub(crate) fn expect_success(self, what: &str) -> Self {
        assert!(self.status.is_success(), "{what}: {} {}", self.status, self.text());
        self
    }
}

impl Client {
    /// Returns a client with at most this many connections; further requests wait.
    pub(crate) fn new(address: SocketAddr, connections: usize) -> Arc<Self> {
        Arc::new(Self { address, idle: Mutex::default(), places: Semaphore::new(connections) })
    }

    /// Sends a request with a JSON body, which may be empty.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let _place = self.places.acquire().await.unwrap();
        loop {
            let (mut connection, used) = self.connection().await;
            let mut request = Request::builder().method(&method).uri(path).header(header::HOST, "127.0.0.1");
            request = request.header(header::CONTENT_TYPE, "application/json");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Full::new(body.clone())).unwrap();
            match connection.send_request(request).await {
                Ok(response) => {
                    let status = response.status();
                    let body = response.into_body().collect().await.unwrap().to_bytes();
                    self.idle.lock().unwrap().push(connection);
                    return Answer { status, body };
                }
                // The server closed a connection that was idle for long.
                Err(_) if used => {}
                Err(error) => panic!("{method} {path}: {error}"),
            }
        }
    }

    /// Returns a connection, and whether it was used before.
    async fn connection(&self) -> (SendRequest<Full<Bytes>>, bool) {
        loop {
            let idle = self.idle.lock().unwrap().pop();
            let Some(mut connection) = idle else { break };
            if connection.ready().await.is_ok() {
                return (connection, true);
            }
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (connection, work) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(work);
        (connection, false)
    }
}

//! Serves HTTP/1.1 on a socket: hyper for requests, and our own small writer for streams.
//!
//! - [`connections`]: limits and evicts connections; [`connection_table`]: the connections by what they do
//! - [`connection`]: serves one connection, until a stream takes over its socket
//! - [`progress`]: tracks a connection's request and response
//! - [`files`]: checks the system's limit of open files
//! - [`socket`]: a socket that gives up on clients that do not read
//! - [`sse_writer`]: writes one stream, in about a kilobyte of memory
//!
//! axum's own `serve` has neither a timeout for slow heads nor a limit of connections, and hyper keeps 16 kB of buffers
//! per connection for its lifetime, which for a stream is minutes.

mod connection;
mod connection_table;
mod connections;
mod files;
mod progress;
mod socket;
mod sse_writer;
mod stream_slot;

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::connections::LimitReached;
pub(crate) use self::connections::{ConnectionPermit, Connections};
pub(crate) use self::files::shortage;
pub(crate) use self::stream_slot::StreamSlot;
use crate::{
    config::{Limits, Tuning},
    http::sampler::Sampler,
    metrics::Metrics,
};

/// "Too many open files", of this process and of the whole system.
const NO_SOCKET: [i32; 2] = [24, 23];

/// Log lines per interval about connections that could not be accepted.
const FAILURES: u32 = 3;

/// The pause after a connection was ended for a newcomer, in which its socket closes.
const SPARED: Duration = Duration::from_millis(5);

/// The pause when the system has no socket left.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// The response sent when the connection limit is reached, before reading the request.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
    retry-after: 5\r\nconnection: close\r\ncontent-length: 159\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"The server has no \
    connection left; try again.\",\"code\":\"unavailable\",\"requestId\":\"-\"}";

pub(crate) struct Serving {
    pub(crate) router: Router,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    pub(crate) tuning: Tuning,
    pub(crate) connections: Arc<Connections>,
    pub(crate) stopping: CancellationToken,
}

/// Accepts connections until the server stops, then waits for the last one to end.
pub(crate) async fn run(listener: TcpListener, serving: Arc<Serving>) {
    let tasks = TaskTracker::new();
    let mut failures = Sampler::new(FAILURES, serving.tuning.log_interval);
    while let Some(accepted) = serving.stopping.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((socket, peer)) => match serving.admit(peer) {
                // Without Nagle's algorithm, which would delay small events.
                Ok(permit) => {
                    let _ = socket.set_nodelay(true);
                    let connection =
                        connection::run(Arc::clone(&serving), tasks.clone(), socket, peer, permit);
                    tasks.spawn(connection);
                }
                Err(full) => {
                    serving.metrics.limited("connections");
                    refuse(&socket, peer, full);
                }
            },
            Err(error) => {
                if let Some(more) = failures.note(Instant::now()) {
                    tracing::warn!(%error, more, "a connection could not be accepted");
                }
                match error.raw_os_error() {
                    Some(code) if NO_SOCKET.contains(&code) && serving.connections.spare_one() => {
                        tokio::time::sleep(SPARED).await;
                    }
                    // The client closed the connection before it was accepted.
                    _ if error.kind() == io::ErrorKind::ConnectionAborted => {}
                    Some(_) | None => tokio::time::sleep(OUT_OF_SOCKETS).await,
                }
            }
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

impl Serving {
    /// Takes a permit; a trusted proxy carries the connections of many clients, so its address does not count.
    fn admit(&self, peer: SocketAddr) -> Result<ConnectionPermit, LimitReached> {
        let address = Some(peer.ip()).filter(|ip| !self.limits.trusts(*ip));
        let (permit, evicted) = self.connections.acquire(address)?;
        if evicted {
            self.metrics.limited("idle_connections");
        }
        Ok(permit)
    }
}

fn refuse(socket: &TcpStream, peer: SocketAddr, full: LimitReached) {
    tracing::debug!(%peer, ?full, "a connection was refused");
    // One try: the listener must not wait for a refused client.
    let _ = socket.try_write(FULL);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_a_problem_of_the_length_it_says() {
        let text = str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{}", body.len());
        let problem: wire::Problem = serde_json::from_str(body).unwrap();
        assert_eq!(problem.code, wire::ProblemCode::Unavailable);
    }
}

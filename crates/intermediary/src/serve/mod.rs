//! Serves HTTP/1.1 on a socket: hyper for requests, and a small writer of our own for streams.
//!
//! - [`connection`]: one connection, until a stream takes its socket over
//! - [`socket`]: the socket, which gives up on clients that take nothing
//! - [`stream`]: one stream, in about a kilobyte of memory
//!
//! axum's own `serve` has no timeout for slow heads and no limit of connections, and hyper keeps 16 kB of
//! buffers for a connection as long as it lives, which for a stream is minutes.

mod connection;
mod socket;
mod stream;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    census::{Census, Full, Place},
    config::{Limits, Tuning},
    metrics::Metrics,
};

/// How long to wait when the system has no socket left.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// What is said to a connection for which there is no place, without reading a byte of it.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
    retry-after: 5\r\nconnection: close\r\ncontent-length: 159\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"The server has no \
    connection left; try again.\",\"code\":\"unavailable\",\"requestId\":\"-\"}";

/// What all connections share.
pub(crate) struct Serving {
    pub(crate) router: Router,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    pub(crate) tuning: Tuning,
    pub(crate) connections: Arc<Census>,
    pub(crate) stopping: CancellationToken,
}

/// Accepts until the server stops, then waits until the last connection has ended.
pub(crate) async fn run(listener: TcpListener, serving: Arc<Serving>) {
    let tasks = TaskTracker::new();
    while let Some(accepted) = serving.stopping.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((socket, peer)) => match serving.admit(peer) {
                // An event of a few hundred bytes must not wait for the next one to fill a packet.
                Ok(place) => {
                    let _ = socket.set_nodelay(true);
                    let connection =
                        connection::run(Arc::clone(&serving), tasks.clone(), socket, peer, place);
                    tasks.spawn(connection);
                }
                Err(full) => {
                    serving.metrics.limited("connections");
                    refuse(&socket, peer, full);
                }
            },
            Err(error) => {
                // A client that was gone before it was accepted is no reason to wait; no socket left is.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

impl Serving {
    /// A proxy of ours brings everybody's connections.
    fn admit(&self, peer: SocketAddr) -> Result<Place, Full> {
        let address = Some(peer.ip()).filter(|ip| !self.limits.trusts(*ip));
        self.connections.enter(address)
    }
}

fn refuse(socket: &TcpStream, peer: SocketAddr, full: Full) {
    tracing::debug!(%peer, ?full, "a connection was refused");
    // Whether it arrives or not, there is no time for more.
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
        let problem: banq_checkout_wire::Problem = serde_json::from_str(body).unwrap();
        assert_eq!(problem.code, banq_checkout_wire::ProblemCode::Unavailable);
    }
}

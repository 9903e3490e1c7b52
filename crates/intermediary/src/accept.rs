//! Connections, from their first byte to their last.
//!
//! `axum::serve` has no timer: a client that sends a request's head byte by byte, or opens a connection and
//! says nothing, would keep it for ever, and a few thousand of those use up the process's file descriptors.

use std::time::Duration;

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The largest head of a request, in bytes; the headers of real pages and servers have 1 to 4 thousand.
const LARGEST_HEAD: usize = 32 * 1024;

/// Serves until `stopping`, then lets running requests finish. A connection that has not sent a whole head
/// within `head_timeout` is closed, the first as well as an idle one's next.
pub(crate) async fn serve(
    mut listener: impl Listener,
    router: Router,
    head_timeout: Duration,
    stopping: CancellationToken,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(LARGEST_HEAD);
    let connections = TaskTracker::new();
    loop {
        let (io, _) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        let connection = http.serve_connection(TokioIo::new(io), TowerToHyperService::new(router.clone()));
        let stopping = stopping.clone();
        connections.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let served = tokio::select! {
                served = connection.as_mut() => served,
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = served {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

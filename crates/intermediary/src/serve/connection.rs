//! One connection: hyper reads its requests and writes their answers, until it ends or a stream takes its
//! socket over.

use std::{
    convert::Infallible,
    future::{pending, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, Version},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::{Serving, socket::Socket, stream};
use crate::{census::Place, reader::Reader, sse::Handover};

/// The longest head of a request, in bytes; browsers stay far below.
const LONGEST_HEAD: usize = 16 * 1024;

/// The most header lines.
const MOST_HEADERS: usize = 64;

/// Where the answer to a request is put that is a stream.
type Seat = Arc<Mutex<Option<(Vec<u8>, Reader)>>>;

/// Serves one connection to its end.
pub(super) async fn run(
    serving: Arc<Serving>,
    tasks: TaskTracker,
    socket: TcpStream,
    peer: SocketAddr,
    place: Place,
) {
    let (seat, blocked) = (Seat::default(), Arc::new(AtomicBool::new(false)));
    let socket = Socket::new(socket, serving.tuning.write_timeout, Arc::clone(&blocked));
    let service = {
        let (serving, seat) = (Arc::clone(&serving), Arc::clone(&seat));
        service_fn(move |request| answer(Arc::clone(&serving), Arc::clone(&seat), peer, request))
    };
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(serving.tuning.header_timeout)
        .max_buf_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(socket), service);
    // Boxed no longer than hyper works: the stream that may follow is a task of its own, and small.
    let mut stopping = pin!(serving.stopping.cancelled());
    let mut told = false;
    let taken = poll_fn(|cx| {
        if !told && stopping.as_mut().poll(cx).is_ready() {
            told = true;
            std::pin::Pin::new(&mut connection).graceful_shutdown();
        }
        match std::pin::Pin::new(&mut connection).poll(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(None),
            Poll::Ready(Err(error)) => {
                tracing::debug!(%peer, %error, "a connection broke");
                Poll::Ready(None)
            }
            // What was answered before, to a client that asks ahead, has to be sent first.
            Poll::Pending if blocked.load(Ordering::Relaxed) => Poll::Pending,
            Poll::Pending => match seat.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(taken) => Poll::Ready(Some(taken)),
                None => Poll::Pending,
            },
        }
    })
    .await;
    if let Some((start, reader)) = taken {
        let socket = connection.into_parts().io.into_inner().into_inner();
        tasks.spawn(stream::run(socket, start, reader, serving.tuning.write_timeout, place));
    }
}

/// The router's answer. A stream's is never given to hyper: the connection takes it, and drops this future.
async fn answer(
    serving: Arc<Serving>,
    seat: Seat,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let can_stream = request.method() == Method::GET && request.version() == Version::HTTP_11;
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = serving.router.clone().oneshot(request).await?;
    let handover = response.extensions_mut().remove::<Handover>().filter(|_| can_stream);
    if let Some(reader) = handover.and_then(|handover| handover.take()) {
        let (head, _) = response.into_parts();
        *seat.lock().unwrap_or_else(PoisonError::into_inner) = Some((stream::start_of(&head), reader));
        return pending().await;
    }
    Ok(response)
}

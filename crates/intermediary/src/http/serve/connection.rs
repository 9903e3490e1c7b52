//! Serves one connection: hyper reads requests and writes responses until the connection ends or a stream takes over
//! its socket.

use std::{
    convert::Infallible,
    future::{Future, pending, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, Version},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::{
    Serving, connection_table::Activity, connections::ConnectionPermit, progress::Progress, socket::Socket,
    sse_writer, stream_slot::StreamSlot,
};
use crate::stream::event_stream::Subscriber;

/// The maximum size of a request's head, in bytes; browsers stay far below.
const LONGEST_HEAD: usize = 16 * 1024;

const MOST_HEADERS: usize = 64;

/// Holds a stream's head and subscriber, once the router has answered with a stream.
type TakenStream = Arc<Mutex<Option<(Vec<u8>, Subscriber)>>>;

#[derive(Clone)]
struct Context {
    serving: Arc<Serving>,
    peer: SocketAddr,
    permit: Arc<ConnectionPermit>,
    progress: Arc<Progress>,
    taken: TakenStream,
}

pub(super) async fn run(
    serving: Arc<Serving>,
    tasks: TaskTracker,
    socket: TcpStream,
    peer: SocketAddr,
    permit: ConnectionPermit,
) {
    let (permit, progress, taken) = (Arc::new(permit), Progress::new(), TakenStream::default());
    let socket = Socket::new(socket, serving.tuning.write_timeout, Arc::clone(&progress));
    let service = {
        let (serving, permit) = (Arc::clone(&serving), Arc::clone(&permit));
        let context =
            Context { serving, peer, permit, progress: Arc::clone(&progress), taken: Arc::clone(&taken) };
        service_fn(move |request| answer(context.clone(), request))
    };
    // hyper's own timeout for heads would also end a connection that is idle between two requests.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None::<Duration>)
        .max_buf_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(socket), service);
    // The future is boxed only while hyper works: the stream that may follow is a small task of its own.
    let mut stopping = pin!(serving.stopping.cancelled());
    let mut is_stopping = false;
    let mut before = progress.now();
    let mut timeout = pin!(sleep(serving.tuning.header_timeout));
    let taken = poll_fn(|cx| {
        if permit.end.is_lost(cx.waker()) {
            tracing::debug!(%peer, "a connection was ended for another");
            return Poll::Ready(None);
        }
        if !is_stopping && stopping.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(None),
            Poll::Ready(Err(error)) => {
                tracing::debug!(%peer, %error, "a connection broke");
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        // Responses to earlier pipelined requests must be sent first.
        if !progress.is_blocked()
            && let Some(taken) = taken.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            return Poll::Ready(Some(taken));
        }
        let now = progress.now();
        if now != before {
            before = now;
            let (activity, _) = now;
            permit.set(activity);
            match activity {
                Activity::Idle => timeout.as_mut().reset(Instant::now() + serving.limits.idle_timeout),
                Activity::Reading => timeout.as_mut().reset(Instant::now() + serving.tuning.header_timeout),
                Activity::Answering | Activity::Waiting => {}
            }
        }
        // Bodies and responses have their own timeouts.
        if !progress.is_answering() && timeout.as_mut().poll(cx).is_ready() {
            tracing::debug!(%peer, activity = ?now.0, "a connection was given up");
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await;
    if let Some((start, subscriber)) = taken {
        let socket = connection.into_parts().io.into_inner().into_inner();
        tasks.spawn(sse_writer::run(socket, start, subscriber, serving.tuning.write_timeout));
    }
}

/// Returns the router's response. A stream never goes to hyper: the connection takes it and drops this future.
async fn answer(context: Context, request: Request<Incoming>) -> Result<Response, Infallible> {
    let can_stream = request.method() == Method::GET && request.version() == Version::HTTP_11;
    let mut request = request.map(|body| Body::new(context.progress.request(body)));
    request.extensions_mut().insert(ConnectInfo(context.peer));
    request.extensions_mut().insert(Arc::clone(&context.permit));
    let mut response = context.serving.router.clone().oneshot(request).await?;
    let slot = response.extensions_mut().remove::<StreamSlot>().filter(|_| can_stream);
    if let Some((subscriber, _waiting)) = slot.and_then(|slot| slot.take()) {
        let (head, _) = response.into_parts();
        let start = sse_writer::start_of(&head);
        *context.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some((start, subscriber));
        return pending().await;
    }
    Ok(response.map(|body| Body::new(context.progress.answer(body))))
}

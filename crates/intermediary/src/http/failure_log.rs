//! Counts refused and failed requests, and logs them with a limit per kind.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio_util::sync::CancellationToken;
use wire::ProblemCode;

use crate::{
    Secret,
    http::error::Error,
    http::{
        middleware::bearer,
        problem::{self, Failure},
        sampler::Sampler,
    },
    metrics::Metrics,
};

/// Lines per kind and interval that each report one request.
const LINES: u32 = 10;

/// Who sent the request, as far as the log distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sender {
    /// The request carried the shop's key or a webhook's signature.
    Known,
    Stranger,
    /// The server failed, and the sender does not matter.
    Anyone,
}

/// One sampler per kind; the number of kinds is bounded by the problem codes.
pub(crate) struct FailureLog {
    api_key: Option<Secret>,
    metrics: Arc<Metrics>,
    interval: Duration,
    kinds: Mutex<HashMap<(ProblemCode, Sender), Sampler>>,
}

impl FailureLog {
    /// Creates the log; once per `interval` it reports the number of requests that had no line of their own.
    pub(crate) fn new(api_key: Option<Secret>, metrics: Arc<Metrics>, interval: Duration) -> Self {
        Self { api_key, metrics, interval, kinds: Mutex::default() }
    }

    /// Logs a failure. Strangers can cause millions of refusals, so each gets a line only at the level "debug", and one
    /// warning per interval sums them up.
    fn log(&self, error: &Error, is_known: bool) {
        let code = error.code();
        let sender = match (problem::status(code).is_server_error(), is_known) {
            (true, _) => Sender::Anyone,
            (false, true) => Sender::Known,
            (false, false) => Sender::Stranger,
        };
        let hidden = self.note(code, sender, Instant::now());
        let (origin, fix) = (error.origin(), error.fix());
        match sender {
            Sender::Anyone => {
                if let Some(hidden) = hidden {
                    tracing::error!(%error, ?code, hidden, "the request failed");
                }
            }
            Sender::Known => {
                if let Some(hidden) = hidden {
                    tracing::info!(%error, ?code, origin, fix, hidden, "the request was refused");
                }
            }
            Sender::Stranger => {
                tracing::debug!(%error, ?code, origin, fix, "the request was refused");
                if let Some(hidden) = hidden {
                    tracing::warn!(%error, ?code, origin, fix, requests = hidden + 1, "requests were refused");
                }
            }
        }
    }

    fn note(&self, code: ProblemCode, sender: Sender, now: Instant) -> Option<u64> {
        let lines = if sender == Sender::Stranger { 1 } else { LINES };
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.entry((code, sender)).or_insert_with(|| Sampler::new(lines, self.interval)).note(now)
    }

    /// Logs once per interval how many requests were only counted, until the server stops.
    pub(crate) async fn run(&self, stopping: &CancellationToken) {
        let pause = || tokio::time::sleep(self.interval);
        while stopping.run_until_cancelled(pause()).await.is_some() {
            self.log_rest(Instant::now());
        }
        self.log_rest(Instant::now());
    }

    /// Logs how many requests were only counted.
    fn log_rest(&self, now: Instant) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        for ((code, sender), sampler) in &mut *kinds {
            let Some(requests) = sampler.rest(now) else { continue };
            match sender {
                Sender::Anyone => tracing::error!(?code, requests, "more requests failed"),
                Sender::Known | Sender::Stranger => {
                    tracing::warn!(?code, requests, "more requests were refused");
                }
            }
        }
    }
}

/// Counts and logs the failure that the response carries.
pub(crate) async fn layer(State(log): State<Arc<FailureLog>>, request: Request, next: Next) -> Response {
    let is_shop = bearer::bearer_matches(log.api_key.as_ref(), request.headers());
    let mut response = next.run(request).await;
    if let Some(Failure(error)) = response.extensions_mut().remove() {
        let code = error.code();
        log.metrics.problem(code);
        // This problem occurs only after the signature was verified.
        log.log(&error, is_shop || code == ProblemCode::NotAWebhook);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_lines_of_its_own() {
        let failures =
            FailureLog::new(None, Arc::new(Metrics::new(std::iter::empty(), "USD")), Duration::from_secs(60));
        let now = Instant::now();
        let lines = |code, sender| (0..100).filter_map(|_| failures.note(code, sender, now)).count();
        assert_eq!(lines(ProblemCode::NotFound, Sender::Stranger), 1);
        assert_eq!(lines(ProblemCode::InvalidSignature, Sender::Stranger), 1);
        assert_eq!(lines(ProblemCode::InvalidField, Sender::Known), 10);
        assert_eq!(lines(ProblemCode::Unavailable, Sender::Anyone), 10);
    }
}

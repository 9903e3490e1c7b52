//! One call of the Open API: its token, its deadline, its repeats, its errors.

use std::time::Duration;

use reqwest::{Method, Response, header};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

use super::token::{Token, Tokens};
use crate::{
    backoff,
    config::{Config, Environment, Tuning},
    provider::ProviderError,
};

/// Answers are small; a larger one is no answer of Banq's.
const LARGEST_ANSWER: usize = 256 * 1024;

/// How often a call is repeated after its first try.
const REPEATS: u32 = 2;

/// The longest wait between two tries; the deadline ends them anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The Open API.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    tokens: Tokens,
    tuning: Tuning,
}

/// The answer to a call that succeeded.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) location: Option<String>,
}

/// What to ask. Only what can be repeated without harm is representable: a GET, or a POST that Banq
/// recognises by its `X-Idempotent-Id` (001, "Idempotent headers").
#[derive(Clone)]
enum Call {
    Get,
    Post { idempotent_id: Uuid, body: Vec<u8> },
}

impl Client {
    pub(super) fn new(config: &Config, tasks: TaskTracker) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(config.tuning.connect_timeout)
            .timeout(config.tuning.request_timeout)
            // A redirect would carry the token, or the answer, somewhere else.
            .redirect(reqwest::redirect::Policy::none());
        if config.environment == Environment::Local {
            // The stand-in is on this machine: no proxy of the machine's leads there.
            builder = builder.no_proxy();
        }
        let http = builder.build()?;
        let tokens = Tokens::new(http.clone(), config.banq.clone(), tasks);
        Ok(Self { http, base: config.banq.api_url.clone(), tokens, tuning: config.tuning.clone() })
    }

    /// `GET {api}/{path}`
    pub(super) async fn get(&self, path: &str) -> Result<Answer, ProviderError> {
        self.call(path, Call::Get).await
    }

    /// `POST {api}/{path}`
    pub(super) async fn post(
        &self,
        path: &str,
        idempotent_id: Uuid,
        body: Vec<u8>,
    ) -> Result<Answer, ProviderError> {
        self.call(path, Call::Post { idempotent_id, body }).await
    }

    /// Tries until there is an answer, a refusal, or no more time.
    async fn call(&self, path: &str, call: Call) -> Result<Answer, ProviderError> {
        let deadline = Instant::now() + self.tuning.provider_deadline;
        let mut tries = 0;
        loop {
            let result = timeout_at(deadline, self.try_with_fresh_token(path, &call)).await;
            let error = match result.unwrap_or(Err(ProviderError::Timeout)) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let mut pause = backoff::delay(self.tuning.retry_pause, tries, LONGEST_PAUSE);
            if let ProviderError::Busy(Some(at_least)) = error {
                pause = pause.max(at_least);
            }
            // A wait that the provider chose may lie beyond what a clock can say.
            let next = Instant::now().checked_add(pause).filter(|next| *next < deadline);
            let Some(next) = next.filter(|_| error.is_passing() && tries < REPEATS) else {
                return Err(error);
            };
            tracing::info!(path, %error, "asking the provider again");
            sleep_until(next).await;
            tries += 1;
        }
    }

    /// One try; after a 401 one more with a new token, since the old one may have been ended early.
    async fn try_with_fresh_token(&self, path: &str, call: &Call) -> Result<Answer, ProviderError> {
        let token = self.tokens.get().await?;
        let first = self.send(path, call, &token).await;
        if !matches!(first, Err(ProviderError::Credentials(_))) {
            return first;
        }
        self.tokens.forget(&token);
        let token = self.tokens.get().await?;
        self.send(path, call, &token).await
    }

    async fn send(&self, path: &str, call: &Call, token: &Token) -> Result<Answer, ProviderError> {
        let url = self.base.join(path).map_err(|error| ProviderError::BadRequest(error.to_string()))?;
        let request = match call {
            Call::Get => self.http.request(Method::GET, url),
            Call::Post { idempotent_id, body } => self
                .http
                .request(Method::POST, url)
                .header(header::CONTENT_TYPE, "application/json")
                .header("X-Idempotent-Id", idempotent_id.to_string())
                .body(body.clone()),
        };
        let request = request.header(header::ACCEPT, "application/json").bearer_auth(token.value.expose());
        let response = request.send().await.map_err(broken)?;
        answer(response).await
    }
}

/// Every documented status (001, "Error Codes") is its own error; an undocumented one is no answer.
async fn answer(response: Response) -> Result<Answer, ProviderError> {
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let location = header(header::LOCATION).map(str::to_owned);
    let retry_after = header(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
    let body = read_body(response).await?;
    match status {
        200 | 201 => Ok(Answer { body, location }),
        400 => Err(ProviderError::BadRequest(message(&body))),
        401 => Err(ProviderError::Credentials("401".into())),
        403 => Err(ProviderError::Forbidden(message(&body))),
        404 => Err(ProviderError::NotFound(message(&body))),
        422 => Err(ProviderError::Unprocessable(message(&body))),
        429 => Err(ProviderError::Busy(retry_after.map(Duration::from_secs))),
        500..=599 => Err(ProviderError::Fault(status)),
        _ => Err(ProviderError::Nonsense(format!("status {status}"))),
    }
}

/// The vendor's message, for the log: 001 says that one is returned, not under which name. Cut short, and
/// without characters that could fake a log line.
fn message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(300)]);
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// The body, as far as one of Banq's can go.
pub(super) async fn read_body(mut response: Response) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(ProviderError::Nonsense(format!("more than {LARGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that failed: in time, or at all.
pub(super) fn broken(error: reqwest::Error) -> ProviderError {
    if error.is_timeout() {
        return ProviderError::Timeout;
    }
    // reqwest's own text says only that sending failed; the innermost cause says why.
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ProviderError::Unreachable(cause.to_string())
}

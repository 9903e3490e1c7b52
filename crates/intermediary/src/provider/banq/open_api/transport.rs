//! One call: its token, its deadline, its repeats, its errors.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Method, Response, header};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{
    Observe, Observed, OpenApiError, OpenApiSettings,
    clock::Clocks,
    token::{Token, Tokens},
};
use crate::backoff;

/// Answers are small; a larger one is no answer of Banq's.
const LARGEST_ANSWER: usize = 256 * 1024;

/// How often a call is repeated after its first try.
const REPEATS: u32 = 2;

/// The longest wait between two tries; the deadline ends them anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The way to the Open API.
pub(super) struct Transport {
    http: reqwest::Client,
    tokens: Tokens,
    settings: OpenApiSettings,
    observe: Observe,
    clocks: Clocks,
}

/// The answer to a call that succeeded.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) location: Option<String>,
}

/// What to ask. Only what can be repeated without harm is representable: a GET, a PUT, or a POST that Banq
/// recognises by its `X-Idempotent-Id` (001, "Idempotent headers").
pub(super) enum Call {
    /// Changes nothing.
    Get,
    /// Says the whole of what is to be.
    Put(Vec<u8>),
    /// Done once, however often it arrives.
    Post(Uuid, Vec<u8>),
}

impl Transport {
    pub(super) fn new(
        settings: OpenApiSettings,
        observe: Observe,
        tasks: TaskTracker,
    ) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(settings.timeouts.connect)
            .timeout(settings.timeouts.request)
            // A redirect would carry the token, or the answer, somewhere else.
            .redirect(reqwest::redirect::Policy::none());
        if settings.direct {
            builder = builder.no_proxy();
        }
        let http = builder.build()?;
        let tokens = Tokens::new(http.clone(), settings.auth_url.clone(), settings.login.clone(), tasks);
        Ok(Self { http, tokens, settings, observe, clocks: Clocks::new() })
    }

    /// See [`Clocks::ahead`].
    pub(super) fn clock_ahead(&self) -> Option<i64> {
        self.clocks.ahead()
    }

    /// A token, for nothing but to see that there is one.
    pub(super) async fn sign_in(&self) -> Result<(), OpenApiError> {
        let started = Instant::now();
        let result = self.tokens.get().await.map(drop);
        (self.observe)(Observed { call: "token", error: result.as_ref().err(), took: started.elapsed() });
        result
    }

    /// `call` is the name under which it is observed, `path` where it goes.
    pub(super) async fn call(
        &self,
        name: &'static str,
        path: &str,
        call: Call,
    ) -> Result<Answer, OpenApiError> {
        let started = Instant::now();
        let result = self.repeat(path, &call).await;
        (self.observe)(Observed { call: name, error: result.as_ref().err(), took: started.elapsed() });
        result
    }

    /// Tries until there is an answer, a refusal, or no more time.
    async fn repeat(&self, path: &str, call: &Call) -> Result<Answer, OpenApiError> {
        let timeouts = &self.settings.timeouts;
        let deadline = Instant::now() + timeouts.deadline;
        let mut tries = 0;
        loop {
            let result = timeout_at(deadline, self.try_with_fresh_token(path, call)).await;
            let error = match result.unwrap_or(Err(OpenApiError::Timeout)) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let mut pause = backoff::delay(timeouts.retry_pause, tries, LONGEST_PAUSE);
            if let Some(at_least) = error.retry_after() {
                pause = pause.max(at_least);
            }
            // A wait that Banq chose may lie beyond what a clock can say.
            let next = Instant::now().checked_add(pause).filter(|next| *next < deadline);
            let Some(next) = next.filter(|_| error.is_passing() && tries < REPEATS) else {
                return Err(error);
            };
            tracing::info!(path, %error, "asking Banq again");
            sleep_until(next).await;
            tries += 1;
        }
    }

    /// One try; after a 401 one more with a new token, since the old one may have been ended early.
    async fn try_with_fresh_token(&self, path: &str, call: &Call) -> Result<Answer, OpenApiError> {
        let token = self.tokens.get().await?;
        let first = self.send(path, call, &token).await;
        if !matches!(first, Err(OpenApiError::Credentials(_))) {
            return first;
        }
        self.tokens.forget(&token);
        let token = self.tokens.get().await?;
        self.send(path, call, &token).await
    }

    async fn send(&self, path: &str, call: &Call, token: &Token) -> Result<Answer, OpenApiError> {
        let url =
            self.settings.api_url.join(path).map_err(|error| OpenApiError::BadRequest(error.to_string()))?;
        let with_body = |method, body: &Vec<u8>| {
            let request = self.http.request(method, url.clone());
            request.header(header::CONTENT_TYPE, "application/json").body(body.clone())
        };
        let request = match call {
            Call::Get => self.http.request(Method::GET, url),
            Call::Put(body) => with_body(Method::PUT, body),
            Call::Post(id, body) => with_body(Method::POST, body).header("X-Idempotent-Id", id.to_string()),
        };
        let request = request.header(header::ACCEPT, "application/json").bearer_auth(token.value.expose());
        let response = request.send().await.map_err(broken)?;
        self.clocks.hear(&response);
        answer(response).await
    }
}

/// Every documented status (001, "Error Codes") is its own error; an undocumented one is no answer.
async fn answer(response: Response) -> Result<Answer, OpenApiError> {
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let location = header(header::LOCATION).map(str::to_owned);
    let retry_after = header(header::RETRY_AFTER).and_then(wait);
    let body = read_body(response).await?;
    match status {
        200 | 201 => Ok(Answer { body, location }),
        400 => Err(OpenApiError::BadRequest(message(&body))),
        401 => Err(OpenApiError::Credentials(format!("401 {}", message(&body)))),
        403 => Err(OpenApiError::Forbidden(message(&body))),
        404 => Err(OpenApiError::NotFound(message(&body))),
        422 => Err(OpenApiError::Unprocessable(message(&body))),
        429 => Err(OpenApiError::Busy(retry_after)),
        500..=599 => Err(OpenApiError::Fault { status, retry_after }),
        _ => Err(OpenApiError::Nonsense(format!("status {status}"))),
    }
}

/// `Retry-After`, in seconds or as a date.
pub(super) fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default())
}

/// The vendor's message: 001 says that one is returned, not under which name. In one line, cut short, and
/// without characters that could fake a log line.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        #[serde(alias = "error_description", alias = "detail", alias = "title", alias = "error")]
        message: String,
    }
    let said = serde_json::from_slice(body).map(|refusal: Refusal| refusal.message);
    let text = said.unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned());
    text.chars().take(300).map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// The body, as far as one of Banq's can go.
pub(super) async fn read_body(mut response: Response) -> Result<Vec<u8>, OpenApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(OpenApiError::Nonsense(format!("more than {LARGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that failed: in time, or at all.
pub(super) fn broken(error: reqwest::Error) -> OpenApiError {
    if error.is_timeout() {
        return OpenApiError::Timeout;
    }
    // reqwest's own text says only that sending failed; the innermost cause says why.
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    OpenApiError::Unreachable(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let later = Timestamp::now() + Duration::from_secs(100);
        let later = later.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert!(wait(&later).is_some_and(|wait| (90..=100).contains(&wait.as_secs())), "{later}");
        assert_eq!((wait("soon"), wait("-1")), (None, None));
    }

    #[test]
    fn a_message_is_one_short_line() {
        assert_eq!(message(br#"{"message":"funds\nmust be more"}"#), "funds must be more");
        assert_eq!(message(b"<html>\r\n"), "<html>  ");
        assert_eq!(message(&[b'a'; 1000]).len(), 300);
    }
}

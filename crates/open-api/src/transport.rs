//! Makes one call: token, deadline, retries, errors.

use std::time::Duration;

use reqwest::{Method, header};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    backoff,
    clock::Clocks,
    error::OpenApiError,
    response::{Answer, answer, broken},
    settings::{Observe, Observed, OpenApiSettings},
    token::{Token, Tokens},
};

/// The number of retries after the first try.
const REPEATS: u32 = 2;

/// The longest wait between two tries; the deadline applies too.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The HTTP client with its token.
pub(crate) struct Transport {
    http: reqwest::Client,
    tokens: Tokens,
    settings: OpenApiSettings,
    observe: Observe,
    clocks: Clocks,
}

/// A call. Only calls that are safe to retry are representable: a GET, a PUT, or a POST that Banq recognises by its
/// `X-Idempotent-Id` (001, "Idempotent headers").
pub(crate) enum Call {
    /// Changes nothing.
    Get,
    /// Replaces the whole resource.
    Put(Vec<u8>),
    /// Executed once, however often it arrives.
    Post(Uuid, Vec<u8>),
}

impl Transport {
    pub(crate) fn new(
        settings: OpenApiSettings,
        observe: Observe,
        tasks: TaskTracker,
    ) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(settings.timeouts.connect)
            .timeout(settings.timeouts.request)
            // A redirect would carry the token or the response to another host.
            .redirect(reqwest::redirect::Policy::none());
        if settings.direct {
            builder = builder.no_proxy();
        }
        let http = builder.build()?;
        let tokens = Tokens::new(http.clone(), settings.auth_url.clone(), settings.login.clone(), tasks);
        Ok(Self { http, tokens, settings, observe, clocks: Clocks::new() })
    }

    pub(crate) fn clock_ahead(&self) -> Option<i64> {
        self.clocks.ahead()
    }

    /// Fetches a token, to check the credentials.
    pub(crate) async fn sign_in(&self) -> Result<(), OpenApiError> {
        let started = Instant::now();
        let result = self.tokens.get().await.map(drop);
        (self.observe)(Observed { call: "token", error: result.as_ref().err(), took: started.elapsed() });
        result
    }

    /// Makes a call to `path`; `name` is its name in metrics.
    pub(crate) async fn call(
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

    /// Tries until there is a response, a permanent error, or no time left.
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
            // Banq may ask for a wait that an `Instant` cannot represent.
            let next = Instant::now().checked_add(pause).filter(|next| *next < deadline);
            let Some(next) = next.filter(|_| error.is_passing() && tries < REPEATS) else {
                return Err(error);
            };
            tracing::info!(path, %error, "asking Banq again");
            sleep_until(next).await;
            tries += 1;
        }
    }

    /// Tries once, and after a 401 again with a new token, since the old one may have been revoked early.
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
        self.clocks.record(&response);
        answer(response).await
    }
}

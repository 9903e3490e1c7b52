//! The access token (000, 001, 002: "Authentication").

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::{
    OpenApiError,
    response::{broken, read_body, wait},
};
use crate::{secret::Secret, single_flight::SingleFlight};

/// The credentials that the client signs in with.
#[derive(Debug, Clone)]
pub enum Login {
    /// The merchant's application, for the Open API only.
    Application {
        /// YOUR-CLIENT-ID.
        client_id: String,
        /// YOUR-CLIENT-USERNAME.
        username: String,
        /// YOUR-CLIENT-PASSWORD.
        password: Secret,
    },
    /// The merchant's own login, which 002 uses to look up ids.
    Merchant {
        /// The merchant's email address at Banq.
        username: String,
        /// The merchant's password.
        password: Secret,
    },
}

/// The client id of the merchant's own login (002: "This should always be static"); not a secret.
const MERCHANT_CLIENT_ID: &str = "kFLEhEsxxBWCf0X19hAIjbzYaSyn2cim";

/// How long before its end a token is renewed: it must not expire during a request.
const MARGIN: Duration = Duration::from_secs(60);

/// Seconds, if the response does not state the token's lifetime (Auth0 always does).
const DEFAULT_LIFETIME: u64 = 300;

#[derive(Serialize)]
struct Request<'a> {
    client_id: &'a str,
    username: &'a str,
    password: &'a str,
    audience: &'static str,
    grant_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
}

impl<'a> Request<'a> {
    fn of(login: &'a Login) -> Self {
        let grant_type = "password";
        match login {
            Login::Application { client_id, username, password } => Self {
                client_id,
                username,
                password: password.expose(),
                audience: "https://banq.com/open/api/",
                grant_type,
                scope: None,
            },
            Login::Merchant { username, password } => Self {
                client_id: MERCHANT_CLIENT_ID,
                username,
                password: password.expose(),
                audience: "https://banq.com/api",
                grant_type,
                scope: Some("offline_access"),
            },
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

/// A token and its serial number, by which a caller reports that it was refused.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) value: Secret,
    valid_until: Instant,
    serial: u64,
}

pub(crate) struct Tokens {
    cache: Arc<TokenCache>,
    flight: SingleFlight<(), Result<Token, OpenApiError>>,
}

/// The cached token, and the data to fetch the next one.
struct TokenCache {
    http: reqwest::Client,
    auth_url: Url,
    login: Login,
    current: Mutex<Option<Token>>,
}

impl Tokens {
    pub(crate) fn new(http: reqwest::Client, auth_url: Url, login: Login, tasks: TaskTracker) -> Self {
        let cache = Arc::new(TokenCache { http, auth_url, login, current: Mutex::default() });
        Self { cache, flight: SingleFlight::new(tasks) }
    }

    /// Returns the current token, or fetches a new one; concurrent callers share one fetch.
    pub(crate) async fn get(&self) -> Result<Token, OpenApiError> {
        if let Some(token) = self.cache.valid() {
            return Ok(token);
        }
        let cache = Arc::clone(&self.cache);
        let fetched = self.flight.run((), || async move { cache.renew().await }).await;
        let (token, _) =
            fetched.ok_or_else(|| OpenApiError::InvalidResponse("the fetch of a token died".into()))?;
        token
    }

    /// Drops a token that was refused, unless a newer one has replaced it.
    pub(crate) fn forget(&self, refused: &Token) {
        let mut current = self.cache.current();
        if let Some(token) = current.as_mut().filter(|token| token.serial == refused.serial) {
            token.valid_until = Instant::now();
        }
    }
}

impl TokenCache {
    /// Returns the current token if it is still valid.
    fn valid(&self) -> Option<Token> {
        self.current().clone().filter(|token| Instant::now() < token.valid_until)
    }

    /// Checks the cache again and stores the new token, both within the single flight: a caller that read the cache
    /// before an earlier flight ended then finds its token.
    async fn renew(&self) -> Result<Token, OpenApiError> {
        if let Some(token) = self.valid() {
            return Ok(token);
        }
        let serial = self.current().as_ref().map_or(0, |token| token.serial) + 1;
        let token = fetch(&self.http, self.auth_url.clone(), &self.login, serial).await?;
        *self.current() = Some(token.clone());
        Ok(token)
    }

    fn current(&self) -> MutexGuard<'_, Option<Token>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(http: &reqwest::Client, url: Url, login: &Login, serial: u64) -> Result<Token, OpenApiError> {
    let body = serde_json::to_vec(&Request::of(login))
        .map_err(|error| OpenApiError::BadRequest(error.to_string()))?;
    let asked = Instant::now();
    let request = http.post(url).header("Content-Type", "application/json").body(body);
    let response = request.send().await.map_err(broken)?;
    let retry_after = response.headers().get("retry-after").and_then(|value| wait(value.to_str().ok()?));
    let status = response.status().as_u16();
    let body = read_body(response).await?;
    match status {
        200 | 201 => {}
        // 400, 401, 403: Auth0's `error` says what is wrong, and contains no secret.
        400..=428 | 430..=499 => {
            return Err(OpenApiError::Credentials(format!("{status} {}", reason(&body))));
        }
        429 => return Err(OpenApiError::RateLimited(retry_after)),
        500..=599 => return Err(OpenApiError::ServerError { status, retry_after }),
        _ => return Err(OpenApiError::InvalidResponse(format!("the token endpoint answered {status}"))),
    }
    // Not the parser's text, which may quote the body: it contains the token.
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|_| OpenApiError::InvalidResponse("the token endpoint's answer is no token".into()))?;
    // A token that no header can carry would be cached for its whole lifetime, and fail every call.
    if answer.access_token.is_empty() || !answer.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(OpenApiError::InvalidResponse(
            "the access token is empty or has characters that are not allowed in a header".into(),
        ));
    }
    let lifetime = Duration::from_secs(answer.expires_in.unwrap_or(DEFAULT_LIFETIME));
    // A token that lives shorter than two margins is used for half its life.
    let good_for = lifetime.saturating_sub(MARGIN).max(lifetime / 2);
    let valid_until = asked.checked_add(good_for).unwrap_or(asked + Duration::from_secs(DEFAULT_LIFETIME));
    Ok(Token { value: Secret::new(answer.access_token), valid_until, serial })
}

/// Returns Auth0's `error`, a word like `invalid_grant`.
fn reason(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let word = |refusal: Refusal| {
        refusal.error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect()
    };
    serde_json::from_slice(body).map_or_else(|_| "without a reason".to_owned(), word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_requests_are_the_vendors() {
        let password = Secret::new("YOUR-CLIENT-PASSWORD");
        let (client_id, username) = ("YOUR-CLIENT-ID".to_owned(), "YOUR-CLIENT-USERNAME".to_owned());
        let login = Login::Application { client_id, username, password };
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../intermediary/fixtures/token-request.json")).unwrap();
        assert_eq!(serde_json::to_value(Request::of(&login)).unwrap(), golden);
        let login = Login::Merchant { username: "<EMAIL>".into(), password: Secret::new("<PASSWORD>") };
        let request = serde_json::to_value(Request::of(&login)).unwrap();
        assert_eq!(request["audience"], "https://banq.com/api");
        assert_eq!(request["scope"], "offline_access");
        assert_eq!(request["client_id"], "kFLEhEsxxBWCf0X19hAIjbzYaSyn2cim");
    }

    #[test]
    fn the_answer_is_auth0s() {
        let answer: Answer =
            serde_json::from_str(include_str!("../../intermediary/fixtures/token-answer.json")).unwrap();
        assert_eq!((answer.access_token.as_str(), answer.expires_in), ("eyJz93a...k4laUWw", Some(86_400)));
    }
}

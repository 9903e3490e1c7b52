//! Gives every request an id, which appears in its log lines, in its problem, and in the response's `X-Request-Id`.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

/// Taken from a proxy if the value is well-formed, and returned in the response.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of a proxy's id, in bytes.
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// Returns the id of the request that this task handles; empty outside of a request.
pub(crate) fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Sets the request's id and its log span.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
    let id = given.map_or_else(random, str::to_owned);
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Without the query, in which a client may put a secret.
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let answer = async {
        let started = std::time::Instant::now();
        let mut response = next.run(request).await;
        if let Ok(value) = HeaderValue::from_str(&current()) {
            response.headers_mut().insert(HEADER, value);
        }
        let (status, ms) = (response.status(), started.elapsed().as_millis() as u64);
        // Anyone can cause other requests and refusals without limit; the metrics count them.
        if changes && status.is_success() {
            tracing::info!(status = status.as_u16(), ms, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), ms, "answered");
        }
        response
    };
    CURRENT.scope(id, answer).instrument(span).await
}

/// Returns whether a foreign id is safe: it must not be able to forge a log line or a header.
fn is_sane(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !id.is_empty() && id.len() <= LONGEST && id.bytes().all(allowed)
}

fn random() -> String {
    // Without randomness the id is useless, but the request is still answered.
    getrandom::u64().map_or_else(|_| "-".to_owned(), |id| format!("{id:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_short_and_plain() {
        assert!(is_sane("5f7c1a2b-3c4d_5e6f.7"));
        for id in ["", "a b", "a\"b", "ä", &"a".repeat(65)] {
            assert!(!is_sane(id), "{id:?}");
        }
        assert_eq!(random().len(), 16);
    }
}

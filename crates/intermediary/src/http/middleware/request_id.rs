//! Every request has an id: in its log lines, in its problem, and in the answer's `X-Request-Id`.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

/// Taken over from a proxy in front, if it is sane, and answered back.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over, in bytes.
const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers; empty outside of one.
pub(crate) fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives the request its id and its log lines their span.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
    let id = given.map_or_else(random, str::to_owned);
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Without the query: nothing secret belongs there, and so somebody puts it there.
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let answer = async {
        let started = std::time::Instant::now();
        let mut response = next.run(request).await;
        if let Ok(value) = HeaderValue::from_str(&current()) {
            response.headers_mut().insert(HEADER, value);
        }
        let (status, ms) = (response.status(), started.elapsed().as_millis() as u64);
        // Anybody can ask without end, or be refused without end: that is for the metrics.
        if changes && status.is_success() {
            tracing::info!(status = status.as_u16(), ms, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), ms, "answered");
        }
        response
    };
    CURRENT.scope(id, answer).instrument(span).await
}

/// An id from outside must not be able to fake a log line or a header.
fn is_sane(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !id.is_empty() && id.len() <= LONGEST && id.bytes().all(allowed)
}

fn random() -> String {
    // Without randomness the id finds nothing; the request is answered all the same.
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

//! Reads Banq's responses: the body, or the error for the status.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Response, header};

use crate::error::OpenApiError;

/// The maximum size of a body, in bytes; Banq's are small.
const LARGEST_ANSWER: usize = 256 * 1024;

pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) location: Option<String>,
}

/// Reads a response. Every documented status (001, "Error Codes") has its own error; an undocumented one is an invalid
/// response.
pub(crate) async fn answer(response: Response) -> Result<Answer, OpenApiError> {
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
        429 => Err(OpenApiError::RateLimited(retry_after)),
        500..=599 => Err(OpenApiError::ServerError { status, retry_after }),
        _ => Err(OpenApiError::InvalidResponse(format!("status {status}"))),
    }
}

/// Reads `Retry-After`, in seconds or as a date.
pub(crate) fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default())
}

/// Returns the vendor's message (001 says that there is one, but not its name), in one line, shortened, and without
/// characters that could forge a log line.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        #[serde(alias = "error_description", alias = "detail", alias = "title", alias = "error")]
        message: String,
    }
    let parsed = serde_json::from_slice(body).map(|refusal: Refusal| refusal.message);
    let text = parsed.unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned());
    text.chars().take(300).map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// Reads the body, up to [`LARGEST_ANSWER`].
pub(crate) async fn read_body(mut response: Response) -> Result<Vec<u8>, OpenApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(OpenApiError::InvalidResponse(format!("more than {LARGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(crate) fn broken(error: reqwest::Error) -> OpenApiError {
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

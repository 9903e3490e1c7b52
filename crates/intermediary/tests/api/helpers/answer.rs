//! An answer of the server.

use reqwest::{Response, header::HeaderMap};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// `null` when the text is no JSON.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `data` of a success.
    pub(crate) fn data(&self) -> &Value {
        assert!(self.status < 300, "{self:?}");
        &self.json["data"]
    }

    /// Holds the answer to the contract of every problem.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.json["type"], "about:blank");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.header("x-request-id"), self.json["requestId"].as_str());
        let detail = self.json["detail"].as_str().unwrap();
        assert!(detail.ends_with('.') || detail.ends_with('}'), "no sentence: {detail}");
        let mut fields: Vec<&String> = self.json.as_object().unwrap().keys().collect();
        fields.sort();
        // Named where a link is refused because money came for the order.
        fields.retain(|field| *field != "orderId" || status != 409);
        assert_eq!(fields, ["code", "detail", "requestId", "status", "title", "type"]);
        if status >= 500 {
            self.assert_no_inner_cause();
        }
    }

    /// Nothing of what went wrong inside, and nothing of where.
    fn assert_no_inner_cause(&self) {
        let text = self.text.to_lowercase();
        for word in ["127.0.0.1", "localhost", "refused (", "os error", "sqlx", "sqlite", "reqwest", "hyper"]
        {
            assert!(!text.contains(word), "{word} in {text}");
        }
        for word in ["html", "oauth", "get-paid-link", "panicked", "src/", "unique", "expected value"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

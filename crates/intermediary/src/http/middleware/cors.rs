//! Which pages may use this server.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use crate::{
    config::{Config, Environment, origins::is_loopback},
    http::error::Error,
    http::middleware::request_id,
};

/// How long a browser remembers the answer to its question before a cross-origin request.
const REMEMBERED: Duration = Duration::from_secs(600);

/// The allowed origins, letter by letter as browsers send them. Compared whole: a comparison by prefix would
/// let `https://shop.example.attacker.example` in.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    all: Arc<[HeaderValue]>,
    /// Whether pages of every port of this machine are allowed too.
    loopback: bool,
    /// This server's own, separated by blanks.
    own: Arc<str>,
}

impl Origins {
    /// The configured ones, and this server's own. In `local`, where none are configured, those of this machine: the
    /// shop in development is on another port than this server.
    pub(crate) fn new(config: &Config, public_url: &Url) -> Self {
        let mut own = vec![public_url.origin().ascii_serialization()];
        if config.environment == Environment::Local
            && let Some(port) = public_url.port_or_known_default()
        {
            // In development the same server is typed in under either name.
            own.extend(["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}")));
        }
        let all = config.allowed_origins.iter().chain(&own);
        Self {
            all: all.filter_map(|origin| HeaderValue::from_str(origin).ok()).collect(),
            loopback: config.environment == Environment::Local && config.allowed_origins.is_empty(),
            own: own.join(" ").into(),
        }
    }

    /// This server's own origins, as a content security policy lists them.
    pub(crate) fn own(&self) -> &str {
        &self.own
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.all.contains(origin) || (self.loopback && origin.to_str().is_ok_and(is_loopback))
    }

    /// Lets these pages read the answers.
    pub(crate) fn cors(&self) -> CorsLayer {
        let origins = self.clone();
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, _| origins.allows(origin)))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::CACHE_CONTROL,
                header::IF_NONE_MATCH,
                header::HeaderName::from_static("last-event-id"),
                request_id::HEADER,
            ])
            .expose_headers([header::ETAG, request_id::HEADER])
            .max_age(REMEMBERED)
    }
}

/// Refuses what a page of a foreign origin sends. CORS alone would only keep that page from reading the
/// answer: a "simple" request is carried out all the same, and so any page on the web could make its
/// visitors' browsers create payment links here.
pub(crate) async fn guard(
    State(origins): State<Origins>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    // No browser leaves it out when the method is POST: without one, this is a server. None sends two.
    let mut sent = request.headers().get_all(header::ORIGIN).iter();
    if sent.all(|origin| origins.allows(origin)) {
        Ok(next.run(request).await)
    } else {
        Err(Error::OriginNotAllowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{local, production};

    fn allows(config: &Config, origin: &'static str) -> bool {
        let url = Url::parse("http://127.0.0.1:8080").unwrap();
        Origins::new(config, &url).allows(&HeaderValue::from_static(origin))
    }

    #[test]
    fn pages_of_this_machine_are_allowed_in_local_unless_others_are_named() {
        let page = "http://localhost:8000";
        assert!(allows(&local(&[]).unwrap(), page));
        assert!(!allows(&local(&[]).unwrap(), "http://localhost.evil.example:8000"));
        assert!(!allows(&local(&[("BANQ_ALLOWED_ORIGINS", "https://shop.example")]).unwrap(), page));
        assert!(!allows(&production(&[]).unwrap(), page));
    }
}

//! Decides which pages may use this server.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use crate::{
    config::{
        Config, Environment,
        origins::{self, is_loopback},
    },
    http::error::Error,
    http::{middleware::request_id, problem::Failure},
};

/// How long a browser caches the response to a preflight request.
const REMEMBERED: Duration = Duration::from_secs(600);

/// The longest origin that the log shows, in bytes: a scheme, the longest host name, and a port.
const LONGEST_ORIGIN: usize = 270;

/// The allowed origins, as browsers send them. Compared whole: a comparison by prefix would accept
/// `https://shop.example.attacker.example`.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    all: Arc<[HeaderValue]>,
    /// Whether pages of this machine are allowed, on any port.
    loopback: bool,
    /// This server's own origins, separated by blanks.
    own: Arc<str>,
}

impl Origins {
    /// Returns the configured origins and this server's own. In `local` without configured origins, pages of this
    /// machine are allowed: the shop in development has another port than this server.
    pub(crate) fn new(config: &Config, public_url: &Url) -> Self {
        let mut own = vec![public_url.origin().ascii_serialization()];
        if config.environment == Environment::Local
            && let Some(port) = public_url.port_or_known_default()
        {
            // In development the server is reached under either name.
            own.extend(["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}")));
        }
        let all = config.allowed_origins.iter().chain(&own);
        Self {
            all: all.filter_map(|origin| HeaderValue::from_str(origin).ok()).collect(),
            loopback: config.environment == Environment::Local && config.allowed_origins.is_empty(),
            own: own.join(" ").into(),
        }
    }

    /// Returns this server's own origins, as a content security policy lists them.
    pub(crate) fn own(&self) -> &str {
        &self.own
    }

    /// Returns whether a page of this origin may use this server.
    pub(crate) fn allows_text(&self, origin: &str) -> bool {
        HeaderValue::from_str(origin).is_ok_and(|origin| self.allows(&origin))
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        self.all.contains(origin) || (self.loopback && origin.to_str().is_ok_and(is_loopback))
    }

    /// Returns the error for the first origin in these headers that is not allowed. The log shows the origin only if it
    /// has the form of one, because a header may contain anything.
    fn refusal(&self, headers: &HeaderMap) -> Option<Error> {
        let foreign = headers.get_all(header::ORIGIN).iter().find(|origin| !self.allows(origin))?;
        let text = foreign.to_str().ok().filter(|text| text.len() <= LONGEST_ORIGIN);
        let is_origin = |text: &&str| *text == "null" || origins::read(text).is_ok();
        Some(Error::OriginNotAllowed(text.filter(is_origin).map(str::to_owned)))
    }

    /// Returns the layer that lets allowed pages read responses.
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

/// Refuses requests of a foreign origin. CORS alone would only keep that page from reading the response: the browser
/// sends a "simple" request anyway, so any page on the web could make its visitors' browsers create payment links here.
pub(crate) async fn guard(
    State(origins): State<Origins>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    // Browsers always send `Origin` with POST, and never two, so a request without one comes from a server.
    match origins.refusal(request.headers()) {
        None => Ok(next.run(request).await),
        Some(refusal) => Err(refusal),
    }
}

/// Marks the response to a page of a foreign origin as refused, so that the log and the metrics show it. Most requests of
/// such a page end with the browser's preflight request, which is not refused with an error.
pub(crate) async fn report(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let refusal = origins.refusal(request.headers());
    let mut response = next.run(request).await;
    let extensions = response.extensions_mut();
    if let (Some(refusal), None) = (refusal, extensions.get::<Failure>()) {
        extensions.insert(Failure(Arc::new(refusal)));
    }
    response
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
    fn local_allows_this_machines_pages_unless_origins_are_named() {
        let page = "http://localhost:8000";
        assert!(allows(&local(&[]).unwrap(), page));
        assert!(!allows(&local(&[]).unwrap(), "http://localhost.evil.example:8000"));
        assert!(!allows(&local(&[("BANQ_ALLOWED_ORIGINS", "https://shop.example")]).unwrap(), page));
        assert!(!allows(&production(&[]).unwrap(), page));
    }
}

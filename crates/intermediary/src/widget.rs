//! `/widget/…`: the built widget, if the server was told where it is.

use std::path::Path;

use axum::{
    Router,
    body::to_bytes,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use tower::{ServiceBuilder, service_fn};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::{app::App, config::Environment, error::Error};

/// Shops load these files from their own origins: as classic script, as module, as wasm and as style sheet.
/// They are the same for everybody and hold no secret. `no-cache` asks the server whether a file is still the
/// same, so that a page never runs yesterday's loader with today's wasm.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
];

/// The demo shop's page is small; a larger one has no inline scripts of ours.
const LARGEST_PAGE: usize = 256 * 1024;

/// The longest address of a file, in bytes. Its folder takes no longer name than this, and would answer a
/// longer one with a fault instead of "not found".
const LONGEST: usize = 255;

/// The routes of the folder's files.
pub(crate) fn routes(folder: &Path, app: &App) -> Router {
    let not_found = service_fn(|_| async { Ok(Error::NotFound.into_response()) });
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip().fallback(not_found);
    let [first, second, third] = HEADERS
        .map(|(name, value)| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    let files = ServiceBuilder::new().layer(first).layer(second).layer(third).service(files);
    let files = Router::new().fallback_service(files).layer(from_fn(refuse_long_names));
    let origins = app.origins.own().to_owned();
    let mut router = Router::new().nest_service("/widget/", files).route("/widget", get(to_widget));
    router = router.layer(map_response(move |response| allow_page(response, origins.clone())));
    // In development the demo shop is what one comes for.
    if app.config.environment == Environment::Local && folder.join("index.html").exists() {
        router = router.route("/", get(to_widget));
    }
    router
}

async fn refuse_long_names(request: Request, next: Next) -> Result<Response, Error> {
    if request.uri().path().len() > LONGEST { Err(Error::NotFound) } else { Ok(next.run(request).await) }
}

/// Gives a page the policy by which it runs: its own files, its own inline scripts by their hash, WebAssembly,
/// and this server under each of its names.
async fn allow_page(response: Response, origins: String) -> Response {
    let is_page = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    let is_plain = !response.headers().contains_key(header::CONTENT_ENCODING);
    if !is_plain || !response.headers().get(header::CONTENT_TYPE).is_some_and(is_page) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(page) = to_bytes(body, LARGEST_PAGE).await else {
        return Error::Row("a page that is larger than one is").into_response();
    };
    let hashes: String = inline_scripts(&page)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    let policy = format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self' {origins}; object-src 'none'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        head.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        head.headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    Response::from_parts(head, page.into())
}

/// The text of each `<script>` without `src`, byte by byte as the browser hashes it.
fn inline_scripts(page: &[u8]) -> impl Iterator<Item = &[u8]> {
    let find =
        |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).position(|part| part == needle);
    let mut rest = page;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[find(rest, b"<script")? + b"<script".len()..];
            let (tag, after) = rest.split_at(find(rest, b">")?);
            let script = &after[1..];
            let end = find(script, b"</script>")?;
            rest = &script[end..];
            if find(tag, b"src=").is_none() {
                return Some(&script[..end]);
            }
        }
    })
}

/// Relative, so that it also works where the server is nested under another path.
async fn to_widget() -> Response {
    (axum::http::StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "widget/")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed() {
        let page = b"<script src=\"a.js\"></script><script>\n1 < 2\n</script><p>\
            <script type=\"module\">x</script><script>cut";
        let scripts: Vec<&[u8]> = inline_scripts(page).collect();
        assert_eq!(scripts, [&b"\n1 < 2\n"[..], b"x"]);
    }
}

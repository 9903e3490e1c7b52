//! `/widget/…`: the built widget, if the server was told where it is.

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use tower::{ServiceBuilder, service_fn};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::{config::Environment, error::Error};

/// Shops load these files from their own origins: as classic script, as module, as wasm and as style sheet.
/// They are the same for everybody and hold no secret. `no-cache` asks the server whether a file is still the
/// same, so that a page never runs yesterday's loader with today's wasm.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
];

/// The longest address of a file, in bytes. Its folder takes no longer name than this, and would answer a
/// longer one with a fault instead of "not found".
const LONGEST: usize = 255;

/// The routes of the folder's files.
pub(crate) fn routes(folder: &Path, environment: Environment) -> Router {
    let not_found = service_fn(|_| async { Ok(Error::NotFound.into_response()) });
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip().fallback(not_found);
    let [first, second, third] = HEADERS
        .map(|(name, value)| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    let files = ServiceBuilder::new().layer(first).layer(second).layer(third).service(files);
    let files = Router::new().fallback_service(files).layer(from_fn(refuse_long_names));
    let mut router = Router::new().nest_service("/widget/", files).route("/widget", get(to_widget));
    // In development the demo shop is what one comes for.
    if environment == Environment::Local && folder.join("index.html").exists() {
        router = router.route("/", get(to_widget));
    }
    router
}

async fn refuse_long_names(request: Request, next: Next) -> Result<Response, Error> {
    if request.uri().path().len() > LONGEST { Err(Error::NotFound) } else { Ok(next.run(request).await) }
}

/// Relative, so that it also works where the server is nested under another path.
async fn to_widget() -> Response {
    (axum::http::StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "widget/")]).into_response()
}

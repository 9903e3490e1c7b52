//! `/widget/…`: the built widget, from a configured folder or from the program itself.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{
    config::{Config, Environment},
    http::conditional::{self, Asked},
    http::error::Error,
    widget::{
        bundle::{Bundle, BundleError, Form},
        embedded,
    },
};

/// Shops load these files from their own origins: as classic script, as module, as wasm and as style sheet. They are
/// the same for every client and hold no secret.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    (header::VARY, "accept-encoding"),
];

/// Makes the browser revalidate, so that a page never runs yesterday's loader with today's wasm.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// For the files under a version's path: a year, the usual maximum.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The page served for the folder itself.
const PAGE: &str = "index.html";

/// The files of `BANQ_WIDGET_DIR`, read at the start, or else those of the program.
pub(crate) struct Widget {
    /// The folder, in `local`: the widget is rebuilt often there, so it is read again after a change.
    follows: Option<PathBuf>,
    bundle: Mutex<Arc<Bundle>>,
}

impl Widget {
    /// Returns the widget, or `None` if there is neither a folder nor a widget in the program.
    ///
    /// # Errors
    /// The folder is unreadable or is not the widget's.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, BundleError> {
        match config.widget_dir.clone() {
            Some(folder) => Self::open(folder, config.environment).map(Some),
            None => Ok(embedded::bundle().map(|bundle| Self { follows: None, bundle: shared(bundle) })),
        }
    }

    fn open(folder: PathBuf, environment: Environment) -> Result<Self, BundleError> {
        let bundle = Bundle::read(&folder)?;
        if bundle.others > 0 {
            tracing::warn!(
                entries = bundle.others,
                "BANQ_WIDGET_DIR holds more than the widget, which is not served"
            );
        }
        let follows = Some(folder).filter(|_| environment == Environment::Local);
        Ok(Self { follows, bundle: shared(bundle) })
    }

    /// Returns the files; in `local` reads them again if they have changed.
    fn bundle(&self) -> Arc<Bundle> {
        let mut bundle = self.bundle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = self.follows.as_ref().filter(|folder| !bundle.is_current(folder)) {
            match Bundle::read(folder) {
                Ok(newer) => *bundle = Arc::new(newer),
                Err(problem) => tracing::debug!(%problem, "the widget is kept as it was"),
            }
        }
        Arc::clone(&bundle)
    }
}

fn shared(bundle: Bundle) -> Mutex<Arc<Bundle>> {
    Mutex::new(Arc::new(bundle))
}

/// Returns the routes of the widget's files.
pub(crate) fn routes(widget: &Arc<Widget>, own_origins: &str, environment: Environment) -> Router {
    let shelf = WidgetRoutes { widget: Arc::clone(widget), origins: own_origins.into() };
    let mut files = Router::new().route("/widget/", get(index)).route("/widget/{*name}", get(file));
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        files = files.layer(SetResponseHeaderLayer::overriding(name, value));
    }
    files = files.layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, REVALIDATED));
    let mut router = files.with_state(shelf).route("/widget", get(to_widget));
    // In development `/` leads to the demo shop.
    if environment == Environment::Local && widget.bundle().has(PAGE) {
        router = router.route("/", get(to_widget));
    }
    router
}

#[derive(Clone)]
struct WidgetRoutes {
    widget: Arc<Widget>,
    /// This server's own origins, as a content security policy lists them.
    origins: Arc<str>,
}

async fn index(
    State(shelf): State<WidgetRoutes>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Error> {
    shelf.answer(PAGE, &method, &headers)
}

async fn file(
    State(shelf): State<WidgetRoutes>,
    name: Result<Path<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Path(name) = name.map_err(|_| Error::NotFound)?;
    shelf.answer(&name, &method, &headers)
}

impl WidgetRoutes {
    fn answer(&self, name: &str, method: &Method, headers: &HeaderMap) -> Result<Response, Error> {
        let bundle = self.widget.bundle();
        let (file, is_immutable) = bundle.file(name).ok_or(Error::NotFound)?;
        let (encoding, form) = file.form_for(headers);
        let asked = conditional::asked(method, headers, &form.etag, file.modified, form.bytes.len());
        let mut response = part(form, &asked);
        let head = response.headers_mut();
        head.insert(header::ETAG, form.etag.clone());
        if is_immutable {
            head.insert(header::CACHE_CONTROL, IMMUTABLE);
        }
        if let Some(date) = file.modified.and_then(conditional::http_date) {
            head.insert(header::LAST_MODIFIED, date);
        }
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(response);
        }
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
        head.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(encoding) = encoding {
            head.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if let Some(policy) = file.policy(&self.origins) {
            head.insert(header::CONTENT_SECURITY_POLICY, policy);
            head.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        }
        Ok(response)
    }
}

/// Returns the status and the requested part of the file.
fn part(form: &Form, asked: &Asked) -> Response {
    let length = form.bytes.len();
    match asked {
        Asked::Whole => Body::from(form.bytes.clone()).into_response(),
        Asked::Nothing => StatusCode::NOT_MODIFIED.into_response(),
        Asked::Part(range) => {
            let bytes = Body::from(form.bytes.slice(range.clone()));
            let mut response = (StatusCode::PARTIAL_CONTENT, bytes).into_response();
            let (start, end) = (range.start, range.end.saturating_sub(1));
            put_range(&mut response, &format!("bytes {start}-{end}/{length}"));
            response
        }
        Asked::Beyond => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            put_range(&mut response, &format!("bytes */{length}"));
            response
        }
    }
}

fn put_range(response: &mut Response, range: &str) {
    if let Ok(range) = HeaderValue::from_str(range) {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
}

/// Redirects to a relative address, which also works if the server is nested under another path.
async fn to_widget() -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "widget/")]).into_response()
}

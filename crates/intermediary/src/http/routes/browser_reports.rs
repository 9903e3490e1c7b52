//! `POST /browser-reports`: what browsers report of the policies of a shop's pages.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
};
use tower_http::cors::{Any, CorsLayer};

use crate::{
    domain::browser_report::Concern,
    http::error::Error,
    http::{
        body::{self, Raw},
        middleware::{client_ip::Client, cors::Origins},
        report_limits::ReportLimits,
        state::PublicUrl,
    },
    metrics::Metrics,
};

/// Returns the layer that lets any page send reports: a browser asks first where a page names another origin. There is
/// nothing to read.
pub(crate) fn cors() -> CorsLayer {
    CorsLayer::new().allow_origin(Any).allow_methods([Method::POST]).allow_headers([header::CONTENT_TYPE])
}

/// Takes reports of violated policies.
///
/// A page names this address in `Reporting-Endpoints`, or in the directive `report-uri`. Reports of content security
/// policies and of integrity policies are counted in `banq_browser_reports_total`; others are ignored. Only the page's
/// origin is kept, and nothing of the shopper. Anyone can send reports.
#[utoipa::path(
    post,
    path = "/browser-reports",
    operation_id = "reportViolations",
    tag = "pages",
    request_body(
        description = "What a browser sends: a list of reports, or one in the older form.",
        content((serde_json::Value = "application/reports+json"), (serde_json::Value = "application/csp-report"))
    ),
    responses((status = 204, description = "The reports were counted."))
)]
pub(crate) async fn receive(
    State(origins): State<Origins>,
    State(public_url): State<PublicUrl>,
    State(metrics): State<Arc<Metrics>>,
    State(limits): State<Arc<ReportLimits>>,
    Client(address): Client,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<StatusCode, Error> {
    if let Some(address) = address {
        limits.check(address, Instant::now()).map_err(|wait| Error::TooManyRequests(wait.0))?;
    }
    let is_shop = |origin: &str| origins.allows_text(origin);
    let concern = Concern { server: public_url.as_str(), is_shop: &is_shop };
    let reports = if body::is_declared(&headers, "application/reports+json") {
        concern.read(&body)
    } else if body::is_declared(&headers, "application/csp-report") {
        concern.read_legacy(&body)
    } else {
        let text = "Send the header Content-Type: application/reports+json or application/csp-report.";
        return Err(Error::InvalidJson(text.to_owned()));
    };
    let wrong =
        || Error::InvalidJson("The body must be what a browser reports in this content type.".to_owned());
    for report in reports.ok_or_else(wrong)? {
        metrics.browser_report(&report);
        limits.write(&report);
    }
    Ok(StatusCode::NO_CONTENT)
}

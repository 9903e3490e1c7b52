//! `POST /browser-reports`: what browsers report of the policies of a shop's pages.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
};

use crate::{
    domain::browser_report::{self, BrowserReport},
    http::error::Error,
    http::{body::Raw, middleware::cors::Origins, sampler::Sampler},
    metrics::Metrics,
};

/// Lines in the log for each interval: any page of the web can send reports.
const LINES: u32 = 10;
const INTERVAL: Duration = Duration::from_secs(60);

/// Limits the lines that reports cause in the log.
#[derive(Debug)]
pub(crate) struct ReportLog(Mutex<Sampler>);

impl ReportLog {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Sampler::new(LINES, INTERVAL)))
    }

    fn write(&self, report: &BrowserReport) {
        let mut sampler = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(hidden) = sampler.note(Instant::now()) else { return };
        drop(sampler);
        let (kind, directive, refused) = (report.kind.as_str(), report.directive, report.refused.as_str());
        tracing::warn!(
            kind,
            directive,
            refused,
            enforced = report.is_enforced,
            page = report.page,
            hidden,
            "a browser reports that a policy refused something"
        );
    }
}

/// Takes reports of violated policies.
///
/// A page names this address in `Reporting-Endpoints`, or in the directive `report-uri`. Reports of content security
/// policies and of integrity policies are counted in `banq_browser_reports_total`; others are ignored. Only the page's
/// origin is kept, and nothing of the shopper.
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
    State(metrics): State<Arc<Metrics>>,
    State(log): State<Arc<ReportLog>>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<StatusCode, Error> {
    let own: Vec<&str> = origins.own().split(' ').collect();
    let declared =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let reports = match declared.split(';').next().unwrap_or_default().trim() {
        "application/reports+json" => browser_report::read(&body, &own),
        "application/csp-report" => browser_report::read_legacy(&body, &own),
        _ => {
            let text = "Send the header Content-Type: application/reports+json or application/csp-report.";
            return Err(Error::InvalidJson(text.to_owned()));
        }
    };
    let wrong =
        || Error::InvalidJson("The body must be what a browser reports in this content type.".to_owned());
    for report in reports.ok_or_else(wrong)? {
        metrics.browser_report(&report);
        log.write(&report);
    }
    Ok(StatusCode::NO_CONTENT)
}

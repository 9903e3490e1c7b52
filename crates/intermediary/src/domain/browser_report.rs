//! Reports of browsers: what a policy of a shop's page, or a hash, kept from loading or running.

use serde::Deserialize;
use url::Url;

/// The reports that are read of one request; a browser sends some at a time.
const MOST: usize = 100;

/// The longest origin that is kept, in bytes.
const LONGEST_ORIGIN: usize = 270;

/// The directives of content security policies that matter to the widget, and to a page with it.
const DIRECTIVES: [&str; 15] = [
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "connect-src",
    "frame-src",
    "child-src",
    "img-src",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "font-src",
    "worker-src",
    "default-src",
    "require-trusted-types-for",
    "trusted-types",
];

/// Whether a content security policy or an integrity policy was violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ReportKind {
    ContentSecurityPolicy,
    Integrity,
}

impl ReportKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ContentSecurityPolicy => "csp",
            Self::Integrity => "integrity",
        }
    }
}

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Refused {
    /// A file of this server, or a request to it.
    Widget,
    /// WebAssembly, without which only the plain button works.
    WebAssembly,
    /// A script or a style in the page itself.
    Inline,
    /// Anything else, which may be somebody else's.
    Other,
}

impl Refused {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::WebAssembly => "wasm",
            Self::Inline => "inline",
            Self::Other => "other",
        }
    }
}

/// One report, reduced to what may be kept: no path and no query of a page that a shopper visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BrowserReport {
    pub(crate) kind: ReportKind,
    /// The directive that was violated, from a closed list; `other` for the rest.
    pub(crate) directive: &'static str,
    pub(crate) refused: Refused,
    /// Whether it was refused, and not only reported.
    pub(crate) is_enforced: bool,
    /// The origin of the page.
    pub(crate) page: String,
}

/// One member of a body of the type `application/reports+json` (Reporting API).
#[derive(Deserialize)]
struct Report {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    body: Body,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    #[serde(rename = "documentURL")]
    document_url: String,
    #[serde(rename = "blockedURL")]
    blocked_url: String,
    effective_directive: String,
    disposition: String,
    /// Of an integrity policy: the kind of file.
    destination: String,
    report_only: bool,
}

/// A body of the type `application/csp-report`, which `report-uri` asks for.
#[derive(Deserialize)]
struct Legacy {
    #[serde(rename = "csp-report")]
    report: LegacyReport,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[derive(Default)]
struct LegacyReport {
    document_uri: String,
    blocked_uri: String,
    effective_directive: String,
    violated_directive: String,
    disposition: String,
}

/// Reads a body of the Reporting API. `own` are this server's origins. Returns `None` if it is no list of reports.
pub(crate) fn read(body: &[u8], own: &[&str]) -> Option<Vec<BrowserReport>> {
    let reports: Vec<Report> = serde_json::from_slice(body).ok()?;
    let known = reports.into_iter().take(MOST).filter_map(|report| {
        let kind = match &*report.kind {
            "csp-violation" => ReportKind::ContentSecurityPolicy,
            "integrity-violation" => ReportKind::Integrity,
            _ => return None,
        };
        let body = report.body;
        let page = if body.document_url.is_empty() { report.url } else { body.document_url };
        let directive = match kind {
            ReportKind::ContentSecurityPolicy => directive(&body.effective_directive),
            ReportKind::Integrity if body.destination == "script" => "script-src",
            ReportKind::Integrity => "other",
        };
        let is_enforced = body.disposition != "report" && !body.report_only;
        Some(BrowserReport {
            kind,
            directive,
            refused: refused(&body.blocked_url, own),
            is_enforced,
            page: origin(&page),
        })
    });
    Some(known.collect())
}

/// Reads a body that `report-uri` asks for.
pub(crate) fn read_legacy(body: &[u8], own: &[&str]) -> Option<Vec<BrowserReport>> {
    let Legacy { report } = serde_json::from_slice(body).ok()?;
    let violated = if report.effective_directive.is_empty() {
        // The whole directive with its values.
        report.violated_directive.split(' ').next().unwrap_or_default()
    } else {
        &report.effective_directive
    };
    Some(vec![BrowserReport {
        kind: ReportKind::ContentSecurityPolicy,
        directive: directive(violated),
        refused: refused(&report.blocked_uri, own),
        is_enforced: report.disposition != "report",
        page: origin(&report.document_uri),
    }])
}

fn directive(name: &str) -> &'static str {
    DIRECTIVES.into_iter().find(|known| *known == name).unwrap_or("other")
}

fn refused(blocked: &str, own: &[&str]) -> Refused {
    match blocked {
        "wasm-eval" => Refused::WebAssembly,
        "inline" => Refused::Inline,
        address if own.contains(&&*origin(address)) => Refused::Widget,
        _ => Refused::Other,
    }
}

/// Returns the origin of an address; an empty text for anything else.
fn origin(address: &str) -> String {
    let origin = Url::parse(address).map(|url| url.origin());
    let text = origin.ok().filter(url::Origin::is_tuple).map(|origin| origin.ascii_serialization());
    text.filter(|text| text.len() <= LONGEST_ORIGIN).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 1] = ["https://pay.shop.example"];

    #[test]
    fn what_chromium_sends_is_read_without_the_pages_path() {
        let body =
            br#"[{"age":1,"type":"csp-violation","url":"https://shop.example/cart?secret=1","user_agent":"x",
            "body":{"blockedURL":"https://pay.shop.example/widget/banq-checkout.js","disposition":"enforce",
            "documentURL":"https://shop.example/cart?secret=1","effectiveDirective":"script-src-elem"}},
            {"type":"deprecation","url":"https://shop.example/","body":{"id":"x"}}]"#;
        let expected = BrowserReport {
            kind: ReportKind::ContentSecurityPolicy,
            directive: "script-src-elem",
            refused: Refused::Widget,
            is_enforced: true,
            page: "https://shop.example".to_owned(),
        };
        assert_eq!(read(body, &OWN), Some(vec![expected]));
    }

    #[test]
    fn integrity_and_report_only_are_told_apart() {
        let body = br#"[{"type":"integrity-violation","url":"https://shop.example/","body":{"documentURL":
            "https://shop.example/","blockedURL":"https://cdn.example/a.js","destination":"script","reportOnly":true}}]"#;
        let [report] = &read(body, &OWN).unwrap()[..] else { panic!("one report") };
        assert_eq!((report.kind, report.directive), (ReportKind::Integrity, "script-src"));
        assert_eq!((report.refused, report.is_enforced), (Refused::Other, false));
    }

    #[test]
    fn the_older_form_is_read_too() {
        let body = br#"{"csp-report":{"document-uri":"https://shop.example/a","violated-directive":
            "script-src 'self'","blocked-uri":"wasm-eval"}}"#;
        let [report] = &read_legacy(body, &OWN).unwrap()[..] else { panic!("one report") };
        assert_eq!((report.directive, report.refused), ("script-src", Refused::WebAssembly));
        assert!(report.is_enforced);
    }

    #[test]
    fn strange_bodies_are_refused_or_reduced() {
        assert_eq!(read(b"{}", &OWN), None);
        assert_eq!(read(b"[{\"body\":{}}]", &OWN), None);
        assert_eq!(read_legacy(b"[]", &OWN), None);
        let body = br#"[{"type":"csp-violation","url":"about:blank","body":{"effectiveDirective":"<b>","blockedURL":"inline"}}]"#;
        let [report] = &read(body, &OWN).unwrap()[..] else { panic!("one report") };
        assert_eq!((report.directive, report.refused, &*report.page), ("other", Refused::Inline, ""));
        let many = format!("[{}]", vec![r#"{"type":"csp-violation"}"#; 500].join(","));
        assert_eq!(read(many.as_bytes(), &OWN).unwrap().len(), MOST);
    }
}

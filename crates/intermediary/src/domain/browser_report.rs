//! Reports of browsers: what a policy of a shop's page, or a hash, kept from loading or running.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// The reports that are read of one request; a browser sends some at a time.
const MOST: usize = 100;

/// What the widget loads of this server, and asks it for.
const PATHS: [&str; 3] = ["/widget/", "/generate-payment-link", "/checkouts/"];

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
    /// A file of the widget, or its request to this server.
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

/// The pages and addresses that concern the shop.
pub(crate) struct Concern<'a> {
    /// The address at which browsers reach this server, without a slash at the end.
    pub(crate) server: &'a str,
    /// Whether a page of this origin may use this server.
    pub(crate) is_shop: &'a dyn Fn(&str) -> bool,
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
    /// The origin of a page of the shop; `None` for any other page.
    pub(crate) page: Option<String>,
}

/// One member of a body of the type `application/reports+json` (Reporting API).
#[derive(Deserialize)]
struct Report {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: String,
    body: Body,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    #[serde(rename = "documentURL")]
    document_url: Option<String>,
    #[serde(rename = "blockedURL")]
    blocked_url: Option<String>,
    effective_directive: Option<String>,
    disposition: Option<String>,
    /// Of an integrity policy: the kind of file.
    destination: Option<String>,
    report_only: bool,
}

/// A body of the type `application/csp-report`, which `report-uri` asks for.
#[derive(Deserialize)]
struct Legacy {
    #[serde(rename = "csp-report")]
    report: LegacyReport,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct LegacyReport {
    document_uri: Option<String>,
    blocked_uri: Option<String>,
    effective_directive: Option<String>,
    violated_directive: Option<String>,
    disposition: Option<String>,
}

impl Concern<'_> {
    /// Reads a body of the Reporting API; leaves out members that are no report of a policy. Returns `None` if the body
    /// is no list.
    pub(crate) fn read(&self, body: &[u8]) -> Option<Vec<BrowserReport>> {
        let members: Vec<Value> = serde_json::from_slice(body).ok()?;
        let reports = members.into_iter().take(MOST).filter_map(|member| serde_json::from_value(member).ok());
        Some(reports.filter_map(|report| self.report(report)).collect())
    }

    fn report(&self, Report { kind, url, body }: Report) -> Option<BrowserReport> {
        let kind = match &*kind {
            "csp-violation" => ReportKind::ContentSecurityPolicy,
            "integrity-violation" => ReportKind::Integrity,
            _ => return None,
        };
        let directive = match (kind, body.destination.as_deref()) {
            (ReportKind::ContentSecurityPolicy, _) => {
                directive(&body.effective_directive.unwrap_or_default())
            }
            (ReportKind::Integrity, Some("script")) => "script-src",
            (ReportKind::Integrity, _) => "other",
        };
        Some(BrowserReport {
            kind,
            directive,
            refused: self.refused(&body.blocked_url.unwrap_or_default()),
            is_enforced: body.disposition.as_deref() != Some("report") && !body.report_only,
            page: self.page(&body.document_url.unwrap_or(url)),
        })
    }

    /// Reads a body that `report-uri` asks for.
    pub(crate) fn read_legacy(&self, body: &[u8]) -> Option<Vec<BrowserReport>> {
        let Legacy { report } = serde_json::from_slice(body).ok()?;
        // The older name has the whole directive, with its values.
        let violated = report.effective_directive.or(report.violated_directive).unwrap_or_default();
        Some(vec![BrowserReport {
            kind: ReportKind::ContentSecurityPolicy,
            directive: directive(violated.split(' ').next().unwrap_or_default()),
            refused: self.refused(&report.blocked_uri.unwrap_or_default()),
            is_enforced: report.disposition.as_deref() != Some("report"),
            page: self.page(&report.document_uri.unwrap_or_default()),
        }])
    }

    fn refused(&self, blocked: &str) -> Refused {
        let path = blocked.strip_prefix(self.server);
        match (blocked, path) {
            ("wasm-eval", _) => Refused::WebAssembly,
            ("inline", _) => Refused::Inline,
            (_, Some(path)) if PATHS.iter().any(|known| path.starts_with(known)) => Refused::Widget,
            _ => Refused::Other,
        }
    }

    fn page(&self, address: &str) -> Option<String> {
        let origin = Url::parse(address).ok()?.origin().ascii_serialization();
        (self.is_shop)(&origin).then_some(origin)
    }
}

fn directive(name: &str) -> &'static str {
    DIRECTIVES.into_iter().find(|known| *known == name).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONCERN: Concern<'_> = Concern {
        server: "https://www.shop.example/pay",
        is_shop: &|origin| origin == "https://shop.example",
    };

    fn one(body: &[u8]) -> BrowserReport {
        CONCERN.read(body).unwrap().pop().unwrap()
    }

    #[test]
    fn what_chromium_sends_is_read_without_the_pages_path() {
        let body = br#"[{"age":1,"type":"csp-violation","url":"https://shop.example/cart?secret=1","user_agent":"x",
            "body":{"blockedURL":"https://www.shop.example/pay/widget/banq-checkout.js","disposition":"enforce",
            "documentURL":"https://shop.example/cart?secret=1","effectiveDirective":"script-src-elem","sample":null}}]"#;
        let expected = BrowserReport {
            kind: ReportKind::ContentSecurityPolicy,
            directive: "script-src-elem",
            refused: Refused::Widget,
            is_enforced: true,
            page: Some("https://shop.example".to_owned()),
        };
        assert_eq!(one(body), expected);
    }

    #[test]
    fn a_shop_on_the_same_origin_is_not_the_widget() {
        let body = br#"[{"type":"csp-violation","url":"https://shop.example.attacker.example/","body":{
            "blockedURL":"https://www.shop.example/cart.js","effectiveDirective":"script-src-elem"}}]"#;
        assert_eq!((one(body).refused, one(body).page), (Refused::Other, None));
    }

    #[test]
    fn integrity_and_report_only_are_told_apart() {
        let body = br#"[{"type":"integrity-violation","url":"https://shop.example/","body":{"documentURL":
            "https://shop.example/","blockedURL":"https://cdn.example/a.js","destination":"script","reportOnly":true}}]"#;
        let report = one(body);
        assert_eq!((report.kind, report.directive), (ReportKind::Integrity, "script-src"));
        assert_eq!((report.refused, report.is_enforced), (Refused::Other, false));
    }

    #[test]
    fn the_older_form_is_read_too() {
        let body = br#"{"csp-report":{"document-uri":"https://shop.example/a","violated-directive":
            "script-src 'self'","blocked-uri":"wasm-eval"}}"#;
        let [report] = &CONCERN.read_legacy(body).unwrap()[..] else { panic!("one report") };
        assert_eq!((report.directive, report.refused), ("script-src", Refused::WebAssembly));
        assert!(report.is_enforced && report.page.is_some());
    }

    #[test]
    fn strange_members_are_left_out_and_strange_values_reduced() {
        assert_eq!(CONCERN.read(b"{}"), None);
        assert_eq!(CONCERN.read_legacy(b"[]"), None);
        let body =
            br#"[{"body":{}}, {"type":"csp-violation","body":null}, 7, {"type":"csp-violation","body":{
            "blockedURL":null}}, {"type":"csp-violation","url":"about:blank","body":{
            "effectiveDirective":"<b>","blockedURL":"inline"}}]"#;
        let reports = CONCERN.read(body).unwrap();
        assert_eq!(reports.len(), 2);
        assert_eq!(
            (reports[1].directive, reports[1].refused, &reports[1].page),
            ("other", Refused::Inline, &None)
        );
        let many = format!("[{}]", vec![r#"{"type":"csp-violation","body":{}}"#; 500].join(","));
        assert_eq!(CONCERN.read(many.as_bytes()).unwrap().len(), MOST);
    }
}

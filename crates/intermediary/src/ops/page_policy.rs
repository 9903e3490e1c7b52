//! The content security policy of a shop's page with the widget.

use url::Url;

use crate::config::origins;

/// The name of the endpoint in `Reporting-Endpoints`.
const ENDPOINT: &str = "banq";

/// What the page's policy depends on.
#[derive(Debug, Clone)]
pub struct PagePolicy {
    /// The intermediary's address, without a slash at the end.
    server: String,
    /// The origin of that address, which also serves the widget.
    origin: String,
    payment_page: Option<String>,
    logo: Option<String>,
    reports: bool,
}

impl PagePolicy {
    /// Begins with the address at which browsers reach the intermediary, as `BANQ_PUBLIC_URL` has it.
    ///
    /// # Errors
    /// A sentence with the mistake and the fix.
    pub fn new(server: &str) -> Result<Self, String> {
        let wrong =
            || format!("{server:?} is no address; write it like BANQ_PUBLIC_URL: https://pay.shop.example");
        let url = Url::parse(server).map_err(|_| wrong())?;
        let is_plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain {
            return Err(wrong());
        }
        let server = url.as_str().trim_end_matches('/').to_owned();
        let origin = url.origin().ascii_serialization();
        Ok(Self { server, origin, payment_page: None, logo: None, reports: false })
    }

    /// Allows the frame of `presentation: 'iframe'`, by the origin of the payment links.
    ///
    /// # Errors
    /// A sentence with the mistake and the fix.
    pub fn with_payment_page(self, origin: &str) -> Result<Self, String> {
        Ok(Self { payment_page: Some(origins::read(origin)?), ..self })
    }

    /// Allows the shop's logo, by its origin.
    ///
    /// # Errors
    /// A sentence with the mistake and the fix.
    pub fn with_logo(self, origin: &str) -> Result<Self, String> {
        Ok(Self { logo: Some(origins::read(origin)?), ..self })
    }

    /// Lets browsers report violations to the intermediary.
    #[must_use]
    pub fn with_reports(self) -> Self {
        Self { reports: true, ..self }
    }

    /// Returns what a page that has a policy adds to it, as directives.
    #[must_use]
    pub fn additions(&self) -> String {
        let Self { origin, payment_page, .. } = self;
        let frames = payment_page.as_ref().map_or_else(String::new, |page| format!("; frame-src {page}"));
        format!("script-src {}; connect-src {origin}{frames}", self.scripts())
    }

    /// Returns the source of the widget's scripts, and the permission to compile its WebAssembly.
    fn scripts(&self) -> String {
        format!("{} 'wasm-unsafe-eval'", self.origin)
    }

    /// Returns the whole policy of a page whose own scripts and styles are files of its own origin, and the header that
    /// reports need.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let Self { server, origin, payment_page, logo, reports } = self;
        let optional = |before: &str, value: &Option<String>| {
            value.as_ref().map_or_else(String::new, |value| format!("{before}{value}"))
        };
        let policy = format!(
            "default-src 'none'; script-src 'self' {}; style-src 'self'; img-src 'self' data:{}; \
             connect-src 'self' {origin}{}; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
            self.scripts(),
            optional(" ", logo),
            optional("; frame-src ", payment_page),
        );
        if !reports {
            return vec![("Content-Security-Policy", policy)];
        }
        let address = format!("{server}/browser-reports");
        // Firefox knows only `report-uri`; a browser that knows `report-to` ignores it.
        let policy = format!("{policy}; report-uri {address}; report-to {ENDPOINT}");
        vec![
            ("Content-Security-Policy", policy),
            ("Reporting-Endpoints", format!("{ENDPOINT}=\"{address}\"")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::PagePolicy;

    #[test]
    fn the_documents_show_the_policy_of_a_plain_page() {
        let page = PagePolicy::new("https://pay.your-shop.example").unwrap();
        let documented = include_str!("../../../../docs/snippets/policy.txt");
        let (name, value) = documented.trim().split_once(": ").unwrap();
        assert_eq!(page.headers(), [("Content-Security-Policy", value.to_owned())]);
        assert_eq!(name, "Content-Security-Policy");
    }

    #[test]
    fn additions_are_origins_without_a_path() {
        let page = PagePolicy::new("https://www.shop.example/pay").unwrap();
        let expected =
            "script-src https://www.shop.example 'wasm-unsafe-eval'; connect-src https://www.shop.example";
        assert_eq!(page.additions(), expected);
        let page = page.with_payment_page("https://link.banq.com").unwrap();
        assert_eq!(page.additions(), format!("{expected}; frame-src https://link.banq.com"));
    }

    #[test]
    fn frames_logos_and_reports_are_added() {
        let page = PagePolicy::new("https://www.shop.example/pay/").unwrap();
        let page = page.with_payment_page("https://link.banq.com").unwrap();
        let page = page.with_logo("https://cdn.shop.example").unwrap().with_reports();
        let [(_, policy), (name, endpoints)] = &page.headers()[..] else { panic!("two headers") };
        for part in [
            "script-src 'self' https://www.shop.example 'wasm",
            "img-src 'self' data: https://cdn.shop.example;",
            "frame-src https://link.banq.com;",
            "report-to banq",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(*name, "Reporting-Endpoints");
        assert_eq!(endpoints, "banq=\"https://www.shop.example/pay/browser-reports\"");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let wrong =
            ["pay.shop.example", "ftp://pay.shop.example", "https://a:b@pay.shop.example", "file:///x"];
        for wrong in wrong {
            assert!(PagePolicy::new(wrong).unwrap_err().contains("BANQ_PUBLIC_URL"), "{wrong}");
        }
        let page = PagePolicy::new("https://pay.shop.example").unwrap();
        assert!(page.with_logo("https://cdn.example; script-src *").is_err());
    }
}

//! The content security policy of a shop's page with the widget.

/// What the page's policy depends on.
#[derive(Debug, Clone, Copy)]
pub struct PagePolicy<'a> {
    /// The intermediary's origin, which also serves the widget: `https://pay.shop.example`.
    pub server: &'a str,
    /// The origin of the payment links, for `presentation: 'iframe'`.
    pub payment_page: Option<&'a str>,
    /// The origin of the shop's logo.
    pub logo: Option<&'a str>,
    /// Whether browsers report violations to the intermediary.
    pub reports: bool,
}

/// The name of the endpoint in `Reporting-Endpoints`.
const ENDPOINT: &str = "banq";

impl PagePolicy<'_> {
    /// Returns the whole policy of a page whose own scripts and styles are files of its own origin, and the header that
    /// reports need.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let Self { server, payment_page, logo, reports } = self;
        let mut policy = format!(
            "default-src 'none'; script-src 'self' {server} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:"
        );
        let mut add = |text: &str| policy.push_str(text);
        if let Some(logo) = logo {
            add(&format!(" {logo}"));
        }
        add(&format!("; connect-src 'self' {server}"));
        if let Some(page) = payment_page {
            add(&format!("; frame-src {page}"));
        }
        add("; require-trusted-types-for 'script'; trusted-types 'none'");
        let address = format!("{server}/browser-reports");
        if *reports {
            // Firefox knows only `report-uri`; a browser that knows `report-to` ignores it.
            add(&format!("; report-uri {address}; report-to {ENDPOINT}"));
        }
        let mut headers = vec![("Content-Security-Policy", policy)];
        if *reports {
            headers.push(("Reporting-Endpoints", format!("{ENDPOINT}=\"{address}\"")));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::PagePolicy;

    const SERVER: &str = "https://pay.your-shop.example";

    #[test]
    fn the_documents_show_the_policy_of_a_plain_page() {
        let page = PagePolicy { server: SERVER, payment_page: None, logo: None, reports: false };
        let documented = include_str!("../../../../docs/snippets/policy.txt");
        let (name, value) = documented.trim().split_once(": ").unwrap();
        assert_eq!(page.headers(), [("Content-Security-Policy", value.to_owned())]);
        assert_eq!(name, "Content-Security-Policy");
    }

    #[test]
    fn frames_logos_and_reports_are_added() {
        let page = PagePolicy {
            server: SERVER,
            payment_page: Some("https://link.banq.com"),
            logo: Some("https://cdn.shop.example"),
            reports: true,
        };
        let [(_, policy), (name, endpoints)] = &page.headers()[..] else { panic!("two headers") };
        for part in [
            "img-src 'self' data: https://cdn.shop.example;",
            "frame-src https://link.banq.com;",
            "report-to banq",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(
            (*name, &**endpoints),
            ("Reporting-Endpoints", "banq=\"https://pay.your-shop.example/browser-reports\"")
        );
    }
}

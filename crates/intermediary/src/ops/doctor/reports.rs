//! Checks what browsers have reported of the policies of the shop's pages.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Check, Doctor, PATIENCE};

const NAME: &str = "reports";
const METRIC: &str = "banq_browser_reports_total{";

impl Doctor {
    /// Reads the metrics of the server on this machine: a proxy in front may hide them, and the token is for this server
    /// alone.
    pub(super) async fn reports(&self) -> Check {
        let url = format!("http://{}/metrics", here(self.config.listen));
        let answer = async {
            // Past any proxy of the environment, which must not see the token.
            let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
            let mut request = http.get(&url);
            if let Some(token) = &self.config.metrics_token {
                request = request.bearer_auth(token.expose());
            }
            request.send().await?.error_for_status()?.text().await
        };
        match answer.await {
            Ok(metrics) => judge(&metrics),
            Err(_) => {
                let fix = "run this on the server's machine, with the server's settings";
                Check::warn(NAME, format!("unknown: {url} does not show what browsers reported"), fix)
            }
        }
    }
}

/// Returns where this machine reaches a server that listens there.
fn here(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), listen.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), listen.port()),
        IpAddr::V4(_) | IpAddr::V6(_) => listen,
    }
}

/// Judges the series of the metric, without those of pages that are not the shop's.
fn judge(metrics: &str) -> Check {
    let series = metrics.lines().filter_map(|line| line.strip_prefix(METRIC)?.split_once("} "));
    let series: Vec<String> = series
        .filter(|(labels, count)| labels.contains("page=\"shop\"") && count.parse() != Ok(0.0))
        .map(|(labels, count)| format!("{count} × {}", labels.replace('"', "")))
        .collect();
    if series.is_empty() {
        return Check::ok(NAME, "no browser told this instance of a violated policy of the shop's pages");
    }
    let fix =
        "`banq-intermediary csp` prints what a page with the widget must allow; the log names the pages";
    Check::warn(NAME, format!("browsers reported violated policies: {}", series.join("; ")), fix)
}

#[cfg(test)]
mod tests {
    use super::{here, judge};
    use crate::doctor::Outcome;

    #[test]
    fn series_of_the_shop_that_count_something_are_named() {
        let line = |page, count| {
            format!("banq_browser_reports_total{{kind=\"csp\",refused=\"wasm\",page=\"{page}\"}} {count}\n")
        };
        assert_eq!(judge("banq_ready 1\n").outcome, Outcome::Ok);
        assert_eq!(judge(&line("shop", 0)).outcome, Outcome::Ok);
        assert_eq!(judge(&line("unknown", 3)).outcome, Outcome::Ok);
        let check = judge(&line("shop", 3));
        assert_eq!(check.outcome, Outcome::Warn);
        assert!(check.detail.ends_with("3 × kind=csp,refused=wasm,page=shop"), "{}", check.detail);
    }

    #[test]
    fn a_server_that_listens_everywhere_is_reached_here() {
        for (listen, expected) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("10.0.0.5:8080", "10.0.0.5:8080"),
        ] {
            assert_eq!(here(listen.parse().unwrap()).to_string(), expected);
        }
    }
}

//! Checks what browsers have reported of the policies of the shop's pages.

use super::{Check, Doctor};

const METRIC: &str = "banq_browser_reports_total{";

impl Doctor {
    /// Reads the running server's metrics; `None` if they are not shown to this program.
    pub(super) async fn reports(&self) -> Option<Check> {
        let mut request = self.http.get(format!("{}/metrics", self.public_url));
        if let Some(token) = &self.config.metrics_token {
            request = request.bearer_auth(token.expose());
        }
        let answer = request.send().await.ok()?.error_for_status().ok()?;
        Some(judge(&answer.text().await.ok()?))
    }
}

/// Judges the series of the metric.
fn judge(metrics: &str) -> Check {
    let name = "reports";
    let series = metrics.lines().filter_map(|line| line.strip_prefix(METRIC)?.split_once("} "));
    let series: Vec<String> = series
        .filter(|(_, count)| count.parse() != Ok(0.0))
        .map(|(labels, count)| format!("{count} × {}", labels.replace('"', "")))
        .collect();
    if series.is_empty() {
        return Check::ok(name, "no browser has reported a violated policy since the server started");
    }
    let fix =
        "`banq-intermediary csp` prints what a page with the widget must allow; the log names the pages";
    Check::warn(name, format!("browsers reported violated policies: {}", series.join("; ")), fix)
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::doctor::Outcome;

    #[test]
    fn series_that_count_something_are_named() {
        let line = |count| {
            format!(
                "banq_browser_reports_total{{kind=\"csp\",directive=\"script-src\",refused=\"wasm\"}} {count}\n"
            )
        };
        assert_eq!(judge("banq_ready 1\n").outcome, Outcome::Ok);
        assert_eq!(judge(&line(0)).outcome, Outcome::Ok);
        let check = judge(&line(3));
        assert_eq!(check.outcome, Outcome::Warn);
        assert!(check.detail.ends_with("3 × kind=csp,directive=script-src,refused=wasm"), "{}", check.detail);
    }
}

//! Reads the header `Accept` (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, header};

use crate::metrics::Format;

/// Returns OpenMetrics if the client names it and prefers it at least as much as the classic format. Every other client
/// gets the classic format, also one that accepts neither.
pub(crate) fn metrics_format(headers: &HeaderMap) -> Format {
    let (mut classic, mut open) = (0.0, 0.0);
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let (mut quality, mut version) = (1.0_f32, None);
        for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = value.trim().parse().unwrap_or(0.0),
                "version" => version = Some(value.trim().trim_matches('"')),
                _ => {}
            }
        }
        match (kind.as_str(), version) {
            ("application/openmetrics-text", None | Some("1.0.0")) => open = quality.max(open),
            ("text/plain", None | Some("0.0.4")) => classic = quality.max(classic),
            _ => {}
        }
    }
    if open > 0.0 && open >= classic { Format::OpenMetrics } else { Format::Classic }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn openmetrics_only_if_named() {
        let format = |accept: &'static str| {
            metrics_format(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        for accept in [
            "application/openmetrics-text",
            "Application/OpenMetrics-Text; Version=\"1.0.0\"",
            "text/plain;q=0.5, application/openmetrics-text;version=1.0.0;q=0.5",
            // Prometheus 3.
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ] {
            assert_eq!(format(accept), Format::OpenMetrics, "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/plain",
            "application/*",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "text/plain, application/openmetrics-text;q=0.9",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=wibble",
            "application/openmetrics-text;version=2.0.0",
            "application/openmetrics-textual",
        ] {
            assert_eq!(format(accept), Format::Classic, "{accept}");
        }
        assert_eq!(metrics_format(&HeaderMap::new()), Format::Classic);
    }
}

//! The static pages, and the headers of all pages.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

use crate::bank::Bank;

/// Only this server's own files. Any page may frame these on purpose: the checkout frames the pay page, and no real
/// money is at risk.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'";

pub(super) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /`
pub(super) async fn index(State(bank): State<Arc<Bank>>) -> Html<String> {
    let account = bank.config.account_guid.to_string();
    let space = bank.config.account_space_id.to_string();
    let values = [("url", &*bank.public_url), ("account", &*account), ("space", &*space)];
    Html(fill(include_str!("../../assets/index.html"), &values))
}

/// `GET /app`: the phone.
pub(super) async fn app() -> Html<&'static str> {
    Html(include_str!("../../assets/app.html"))
}

/// `GET /assets/{name}`
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", include_str!("../../assets/style.css")),
        "app.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/app.js")),
        "scenarios.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/scenarios.js")),
        "pay.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/pay.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Returns the template with each `{{name}}` replaced by its value, escaped for text and for quoted attributes. One
/// pass: values are never expanded again.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            escape(&mut page, value);
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escape(page: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            plain => page.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_never_read_as_a_template() {
        let page = fill("<p title='{{a}}'>{{b}}</p>{{c}}", &[("a", "{{b}}"), ("b", "<script>'\"&")]);
        assert_eq!(page, "<p title='{{b}}'>&lt;script&gt;&#39;&quot;&amp;</p>");
    }
}

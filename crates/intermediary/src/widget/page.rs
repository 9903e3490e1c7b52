//! The content security policy of the demo shop's page.

use axum::http::HeaderValue;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Returns the policy: own files, own inline scripts by their hash, WebAssembly, and this server under each of its
/// names.
pub(crate) fn policy(script_hashes: &str, origins: &str) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{script_hashes}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self' {origins}; object-src 'none'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'"
    );
    HeaderValue::try_from(policy).ok()
}

/// Returns the hashes of a page's inline scripts, as a policy lists them.
pub(crate) fn script_hashes(page: &[u8]) -> String {
    inline_scripts(page)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect()
}

/// Returns the text of each `<script>` without `src`, byte by byte as the browser hashes it.
fn inline_scripts(page: &[u8]) -> impl Iterator<Item = &[u8]> {
    let find =
        |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).position(|part| part == needle);
    let mut rest = page;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[find(rest, b"<script")? + b"<script".len()..];
            let (tag, after) = rest.split_at(find(rest, b">")?);
            let script = &after[1..];
            let end = find(script, b"</script>")?;
            rest = &script[end..];
            if find(tag, b"src=").is_none() {
                return Some(&script[..end]);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed() {
        let page = b"<script src=\"a.js\"></script><script>\n1 < 2\n</script><p>\
            <script type=\"module\">x</script><script>cut";
        let scripts: Vec<&[u8]> = inline_scripts(page).collect();
        assert_eq!(scripts, [&b"\n1 < 2\n"[..], b"x"]);
    }
}

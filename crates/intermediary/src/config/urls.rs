//! Reads addresses in settings.

use url::Url;

/// Reads a base address, to which paths are appended.
pub(super) fn http_url(text: &str) -> Option<Url> {
    let url = url_of_one_host(text)?;
    let plain = url.query().is_none() && url.fragment().is_none();
    plain.then_some(url)
}

/// Reads an address of one host. Stricter than the parser, which repairs `https:host` and `https:\\host`, and accepts
/// `*` in a host.
pub(super) fn url_of_one_host(text: &str) -> Option<Url> {
    let is_absolute = text.contains("://") && !text.contains('\\');
    let url = Url::parse(text).ok().filter(|_| is_absolute)?;
    let has_host = url.host_str().is_some_and(|host| !host.contains('*'));
    let is_open = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && has_host && is_open).then_some(url)
}

/// Returns an address without a host (RFC 2606), the placeholder for one that could not be read.
#[expect(clippy::expect_used, reason = "a constant; the tests of the settings read it")]
pub(super) fn nowhere() -> Url {
    Url::parse("https://nowhere.invalid/").expect("a constant address")
}

/// Adds a slash at the end of the path; without one, `join` would replace the path's last segment.
pub(super) fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

pub(super) fn without_slash(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

//! Addresses in settings.

use url::Url;

/// Reads an address that paths are put behind.
pub(super) fn http_url(text: &str) -> Option<Url> {
    let url = url_of_one_host(text)?;
    let plain = url.query().is_none() && url.fragment().is_none();
    plain.then_some(url)
}

/// Reads an address. The parser mends more than a setting should need, `https:host` and `https:\\host`, and takes `*`
/// for a letter.
pub(super) fn url_of_one_host(text: &str) -> Option<Url> {
    let is_absolute = text.contains("://") && !text.contains('\\');
    let url = Url::parse(text).ok().filter(|_| is_absolute)?;
    let has_host = url.host_str().is_some_and(|host| !host.contains('*'));
    let is_open = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && has_host && is_open).then_some(url)
}

/// Without a slash at its end, `join` would replace the last part of the path.
pub(super) fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

/// Takes the slashes off its end.
pub(super) fn without_slash(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

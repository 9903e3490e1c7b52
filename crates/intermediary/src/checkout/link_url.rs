//! Which payment links may be shown, and how a link says where its checkout is watched.

use url::{Host, Url, form_urlencoded};
use wire::WATCH_MARK;

use crate::config::Environment;

/// QR codes for longer links can't be scanned.
const LONGEST: usize = 2048;

/// Checks a link before any page gets it, and returns it as the parser read it: what was checked is what is
/// recorded, shown, scanned and opened.
///
/// A page makes it an `href`, and a phone opens it: `javascript:` would run in the shop's page, and plain
/// `http:` lets anyone on the way send the shopper to another account. `http:` is for development: to this
/// machine, which nobody is on the way to, and in `local` to the private IPv4 networks. A link whose host
/// depends on the reader is refused: `https:host/x` names `host` for a parser without a base, and a file of the
/// shop for its own page; a backslash is a slash for browsers and not for everything else.
///
/// Server, widget and loader have one rule: `crates/wire/fixtures/links.json` holds all three to it.
pub(crate) fn check(link: &str, environment: Environment) -> Result<String, &'static str> {
    if link.len() > LONGEST || link.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err("it is too long, or has blanks in it");
    }
    if link.contains('\\') {
        return Err("it has a backslash in it");
    }
    let url = Url::parse(link).map_err(|_| "it is no URL")?;
    let authority = link.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let Some(authority) = authority.filter(|rest| !rest.starts_with('/')) else {
        return Err("it is relative: it must begin with https:// and a host");
    };
    let host = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err("it names a user");
    }
    let is_local = environment == Environment::Local;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) || (is_local && is_private(&url)) => {}
        _ => return Err("it is not https:"),
    }
    let checked = String::from(url);
    if checked.len() > LONGEST {
        return Err("it is too long");
    }
    Ok(checked)
}

/// Returns the link with its checkout's event stream in the fragment: a page that takes only the link out of the
/// answer learns of the payment too. The widget takes the part off before the link is shown, and no browser
/// sends a fragment to a server.
///
/// The provider's own link must not choose where the page listens: such parts of it are left out, in the query
/// too, where a reader that looks for `&` could take one for the fragment's.
pub(crate) fn watched(link: &str, events_url: &str) -> String {
    let mut url = without_marks(link);
    url.push(if url.contains('#') { '&' } else { '#' });
    url.push_str(WATCH_MARK);
    url.extend(form_urlencoded::byte_serialize(events_url.as_bytes()));
    url
}

fn without_marks(link: &str) -> String {
    let mut kept = String::with_capacity(link.len());
    // The fragment began with a part that was left out: the next one begins it.
    let mut owes_hash = false;
    let mut rest = link;
    while !rest.is_empty() {
        let end = rest.char_indices().skip(1).find(|(_, char)| matches!(char, '#' | '&'));
        let (part, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        let (is_hash, text) = match part.strip_prefix('#') {
            Some(text) => (true, Some(text)),
            None => (false, part.strip_prefix('&')),
        };
        match text {
            Some(text) if text.starts_with(WATCH_MARK) => owes_hash |= is_hash && !kept.contains('#'),
            Some(text) => {
                kept.push(if is_hash || owes_hash { '#' } else { '&' });
                kept.push_str(text);
                owes_hash = false;
            }
            None => kept.push_str(part),
        }
    }
    kept
}

/// Whether the host is this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether the host is an address of 10/8, 172.16/12 or 192.168/16.
fn is_private(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_private())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// The cases that server, widget and loader share.
    #[derive(Deserialize)]
    struct Shared {
        links: Vec<Case>,
        watched: Vec<Watched>,
    }

    #[derive(Deserialize)]
    struct Case {
        link: String,
        /// Absent: in each.
        environment: Option<String>,
        accepted: bool,
        /// As it is read; absent: as it is.
        href: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Watched {
        link: String,
        events_url: String,
        url: String,
        plain: String,
    }

    fn shared() -> Shared {
        serde_json::from_str(include_str!("../../../wire/fixtures/links.json")).unwrap()
    }

    #[test]
    fn links_are_taken_and_refused_as_widget_and_loader_do() {
        let environments = [
            ("local", Environment::Local),
            ("sandbox", Environment::Sandbox),
            ("production", Environment::Production),
        ];
        let mut checked = 0;
        for Case { link, environment, accepted, href } in shared().links {
            for (name, as_read) in environments {
                if environment.as_deref().is_some_and(|only| only != name) {
                    continue;
                }
                let expected = accepted.then(|| href.clone().unwrap_or_else(|| link.clone()));
                assert_eq!(check(&link, as_read).ok(), expected, "{name}: {link:?}");
                checked += 1;
            }
        }
        assert!(checked > 300, "{checked}");
    }

    #[test]
    fn the_fragment_says_where_a_checkout_is_watched() {
        for Watched { link, events_url, url, plain } in shared().watched {
            assert_eq!(watched(&link, &events_url), url, "{link}");
            let (left, mark) = url.rsplit_once(['#', '&']).unwrap();
            assert_eq!(left, plain, "without the last part it is the provider's link, to the byte: {link}");
            let read = form_urlencoded::parse(mark.as_bytes()).into_owned().collect::<Vec<_>>();
            assert_eq!(read, [("banq-checkout".to_owned(), events_url)], "{link}");
        }
    }

    #[test]
    fn a_link_that_is_too_long_to_scan_is_refused() {
        for link in
            [format!("https://a/{}", "x".repeat(2048)), format!("https://a/{}", "\u{e4}".repeat(1000))]
        {
            assert!(check(&link, Environment::Local).is_err(), "{}", link.len());
        }
    }
}

//! Which payment links may be shown.

use std::net::IpAddr;

use url::{Host, Url};

use crate::config::Environment;

/// QR codes for longer links can't be scanned.
const LONGEST: usize = 2048;

/// Checks a link before any page gets it, and returns it as the parser read it: what was checked is what is
/// recorded, shown, scanned and opened.
///
/// A page makes it an `href`, and a phone opens it: `javascript:` would run in the shop's page, and plain
/// `http:` lets anyone on the way send the shopper to another account. `http:` is for development only: to
/// this machine or the local network, and only in `local`. A link whose host depends on the reader is refused:
/// `https:host/x` names `host` for a parser without a base, and a file of the shop for its own page; a
/// backslash is a slash for browsers and not for everything else.
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
    match (url.scheme(), environment) {
        ("https", _) => {}
        ("http", Environment::Local) if is_near(&url) => {}
        _ => return Err("it is not https:"),
    }
    let checked = String::from(url);
    if checked.len() > LONGEST {
        return Err("it is too long");
    }
    Ok(checked)
}

/// Whether the host is this machine or on the local network.
fn is_near(url: &Url) -> bool {
    let ip = match url.host() {
        Some(Host::Domain(name)) => return name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        None => return false,
    };
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_shown_everywhere() {
        for environment in [Environment::Local, Environment::Sandbox, Environment::Production] {
            let link = "https://link.banq.com/pay/abc?x=1#y";
            assert_eq!(check(link, environment).as_deref(), Ok(link));
        }
    }

    #[test]
    fn http_is_for_near_hosts_in_local_only() {
        for link in [
            "http://127.0.0.1:8081/pay/a",
            "http://localhost/pay",
            "http://192.168.1.7/p",
            "http://[::1]/p",
            "http://10.0.0.1/",
            "http://[fd00::1]/",
        ] {
            assert_eq!(check(link, Environment::Local).as_deref(), Ok(link), "{link}");
            assert!(check(link, Environment::Sandbox).is_err(), "{link}");
            assert!(check(link, Environment::Production).is_err(), "{link}");
        }
        for link in [
            "http://link.banq.com/",
            "http://8.8.8.8/",
            "http://localhost.evil.example/",
            "http://172.32.0.1/",
        ] {
            assert!(check(link, Environment::Local).is_err(), "{link}");
        }
    }

    #[test]
    fn a_checked_link_is_passed_on_as_it_was_read() {
        for (link, read) in [
            ("https://link.banq.com", "https://link.banq.com/"),
            ("HTTPS://Link.Banq.com/Abc", "https://link.banq.com/Abc"),
            ("https://link.banq.com/a/../b", "https://link.banq.com/b"),
            ("https://link.banq.com:443/a", "https://link.banq.com/a"),
            ("https://b\u{fc}cher.example/\u{e4}", "https://xn--bcher-kva.example/%C3%A4"),
            // A reader that does not know this character shows another host than the one that opens.
            ("https://link.ban\u{ad}q.com/a", "https://link.banq.com/a"),
            ("https://link.banq.com/a@b", "https://link.banq.com/a@b"),
        ] {
            assert_eq!(check(link, Environment::Production).as_deref(), Ok(read), "{link}");
        }
        let grows = format!("https://link.banq.com/{}", "\u{e4}".repeat(1000));
        assert!(check(&grows, Environment::Production).is_err(), "too long once it is read");
    }

    #[test]
    fn a_link_whose_host_depends_on_the_reader_is_refused() {
        for link in [
            "https:link.banq.com/x",
            "https:/link.banq.com/x",
            "https:///link.banq.com/x",
            "https:\\\\link.banq.com\\x",
            "https://link.banq.com\\@evil.example/",
            "https://evil.example\\.banq.com/",
            "https://@link.banq.com/x",
            "https://:@link.banq.com/x",
            "https://user@link.banq.com/x",
            "https://link.banq.com@evil.example/",
            "https://link.banq.com/\u{a0}x",
            "https://link.banq.com/\u{85}x",
        ] {
            assert!(check(link, Environment::Local).is_err(), "{link:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for link in [
            "",
            "pay/abc",
            "//link.banq.com",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "ftp://a/",
            "https://u:p@link.banq.com/",
            "https://a/ b",
            "https://a/\n",
            " https://a/",
            "java\tscript:alert(1)",
            "blob:https://a/b",
            &format!("https://a/{}", "x".repeat(2048)),
        ] {
            assert!(check(link, Environment::Local).is_err(), "{link:?}");
        }
    }
}

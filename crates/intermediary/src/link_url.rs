//! Which payment links may be shown.

use std::net::IpAddr;

use url::{Host, Url};

use crate::config::Environment;

/// QR codes for longer links can't be scanned.
const LONGEST: usize = 2048;

/// Checks a link before any page gets it.
///
/// A page makes it an `href`, and a phone opens it: `javascript:` would run in the shop's page, and plain
/// `http:` lets anyone on the way send the shopper to another account. `http:` is for development only: to
/// this machine or the local network, and only in `local`.
pub(crate) fn check(link: &str, environment: Environment) -> Result<(), &'static str> {
    if link.len() > LONGEST || link.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err("it is too long, or has blanks in it");
    }
    let url = Url::parse(link).map_err(|_| "it is no URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it names a user");
    }
    match (url.scheme(), environment) {
        ("https", _) => Ok(()),
        ("http", Environment::Local) if is_near(&url) => Ok(()),
        _ => Err("it is not https:"),
    }
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
            assert_eq!(check("https://link.banq.com/pay/abc?x=1#y", environment), Ok(()));
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
            assert_eq!(check(link, Environment::Local), Ok(()), "{link}");
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

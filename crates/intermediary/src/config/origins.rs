//! Reads origins as browsers write them. Origins are compared byte by byte, so that `https://shop.example` never
//! matches `https://shop.example.attacker.example`; an origin in another form would match nothing.

use url::Url;

/// Reads an origin. An internationalised name is converted to the `xn--` form that browsers send; everything else must
/// be written as browsers write it.
///
/// # Errors
/// A sentence with the mistake and the fix. It quotes the text unless that may contain a password.
pub(crate) fn read(text: &str) -> Result<String, String> {
    let wrong = |fault: &str| Err(format!("{text:?} {fault}"));
    if text.contains('@') {
        return Err("an origin has no user name or password: write scheme, host and port only, like \
                    https://shop.example"
            .into());
    }
    if text == "null" {
        return wrong(
            "is the origin of every sandboxed frame and of every file: serve the page from an address of its own, \
             and name that",
        );
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong("is no origin; write scheme, host and port only, like https://shop.example");
    };
    if rest.contains('*') {
        return wrong(
            "has a * in it, which stands for nothing here: name each origin, like https://www.shop.example",
        );
    }
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) | Err(_) => {
            return wrong("is no origin; write scheme, host and port only, like https://shop.example");
        }
    };
    let host = url.host_str().unwrap_or_default();
    if host.ends_with('.') {
        return wrong("ends its host with a dot, which browsers leave out: leave it out");
    }
    let canonical = url.origin().ascii_serialization();
    let host_as_written =
        if rest.is_ascii() { host } else { rest.split([':', '/', '?', '#']).next().unwrap_or_default() };
    let expected = canonical.replacen(host, host_as_written, 1);
    if text == expected && scheme == url.scheme() {
        return Ok(canonical);
    }
    wrong(&format!("is not written as browsers write it: write {canonical}"))
}

/// Returns whether a browser sends this origin for a page that this machine serves, on any port.
pub(crate) fn is_loopback(origin: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let mut hosts = ["localhost", "127.0.0.1", "[::1]"].into_iter();
    let port = rest.and_then(|rest| hosts.find_map(|host| rest.strip_prefix(host)));
    let is_port = |digits: &str| digits.parse().is_ok_and(|port: u16| port.to_string() == digits);
    port.is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_this_machine_has_a_loopback_origin() {
        for origin in [
            "http://localhost",
            "http://localhost:8000",
            "https://localhost:3000",
            "http://127.0.0.1:5173",
            "http://[::1]:65535",
        ] {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in [
            "",
            "null",
            "localhost:8000",
            "ftp://localhost",
            "file://localhost",
            "HTTP://localhost",
            "http://LOCALHOST",
            "http://localhost.",
            "http://localhost:",
            "http://localhost:+80",
            "http://localhost:080",
            "http://localhost:65536",
            "http://localhost:8000/",
            "http://localhost/",
            "http://localhost8000",
            "http://localhost.evil.example",
            "http://localhost:80.evil.example",
            "http://localhost@evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.12",
            "http://127.0.0.2",
            "http://[::1].evil.example",
            "http://evil.example#http://localhost",
            "http://192.168.1.7",
            "http://0.0.0.0:8000",
        ] {
            assert!(!is_loopback(origin), "{origin}");
        }
    }

    #[test]
    fn an_origin_is_as_browsers_write_it_or_refused() {
        for (text, origin) in [
            ("https://shop.example", "https://shop.example"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://käse.example", "https://xn--kse-qla.example"),
            ("https://KÄSE.example:8443", "https://xn--kse-qla.example:8443"),
            ("https://xn--kse-qla.example", "https://xn--kse-qla.example"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(origin), "{text}");
        }
        for (text, fix) in [
            ("https://shop.example/", "write https://shop.example"),
            ("https://shop.example/a?b#c", "write https://shop.example"),
            ("https://shop.example:443", "write https://shop.example"),
            ("https://käse.example/", "write https://xn--kse-qla.example"),
            ("https://käse.example:443", "write https://xn--kse-qla.example"),
            ("HTTPS://shop.example", "write https://shop.example"),
            ("https://SHOP.example", "write https://shop.example"),
            ("https://[2001:DB8:0::1]", "write https://[2001:db8::1]"),
            ("https://127.1", "write https://127.0.0.1"),
            ("https://shop.example.", "leave it out"),
            ("https://*.shop.example", "name each origin"),
            ("https://*", "name each origin"),
            ("*", "like https://shop.example"),
            ("shop.example", "like https://shop.example"),
            ("shop.example:443", "like https://shop.example"),
            ("https:shop.example", "like https://shop.example"),
            ("file:///a", "like https://shop.example"),
            ("https://", "like https://shop.example"),
            ("null", "an address of its own"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.contains(fix) && fault.contains(text), "{text}: {fault}");
        }
        let fault = read("https://user:hunter2@shop.example").unwrap_err();
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}

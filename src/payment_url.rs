//! Decides which payment links may be shown and opened.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Failure};
use crate::options::UnknownWord;

/// The environment, which decides which links are acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Environment {
    /// Development: `http:` is also allowed to private network addresses.
    Local,
    /// Banq's sandbox.
    Sandbox,
    /// The environment of real payments.
    #[default]
    Production,
}

impl Environment {
    /// Returns the word in the page's options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

impl TryFrom<String> for Environment {
    type Error = UnknownWord;

    fn try_from(word: String) -> Result<Self, UnknownWord> {
        [Self::Local, Self::Sandbox, Self::Production]
            .into_iter()
            .find(|known| known.as_str() == word)
            .ok_or(UnknownWord)
    }
}

/// A link that is safe to draw as a QR code, to put into an `href` and to open in a window.
///
/// The attack: an attacker who can make the shop answer with `javascript:…` runs a script in the shop's page, and one
/// who can make it answer with `http://` and a foreign host reads or changes the payment page on its way. So the
/// constructor is the only way to get a payment link, and it accepts only `https:` and, for development, `http:` to
/// this machine.
///
/// The link is used exactly as it was checked, that is, as the parser has read it. `https:host/x` means that host to a
/// parser without a base, but a file of the shop in an `href`; the server (`link_url.rs`) refuses such a link too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct PaymentUrl {
    href: String,
    origin: String,
}

impl From<PaymentUrl> for String {
    fn from(url: PaymentUrl) -> Self {
        url.href
    }
}

impl PaymentUrl {
    /// Checks a link. The browser's own parser decides what the link means.
    ///
    /// # Errors
    /// [`ErrorCode::LinkInvalid`] with the reason.
    pub fn parse(link: &str, environment: Environment) -> Result<Self, Failure> {
        let invalid = |why: &str| Failure::new(ErrorCode::LinkInvalid, why);
        // The parser silently drops or changes these characters.
        if link.chars().any(|sign| sign.is_whitespace() || sign.is_control() || sign == '\\') {
            return Err(invalid("the payment link contains white space or a backslash"));
        }
        let url = web_sys::Url::new(link).map_err(|_| invalid("the payment link is not an absolute URL"))?;
        let protocol = url.protocol();
        if !is_allowed(&protocol, &url.hostname(), environment) {
            return Err(invalid("the payment link must begin with https:"));
        }
        // The parser changes the case of a scheme, but not its length.
        let rest = link.get(protocol.len()..).unwrap_or_default();
        if !rest.starts_with("//") || rest.starts_with("///") {
            return Err(invalid("the payment link must begin with https:// and a host"));
        }
        let mut authority = rest.bytes().skip(2).take_while(|byte| !b"/?#".contains(byte));
        if authority.any(|byte| byte == b'@') {
            return Err(invalid("the payment link must not contain a user name"));
        }
        Ok(Self { href: url.href(), origin: url.origin() })
    }

    /// Returns the link as it was checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.href
    }

    /// Returns the link's origin, the only one whose messages are accepted.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

fn is_allowed(protocol: &str, host: &str, environment: Environment) -> bool {
    match protocol {
        "https:" => true,
        "http:" => is_loopback(host) || (environment == Environment::Local && is_private(host)),
        _ => false,
    }
}

/// Returns whether a host is this machine. The browser's parser has already converted every spelling of an IPv4 address
/// into the dotted one.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

fn is_private(host: &str) -> bool {
    host.parse().is_ok_and(|address: Ipv4Addr| address.is_private())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
impl PaymentUrl {
    /// Returns a link for tests of the state machine, which have no URL parser.
    pub(crate) fn example() -> Self {
        Self { href: "https://link.banq.com/abc".to_owned(), origin: "https://link.banq.com".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, is_allowed};

    #[test]
    fn https_is_allowed_everywhere() {
        for environment in [Environment::Local, Environment::Sandbox, Environment::Production] {
            assert!(is_allowed("https:", "link.banq.com", environment));
        }
    }

    #[test]
    fn plain_http_is_allowed_to_this_machine_only() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_allowed("http:", host, Environment::Production), "{host}");
        }
        for host in
            ["link.banq.com", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "1270.0.0.1"]
        {
            assert!(!is_allowed("http:", host, Environment::Production), "{host}");
        }
    }

    #[test]
    fn private_addresses_are_allowed_in_the_local_environment_only() {
        for host in ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.5"] {
            assert!(is_allowed("http:", host, Environment::Local), "{host}");
            assert!(!is_allowed("http:", host, Environment::Sandbox), "{host}");
        }
        for host in ["172.15.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1", "8.8.8.8"] {
            assert!(!is_allowed("http:", host, Environment::Local), "{host}");
        }
    }

    #[test]
    fn no_other_scheme_is_ever_allowed() {
        for scheme in ["javascript:", "data:", "file:", "blob:", "ftp:", "banq:", ""] {
            assert!(!is_allowed(scheme, "localhost", Environment::Local), "{scheme}");
        }
    }
}

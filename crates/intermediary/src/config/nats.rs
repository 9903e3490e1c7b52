//! The NATS server that wakes the other instances, and how it is reached.

use std::{borrow::Cow, fmt};

use percent_encoding::percent_decode_str;
use url::Url;

use super::database::is_here;
use crate::Secret;

/// Describes a valid `BANQ_NATS_URL`. The text quotes no part of the given value, which may be a piece of the password.
pub(super) const EXPECTED: &str = "nats:// or tls:// and user:password@host:port, token@host:port or host:port; \
    percent-encode everything in user, password and token that is no letter, no digit and none of -._~";
/// The problem of NATS beside SQLite.
pub(super) const WITHOUT_POSTGRES: &str = "BANQ_NATS_URL needs a PostgreSQL in BANQ_DATABASE_URL: a SQLite file has \
    one instance, and there is no other to wake; unset it";
/// The problem of a connection without TLS to another machine: the password would cross the network in clear text, and
/// so would the ids of all checkouts, by which their states can be read.
pub(super) const WITHOUT_TLS: &str = "BANQ_NATS_URL leads to another machine without TLS, which is only possible with \
    BANQ_ENVIRONMENT=local: let it start with tls:// in place of nats://";

/// A NATS server.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsConfig {
    /// `nats://host:port`, or `tls://host:port` for a connection that always uses TLS; no user and no password.
    address: Url,
    login: NatsLogin,
}

/// How an instance logs in to NATS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NatsLogin {
    /// The server asks for nothing.
    None,
    Token(Secret),
    User {
        name: String,
        password: Secret,
    },
}

impl NatsConfig {
    /// Reads `nats://user:password@host:port`, or `tls://…`. Returns `None` if it is no such address.
    pub fn parse(text: &str) -> Option<Self> {
        let mut address = Url::parse(text).ok().filter(|_| text.contains("://"))?;
        let is_bare = matches!(address.path(), "" | "/")
            && address.query().is_none()
            && address.fragment().is_none()
            && address.host_str().is_some_and(|host| !host.is_empty());
        if !is_bare || !matches!(address.scheme(), "nats" | "tls") {
            return None;
        }
        let login = match (decoded(address.username())?, address.password()) {
            (name, Some(password)) => {
                NatsLogin::User { name: name.into_owned(), password: Secret::new(decoded(password)?) }
            }
            (name, None) if name.is_empty() => NatsLogin::None,
            (token, None) => NatsLogin::Token(Secret::new(token)),
        };
        address.set_username("").ok()?;
        address.set_password(None).ok()?;
        address.set_path("");
        Some(Self { address, login })
    }

    pub(crate) fn address(&self) -> &Url {
        &self.address
    }

    pub(crate) fn login(&self) -> &NatsLogin {
        &self.login
    }

    /// Returns whether every connection uses TLS and checks the server's certificate.
    pub(crate) fn uses_tls(&self) -> bool {
        self.address.scheme() == "tls"
    }

    /// Returns whether what is sent can be read on a network.
    pub(super) fn is_plaintext(&self) -> bool {
        !self.uses_tls() && !self.address.host_str().is_some_and(is_here)
    }
}

impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsConfig").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_and_login_are_told_apart() {
        let user = |name: &str, password: &str| NatsLogin::User {
            name: name.to_owned(),
            password: Secret::new(password),
        };
        for (text, address, login) in [
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222", NatsLogin::None),
            ("nats://nats", "nats://nats", NatsLogin::None),
            ("tls://nats.shop.example/", "tls://nats.shop.example", NatsLogin::None),
            ("tls://a:b%2Fc@nats:4222", "tls://nats:4222", user("a", "b/c")),
            ("tls://a%40shop:b@nats:4222", "tls://nats:4222", user("a@shop", "b")),
            ("tls://s3cr3t@nats:4222", "tls://nats:4222", NatsLogin::Token(Secret::new("s3cr3t"))),
            ("nats://[::1]:4222", "nats://[::1]:4222", NatsLogin::None),
        ] {
            let config = NatsConfig::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((config.address.as_str(), &config.login), (address, &login), "{text}");
            assert!(!format!("{config:?}").contains("s3cr3t"));
        }
    }

    #[test]
    fn what_is_no_address_of_one_server_is_refused() {
        for text in [
            "",
            "127.0.0.1:4222",
            "nats:127.0.0.1",
            "nats://",
            "nats:///",
            "http://127.0.0.1:4222",
            "ws://127.0.0.1:4222",
            "nats://a:b/c@127.0.0.1",
            "nats://a:b?c@127.0.0.1",
            "nats://a:b#c@127.0.0.1",
            "nats://127.0.0.1:4222/stream",
            "nats://127.0.0.1:4222?tls=true",
            "nats://one,nats://two",
            "nats://one:4222,two:4222",
            "nats://%ff@127.0.0.1",
            "nats://127.0.0.1:99999",
        ] {
            assert_eq!(NatsConfig::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_other_machines_need_tls() {
        for (text, is_plaintext) in [
            ("nats://127.0.0.1", false),
            ("nats://localhost", false),
            ("nats://[::1]", false),
            ("nats://nats.shop.example", true),
            ("nats://10.0.0.2", true),
            ("tls://nats.shop.example", false),
        ] {
            assert_eq!(NatsConfig::parse(text).unwrap().is_plaintext(), is_plaintext, "{text}");
        }
    }
}

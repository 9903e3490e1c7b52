//! Which database is used, and how the server reaches it.

use std::{
    net::{IpAddr, Ipv6Addr},
    path::PathBuf,
    str::FromStr,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::Secret;

/// Where everything durable is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// One SQLite file for one instance.
    Sqlite(PathBuf),
    /// A PostgreSQL database that any number of instances share: `postgres://…`, usually with a password.
    Postgres(Secret),
}

/// Describes a valid `BANQ_DATABASE_URL`. The text quotes no part of the given value, which may be a piece of the
/// password.
pub(super) const EXPECTED: &str = "sqlite:// and the path of a file, or postgres://user:password@host/database with \
    parameters that docs/deploy.md names; percent-encode everything in user and password that is no letter, no digit \
    and none of -._~ (%2F for /, %3F for ?, %23 for #, %40 for @)";
/// The problem of a connection without TLS to another machine: the password and every order would cross the network in
/// clear text.
pub(super) const WITHOUT_TLS: &str = "BANQ_DATABASE_URL leads to another machine without TLS, which is only possible \
    with BANQ_ENVIRONMENT=local: add ?sslmode=verify-full to it, and &sslrootcert=FILE if the certificate is your own \
    authority's";

/// The parameters allowed after `?`. The driver logs unknown ones with their values.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// How the connection to the database is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// No network: a file, a local socket or loopback.
    Local,
    /// TLS to a server whose certificate is checked (`verify-full`, `verify-ca`).
    VerifiedTls,
    /// TLS without a certificate check (`require`): safe from eavesdropping, but not from impersonation.
    UnverifiedTls,
    /// Clear text, or TLS only if the server offers it (`disable`, `allow`, `prefer`, or no `sslmode`).
    Plaintext,
}

impl Database {
    /// Reads `sqlite:///var/lib/shop.sqlite`, `sqlite://shop.sqlite` or a PostgreSQL URL. Refuses SQLite in memory,
    /// which would lose a webhook that was answered with 200.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        match path {
            Some(path) => {
                (!path.is_empty() && !path.contains([':', '?'])).then(|| Self::Sqlite(PathBuf::from(path)))
            }
            None => {
                let url = Secret::new(text);
                postgres(&url).is_some().then_some(Self::Postgres(url))
            }
        }
    }

    /// Returns whether [`Database::parse`] accepts this value, which may have been made in code.
    pub(super) fn is_understood(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(url) => postgres(url).is_some(),
        }
    }

    /// Returns the scheme and the place, for people: no user, no password and no parameter.
    pub(crate) fn place(&self) -> String {
        let url = match self {
            Self::Sqlite(path) => return format!("sqlite://{}", path.display()),
            Self::Postgres(url) => url,
        };
        let Some(options) = postgres(url) else { return "postgres://".to_owned() };
        let database = options.get_database().unwrap_or_default();
        match options.get_socket() {
            Some(socket) => format!("postgres:///{database} at the socket {}", socket.display()),
            None => format!("postgres://{}:{}/{database}", options.get_host(), options.get_port()),
        }
    }

    /// Returns how the connection is protected. libpq's variables (`PGSSLMODE`, …) count, as they do when the database
    /// is opened.
    pub(crate) fn transport(&self) -> Transport {
        let url = match self {
            Self::Sqlite(_) => return Transport::Local,
            Self::Postgres(url) => url,
        };
        // The server does not start with an unreadable URL.
        let Some(options) = postgres(url) else { return Transport::Plaintext };
        if options.get_socket().is_some() || is_here(options.get_host()) {
            return Transport::Local;
        }
        match options.get_ssl_mode() {
            PgSslMode::VerifyFull | PgSslMode::VerifyCa => Transport::VerifiedTls,
            PgSslMode::Require => Transport::UnverifiedTls,
            PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => Transport::Plaintext,
        }
    }
}

/// Reads `postgres://user:password@host/database` with the [`PARAMETERS`] after `?`. Only a fully understood URL
/// reaches the driver.
pub(crate) fn postgres(url: &Secret) -> Option<PgConnectOptions> {
    is_plain(url.expose()).then(|| PgConnectOptions::from_str(url.expose()).ok()).flatten()
}

/// Returns whether every separator is meant as one: an unencoded `/`, `?`, `#` or `@` in a password would move parts of
/// it into fields that errors and logs show.
fn is_plain(text: &str) -> bool {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    let Some(rest) = rest.filter(|rest| is_encoded(rest)) else { return false };
    let (location, query) =
        rest.split_once('?').map_or((rest, None), |(location, query)| (location, Some(query)));
    let (authority, database) = location.split_once('/').unwrap_or((location, ""));
    let (login, address) = authority.split_once('@').unwrap_or(("", authority));
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (address, None),
    };
    let is_host = |host: &str| match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.contains(['@', ':', '[', ']']),
    };
    login.split(':').count() <= 2
        && !login.contains(['[', ']'])
        && is_host(host)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && !database.contains(['/', '@', ':'])
        && query.is_none_or(|query| query.split('&').all(is_parameter))
}

fn is_parameter(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let is_option = || name.strip_prefix("options[").is_some_and(|name| name.ends_with(']'));
    (PARAMETERS.contains(&name) || is_option()) && !value.contains(['?', '@'])
}

fn is_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => is_hex(at + 1) && is_hex(at + 2),
        byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?[]".contains(byte),
    })
}

/// Returns whether the host is this machine. A path is the folder of a socket.
pub(super) fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || host.starts_with('/') || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_here_or_reached_safely_or_not() {
        for (url, transport) in [
            ("sqlite://a.sqlite", Transport::Local),
            ("postgres://u:p@localhost/a", Transport::Local),
            ("postgres://u:p@127.0.0.1:5433/a?sslmode=disable", Transport::Local),
            ("postgres://u:p@[::1]/a", Transport::Local),
            ("postgres://u@%2Fvar%2Frun%2Fpostgresql/a", Transport::Local),
            ("postgres:///a?user=u&host=/var/run/postgresql", Transport::Local),
            ("postgres://u:p@db.example/a?sslmode=verify-full", Transport::VerifiedTls),
            ("postgres://u:p@db.example/a?sslmode=verify-ca&sslrootcert=/etc/ca.pem", Transport::VerifiedTls),
            ("postgres://u:p@10.0.0.7/a?sslmode=require", Transport::UnverifiedTls),
            ("postgres://u:p@10.0.0.7/a", Transport::Plaintext),
            ("postgres://u:p@localhost.example/a", Transport::Plaintext),
            ("postgres://u:p@localhost/a?host=db.example", Transport::Plaintext),
            ("postgres://u:p@db.example/a?sslmode=prefer", Transport::Plaintext),
            ("postgresql://u:p@db.example/a?sslmode=disable", Transport::Plaintext),
        ] {
            assert_eq!(Database::parse(url).unwrap().transport(), transport, "{url}");
        }
    }

    #[test]
    fn place_of_a_database_holds_no_secret() {
        for (url, place) in [
            ("sqlite:///var/lib/a.sqlite", "sqlite:///var/lib/a.sqlite"),
            ("postgres://u:hunter2@db.example/a?sslmode=require", "postgres://db.example:5432/a"),
            ("postgres://u@h.example:6/a?password=hunter2", "postgres://h.example:6/a"),
            ("postgres:///a?user=u&host=/run/pg", "postgres:///a at the socket /run/pg"),
        ] {
            assert_eq!(Database::parse(url).unwrap().place(), place, "{url}");
        }
    }

    #[test]
    fn a_url_with_a_separator_in_its_password_is_refused() {
        for url in [
            "postgres://shop:12/hunter3@db.example/shop",
            "postgres://shop:12/hunter3@db.example",
            "postgres://shop:hunter/3@db.example/shop",
            "postgres://shop:12?hunter3@db.example/shop",
            "postgres://shop:12?hunter3",
            "postgres://shop:12?user=hunter3@db.example/shop",
            "postgres://shop:12#hunter3@db.example/shop",
            "postgres://shop:hunter@3@db.example/shop",
            "postgres://shop:hunter:3@db.example/shop",
            "postgres://shop:hunter%3@db.example/shop",
            "postgres://shop:hunter 3@db.example/shop",
            "postgres://shop:hünter3@db.example/shop",
            "postgres://shop:[hunter3]@db.example/shop",
            "postgres://shop@db.example/shop?sslpassword=hunter3",
            "postgres://shop@db.example/shop?sslmode=verify-full&hunter3",
            "postgres://shop@db.example/shop?sslmode=hunter3",
            "postgres://shop@db.example:hunter3/shop",
            "postgres://shop@db.example/shop/hunter3",
            "postgres://shop@db.example/shop?user=a?hunter3",
        ] {
            assert_eq!(Database::parse(url), None, "{url}");
        }
        for url in [
            "postgres://shop:12%2Fhunter%3F3%23%40%3A@db.example:5432/shop?sslmode=verify-full",
            "postgresql://shop:!$&'()*+,;=-._~@[2001:db8::1]:5432/shop",
            "postgres://shop@db.example/shop?options=-c%20search_path%3Dshop&application_name=shop",
            "postgres://db.example",
        ] {
            assert!(Database::parse(url).is_some(), "{url}");
        }
    }
}

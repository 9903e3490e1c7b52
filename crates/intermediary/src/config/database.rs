//! Where everything durable is, and how it is reached.

use std::{net::IpAddr, path::PathBuf, str::FromStr};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::secret::Secret;

/// Where everything durable is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// One SQLite file for one instance.
    Sqlite(PathBuf),
    /// A PostgreSQL that any number of instances share: `postgres://…`, which mostly holds a password.
    Postgres(Secret),
}

/// What is between the server and its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// No network: a file, a socket of this machine or its loopback.
    Here,
    /// TLS to a server whose certificate is checked (`verify-full`, `verify-ca`).
    Verified,
    /// TLS to whoever answers (`require`): nobody can listen, but somebody in between can pretend.
    Unverified,
    /// In clear text, or as the server likes it (`disable`, `allow`, `prefer`, or no `sslmode`).
    Open,
}

impl Database {
    /// `sqlite:///var/lib/banq.sqlite` or `sqlite://banq.sqlite`; not in memory, which would forget a webhook that
    /// was answered with 200. Or what PostgreSQL's own programs take.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        match path {
            Some(path) => {
                (!path.is_empty() && !path.contains([':', '?'])).then(|| Self::Sqlite(PathBuf::from(path)))
            }
            None => postgres(text).map(|_| Self::Postgres(Secret::new(text))),
        }
    }

    /// How it is reached. What libpq's variables say (`PGSSLMODE`, …) counts as it does when it is opened.
    pub(crate) fn way(&self) -> Way {
        let url = match self {
            Self::Sqlite(_) => return Way::Here,
            Self::Postgres(url) => url,
        };
        // What is not read does not start either.
        let Some(options) = postgres(url.expose()) else { return Way::Open };
        if options.get_socket().is_some() || is_here(options.get_host()) {
            return Way::Here;
        }
        match options.get_ssl_mode() {
            PgSslMode::VerifyFull | PgSslMode::VerifyCa => Way::Verified,
            PgSslMode::Require => Way::Unverified,
            PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => Way::Open,
        }
    }
}

/// `postgres://user:password@host/database`, with whatever libpq's names allow behind a `?`.
fn postgres(text: &str) -> Option<PgConnectOptions> {
    let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    is_postgres.then(|| PgConnectOptions::from_str(text).ok()).flatten()
}

/// A folder is a socket's.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || host.starts_with('/') || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_here_or_reached_safely_or_not() {
        for (url, way) in [
            ("sqlite://a.sqlite", Way::Here),
            ("postgres://u:p@localhost/a", Way::Here),
            ("postgres://u:p@127.0.0.1:5433/a?sslmode=disable", Way::Here),
            ("postgres://u:p@[::1]/a", Way::Here),
            ("postgres://u@%2Fvar%2Frun%2Fpostgresql/a", Way::Here),
            ("postgres:///a?user=u&host=/var/run/postgresql", Way::Here),
            ("postgres://u:p@db.example/a?sslmode=verify-full", Way::Verified),
            ("postgres://u:p@db.example/a?sslmode=verify-ca&sslrootcert=/etc/ca.pem", Way::Verified),
            ("postgres://u:p@10.0.0.7/a?sslmode=require", Way::Unverified),
            ("postgres://u:p@10.0.0.7/a", Way::Open),
            ("postgres://u:p@localhost.example/a", Way::Open),
            ("postgres://u:p@localhost/a?host=db.example", Way::Open),
            ("postgres://u:p@db.example/a?sslmode=prefer", Way::Open),
            ("postgresql://u:p@db.example/a?sslmode=disable", Way::Open),
        ] {
            assert_eq!(Database::parse(url).unwrap().way(), way, "{url}");
        }
    }
}

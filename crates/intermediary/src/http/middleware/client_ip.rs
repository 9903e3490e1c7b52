//! Finds the client's address, as far as the proxies in between are trusted.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use crate::{
    config::{Config, Limits},
    http::serve::ConnectionPermit,
};

/// Each proxy appends the address of its own client.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The maximum number of entries read; no real chain of proxies is longer.
const LONGEST_CHAIN: usize = 16;

/// The address under which the client is counted. `None` if the host program does not provide addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl Client {
    /// Walks back along the trusted proxies to the first address that is not one of them.
    ///
    /// Anyone can send the header. Trusted from a stranger, it would let an attacker use a new address for every
    /// request, or another client's address.
    pub(crate) fn of(peer: Option<IpAddr>, headers: &HeaderMap, limits: &Limits) -> Self {
        let Some(mut address) = peer.map(|peer| peer.to_canonical()) else { return Self(None) };
        let values = headers.get_all(FORWARDED).into_iter().rev();
        let entries = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for entry in entries.take(LONGEST_CHAIN) {
            if !limits.trusts(address) {
                break;
            }
            // A trusted proxy writes an address; anything else was sent by its client.
            let Some(next) = read(entry.trim()) else { break };
            address = next;
        }
        Self(Some(address))
    }

    /// Returns whether the request was made on this machine and for it, not through a proxy that runs here too. A proxy
    /// that adds no header still forwards the public host name.
    pub(crate) fn is_local(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let from_here = peer.is_some_and(|peer| peer.to_canonical().is_loopback());
        let forwarded = headers.keys().any(|name| is_proxys(name.as_str()));
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        from_here && !forwarded && host.is_some_and(is_loopback)
    }
}

/// Returns whether a header is one that proxies add.
fn is_proxys(name: &str) -> bool {
    const NAMES: [&str; 6] =
        ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "x-original-forwarded-for"];
    NAMES.contains(&name)
        || ["x-forwarded", "x-envoy-", "cf-", "x-amzn-", "x-azure-"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// Returns whether a `Host` names this machine: `127.0.0.1:8080`, `[::1]`, `localhost`.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

impl<S> FromRequestParts<S> for Client
where
    Arc<Config>: FromRef<S>,
    S: Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(peer(parts), &parts.headers, &Arc::<Config>::from_ref(state).limits))
    }
}

/// The permit of the request's connection. `None` if the host program serves its own connections.
pub(crate) struct HeldPermit(pub(crate) Option<Arc<ConnectionPermit>>);

impl<S: Sync> FromRequestParts<S> for HeldPermit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.remove()))
    }
}

/// Reads `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::1` or `[2001:db8::1]:1234`.
fn read(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let limits = Limits {
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
            ..Limits::of(Environment::Production)
        };
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().unwrap());
        }
        Client::of(Some(peer.parse().unwrap()), &headers, &limits).0.unwrap().to_string()
    }

    #[test]
    fn the_header_is_believed_as_far_as_our_own_proxies_wrote_it() {
        assert_eq!(client("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["203.0.113.7, 10.1.1.1"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["6.6.6.6, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["6.6.6.6", "203.0.113.7, 10.1.1.1"]), "203.0.113.7");
        assert_eq!(client("::ffff:127.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(client("127.0.0.1", &["203.0.113.7:5555"]), "203.0.113.7");
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client("203.0.113.7", &["6.6.6.6"]), "203.0.113.7");
        assert_eq!(client("203.0.113.7", &["127.0.0.1"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["203.0.113.7, nonsense"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        let chain = vec!["10.0.0.1"; 10_000].join(",");
        assert_eq!(client("127.0.0.1", &[&format!("6.6.6.6,{chain}")]), "10.0.0.1");
    }

    #[test]
    fn only_a_request_made_here_and_for_here_is_local() {
        let is_local = |peer: &str, headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| {
                (HeaderName::from_static(name), value.parse::<axum::http::HeaderValue>().unwrap())
            });
            Client::is_local(Some(peer.parse().unwrap()), &headers.collect())
        };
        for (peer, host) in [
            ("127.0.0.1", "127.0.0.1:8080"),
            ("::1", "[::1]:8080"),
            ("::ffff:127.0.0.1", "LocalHost"),
            ("::1", "[::1]"),
        ] {
            assert!(is_local(peer, &[("host", host)]), "{peer} {host}");
        }
        for peer in
            ["10.0.0.7", "192.168.1.2", "172.17.0.1", "169.254.1.1", "fd00::1", "fe80::1", "203.0.113.7"]
        {
            assert!(!is_local(peer, &[("host", "127.0.0.1:8080")]), "{peer}");
        }
        for host in
            ["pay.shop.example", "pay.shop.example:443", "10.0.0.7:8080", "127.0.0.1.evil.example", ""]
        {
            assert!(!is_local("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(!is_local("127.0.0.1", &[]));
        for name in ["x-forwarded-for", "x-forwarded-proto", "forwarded", "via", "x-real-ip", "cf-ray"] {
            assert!(!is_local("127.0.0.1", &[("host", "127.0.0.1"), (name, "127.0.0.1")]), "{name}");
        }
    }
}

//! Whose request this is: the client's address, as far as it can be believed.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderName, request::Parts},
};

use crate::{app::App, config::Limits};

/// Each proxy appends the address that it was asked from.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many entries of that header are looked at; more are nobody's chain of proxies.
const LONGEST_CHAIN: usize = 16;

/// The client that is counted. `None` where the host program does not tell its connections' addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl Client {
    /// Goes back along the proxies that are ours, to the first address that none of them vouches for.
    ///
    /// Anyone can send the header. Believed from a stranger, it would give an attacker a new address with
    /// every request, or somebody else's.
    pub(crate) fn of(peer: Option<IpAddr>, headers: &HeaderMap, limits: &Limits) -> Self {
        let Some(mut address) = peer.map(|peer| peer.to_canonical()) else { return Self(None) };
        let values = headers.get_all(FORWARDED).into_iter().rev();
        let entries = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for entry in entries.take(LONGEST_CHAIN) {
            if !limits.trusts(address) {
                break;
            }
            // What our own proxy wrote is an address; anything else was there before it.
            let Some(next) = read(entry.trim()) else { break };
            address = next;
        }
        Self(Some(address))
    }

    /// Whether the request comes from this machine or its private network, and not through a proxy.
    pub(crate) fn is_neighbour(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let near = match peer.map(|peer| peer.to_canonical()) {
            Some(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
            Some(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
            None => false,
        };
        near && !headers.contains_key(FORWARDED) && !headers.contains_key("forwarded")
    }
}

/// What is counted as one: an IPv4 address, or the /64 that one IPv6 customer has to himself.
pub(crate) fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

/// The address at the other end of the connection.
pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::of(peer(parts), &parts.headers, &app.config.limits))
    }
}

/// `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::1` or `[2001:db8::1]:1234`.
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
    fn an_ipv6_customer_is_one_client() {
        let counted = |text: &str| counted_as(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), counted("2001:db8:1:2:ffff::1"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:203.0.113.7"), "203.0.113.7");
    }
}

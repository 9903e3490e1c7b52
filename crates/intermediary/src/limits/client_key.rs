//! The key under which limits count a client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns the address under which a client is counted: the IPv4 address, or the /64 network of the IPv6 address.
pub(crate) fn client_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

/// Returns the wider network under which an address is counted when there are too many: a /24, or the /48 of one site.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() >> 8 << 8)),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 80 << 80)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_wider_than_what_counts_as_one() {
        let wide = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(
            (wide("203.0.113.7"), wide("::ffff:203.0.113.9")),
            ("203.0.113.0".into(), "203.0.113.0".into())
        );
        assert_eq!(wide("2001:db8:1:2::1"), wide("2001:db8:1:ffff::1"));
        assert_ne!(wide("2001:db8:1::1"), wide("2001:db8:2::1"));
    }

    #[test]
    fn an_ipv6_customer_is_one_client() {
        let counted = |text: &str| client_key(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), counted("2001:db8:1:2:ffff::1"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:203.0.113.7"), "203.0.113.7");
    }
}

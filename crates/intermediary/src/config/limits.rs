//! Limits per client and in total. At a limit a newcomer replaces one of the client with most, or waits; no resource
//! grows without bound.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use ipnet::IpNet;

use super::Environment;

/// Limits. Those per address count the client's own address, taken from `X-Forwarded-For` only behind trusted proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `BANQ_MAX_CONNECTIONS`: connections in total, not counting streams and long polls.
    pub connections: usize,
    /// `BANQ_MAX_CONNECTIONS_PER_ADDRESS`: connections of one address, except trusted proxies.
    pub connections_per_address: usize,
    /// `BANQ_MAX_STREAMS`: streams and long polls in total.
    pub streams: usize,
    /// `BANQ_MAX_STREAMS_PER_ADDRESS`: streams and long polls of one address.
    pub streams_per_address: usize,
    /// `BANQ_MAX_STREAMS_PER_CHECKOUT`: streams and long polls of one checkout.
    pub streams_per_checkout: usize,
    /// `BANQ_IDLE_TIMEOUT_SECONDS`: how long a connection may be idle between two requests.
    pub idle_timeout: Duration,
    /// `BANQ_LINKS_PER_MINUTE`: link requests of one address per minute; `None` for no limit.
    pub links_per_minute: Option<NonZeroU32>,
    /// `BANQ_TRUSTED_PROXIES`: the proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
}

impl Limits {
    /// Returns the defaults. In `local` every client has the same address, so there is no limit per address.
    pub fn of(environment: Environment) -> Self {
        let everywhere = Self {
            connections: 4_000,
            connections_per_address: 256,
            streams: 10_000,
            streams_per_address: 100,
            streams_per_checkout: 8,
            idle_timeout: Duration::from_secs(75),
            links_per_minute: NonZeroU32::new(60),
            trusted_proxies: Vec::new(),
        };
        match environment {
            Environment::Local => Self {
                connections_per_address: usize::MAX,
                streams_per_address: usize::MAX,
                links_per_minute: None,
                ..everywhere
            },
            Environment::Sandbox | Environment::Production => everywhere,
        }
    }

    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical()))
    }
}

/// Reads networks separated by commas: `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    let one = |part: &str| part.parse().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
    text.split(',').map(|part| one(part.trim())).collect()
}

//! How much one client, and all together, may take. Newcomers take the place of those who have most, or wait; nothing
//! grows without a bound.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use ipnet::IpNet;

use super::Environment;

/// Limits. Those per address are for the client's own address, as far as it can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `BANQ_MAX_CONNECTIONS`: connections in all, beside the streams and long polls.
    pub connections: usize,
    /// `BANQ_MAX_CONNECTIONS_PER_ADDRESS`: connections of one address, trusted proxies excepted.
    pub connections_per_address: usize,
    /// `BANQ_MAX_STREAMS`: streams and long polls in all.
    pub streams: usize,
    /// `BANQ_MAX_STREAMS_PER_ADDRESS`: streams and long polls of one address.
    pub streams_per_address: usize,
    /// `BANQ_MAX_STREAMS_PER_CHECKOUT`: streams and long polls of one checkout.
    pub streams_per_checkout: usize,
    /// `BANQ_IDLE_TIMEOUT_SECONDS`: how long a connection may lie idle between two requests.
    pub idle_timeout: Duration,
    /// `BANQ_LINKS_PER_MINUTE`: requests for a link from one address; `None` for any number.
    pub links_per_minute: Option<NonZeroU32>,
    /// `BANQ_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Limits {
    /// What holds unless told otherwise. In `local` everything comes from one machine, so there is no limit
    /// per address.
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

    /// Whether this neighbour is a proxy of ours.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical()))
    }
}

/// `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`, separated by commas.
pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    let one = |part: &str| part.parse().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
    text.split(',').map(|part| one(part.trim())).collect()
}

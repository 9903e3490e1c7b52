//! Limits how often one address may request a link.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::limits::client_key::{client_key, network_of};

/// The number of addresses that are tracked. When all are in use, newcomers are counted by their networks.
const ADDRESSES: usize = 20_000;

/// The number of slots for networks. Networks in one slot share a rate, so that a slot always exists.
const NETWORKS: usize = 16_384;

/// The minimum time between two searches for addresses that can be dropped.
const SWEEP: Duration = Duration::from_secs(1);

/// The client asks too often; the time until its next request is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded(pub(crate) Duration);

/// A steady rate with room for a burst of a quarter of a minute's requests (the generic cell rate algorithm: one time
/// per address).
pub(crate) struct RateLimiter {
    /// The time between two requests at the steady rate.
    step: Duration,
    /// How far ahead of the steady rate an address may be.
    burst: Duration,
    known: Mutex<Known>,
}

/// The theoretical arrival time (`tat`) of each address and network.
#[derive(Default)]
struct Known {
    addresses: HashMap<IpAddr, Instant>,
    /// Allocated on first use.
    networks: Vec<Option<Instant>>,
    /// Randomly keyed, so that a client cannot choose networks that share a slot.
    hasher: RandomState,
    swept: Option<Instant>,
}

impl RateLimiter {
    pub(crate) fn new(per_minute: NonZeroU32) -> Self {
        let step = Duration::from_secs(60) / per_minute.get();
        Self { step, burst: step * (per_minute.get() / 4), known: Mutex::default() }
    }

    /// Counts a request that arrived at `now`.
    ///
    /// # Errors
    /// [`Exceeded`]
    pub(crate) fn check(&self, address: IpAddr, now: Instant) -> Result<(), Exceeded> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let tat = known.tat(address, now);
        let ahead = tat.saturating_duration_since(now);
        if ahead > self.burst {
            return Err(Exceeded(ahead - self.burst));
        }
        *tat = now + ahead + self.step;
        Ok(())
    }
}

impl Known {
    fn tat(&mut self, address: IpAddr, now: Instant) -> &mut Instant {
        let counted = client_key(address);
        if self.addresses.len() >= ADDRESSES && !self.addresses.contains_key(&counted) {
            self.sweep(now);
            if self.addresses.len() >= ADDRESSES {
                return self.network(address).get_or_insert(now);
            }
        }
        self.addresses.entry(counted).or_insert(now)
    }

    /// Drops addresses that are back at the steady rate. Runs at most once per [`SWEEP`], because under an attack it
    /// would walk all addresses on each request.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_none_or(|swept| now.saturating_duration_since(swept) >= SWEEP) {
            self.swept = Some(now);
            self.addresses.retain(|_, tat| *tat > now);
        }
    }

    fn network(&mut self, address: IpAddr) -> &mut Option<Instant> {
        self.networks.resize(NETWORKS, None);
        let number = self.hasher.hash_one(network_of(address)) as usize % NETWORKS;
        &mut self.networks[number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_burst_passes_and_then_the_steady_rate() {
        let rate = RateLimiter::new(NonZeroU32::new(60).unwrap());
        let now = Instant::now();
        let admitted = (0..100).filter(|_| rate.check(address(1), now).is_ok()).count();
        assert_eq!(admitted, 16);
        assert!(matches!(rate.check(address(1), now), Err(Exceeded(wait)) if wait <= rate.step));
        assert!(rate.check(address(2), now).is_ok());
        let later = now + Duration::from_secs(10);
        assert_eq!((0..100).filter(|_| rate.check(address(1), later).is_ok()).count(), 10);
    }

    #[test]
    fn one_a_minute_is_one_a_minute() {
        let rate = RateLimiter::new(NonZeroU32::new(1).unwrap());
        let now = Instant::now();
        assert!(rate.check(address(1), now).is_ok());
        assert!(rate.check(address(1), now + Duration::from_secs(59)).is_err());
        assert!(rate.check(address(1), now + Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_quiet_are_forgotten() {
        let rate = RateLimiter::new(NonZeroU32::new(60).unwrap());
        let now = Instant::now();
        for number in 0..30_000 {
            let _ = rate.check(address(number), now);
        }
        assert_eq!(rate.known.lock().unwrap().addresses.len(), ADDRESSES);
        assert!(rate.check(address(0), now).is_ok());
        assert!(rate.check(address(29_999), now).is_err());
        assert!(rate.check(address(29_999), now + Duration::from_secs(3)).is_ok());
        assert_eq!(rate.known.lock().unwrap().addresses.len(), 1);
    }

    #[test]
    fn full_table_counts_newcomers_by_network() {
        let rate = RateLimiter::new(NonZeroU32::new(60).unwrap());
        let now = Instant::now();
        // The attack: a customer of a large provider has many IPv6 networks.
        for number in 0..u32::try_from(ADDRESSES).unwrap() {
            let bits = (0x2001_0db8_u128 << 96) | (u128::from(number) << 64);
            rate.check(IpAddr::from(bits.to_be_bytes()), now).unwrap();
        }
        let admitted = |network: u8| {
            (0..=255).filter(|last| rate.check(IpAddr::from([203, 0, network, *last]), now).is_ok()).count()
        };
        assert_eq!((admitted(1), admitted(2)), (16, 16));
        // Of a hundred other newcomers, hardly any shares a slot with those two.
        let others =
            (1..=100).filter(|first| rate.check(IpAddr::from([*first, 9, 9, 9]), now).is_ok()).count();
        assert!(others >= 95, "{others}");
    }
}

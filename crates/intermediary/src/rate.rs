//! How often one address may ask for a link.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{client::counted_as, error::Error};

/// How many addresses are remembered. One that asked longer ago than its limit reaches back is forgotten
/// first; when so many are busy at once, this is an attack, and newcomers wait.
const ADDRESSES: usize = 20_000;

/// A steady rate with room for a burst of a quarter minute's requests (the "generic cell rate algorithm": one
/// time per address says all).
pub(crate) struct Rate {
    /// Between two requests at the steady rate.
    step: Duration,
    /// How far ahead of it an address may be.
    burst: Duration,
    /// When each address would be back at the steady rate.
    even_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl Rate {
    pub(crate) fn new(per_minute: NonZeroU32) -> Self {
        let step = Duration::from_secs(60) / per_minute.get();
        Self { step, burst: step * (per_minute.get() / 4), even_at: Mutex::default() }
    }

    /// Counts a request that came at `now`.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] with the time to wait.
    pub(crate) fn admit(&self, address: IpAddr, now: Instant) -> Result<(), Error> {
        let address = counted_as(address);
        let mut known = self.even_at.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ADDRESSES && !known.contains_key(&address) {
            known.retain(|_, even_at| *even_at > now);
            if known.len() >= ADDRESSES {
                return Err(Error::TooManyRequests(self.step));
            }
        }
        let even_at = known.entry(address).or_insert(now);
        let ahead = even_at.saturating_duration_since(now);
        if ahead > self.burst {
            return Err(Error::TooManyRequests(ahead - self.burst));
        }
        *even_at = now + ahead + self.step;
        Ok(())
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
        let rate = Rate::new(NonZeroU32::new(60).unwrap());
        let now = Instant::now();
        let admitted = (0..100).filter(|_| rate.admit(address(1), now).is_ok()).count();
        assert_eq!(admitted, 16);
        assert!(
            matches!(rate.admit(address(1), now), Err(Error::TooManyRequests(wait)) if wait <= rate.step)
        );
        assert!(rate.admit(address(2), now).is_ok());
        let later = now + Duration::from_secs(10);
        assert_eq!((0..100).filter(|_| rate.admit(address(1), later).is_ok()).count(), 10);
    }

    #[test]
    fn one_a_minute_is_one_a_minute() {
        let rate = Rate::new(NonZeroU32::new(1).unwrap());
        let now = Instant::now();
        assert!(rate.admit(address(1), now).is_ok());
        assert!(rate.admit(address(1), now + Duration::from_secs(59)).is_err());
        assert!(rate.admit(address(1), now + Duration::from_secs(60)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_quiet_are_forgotten() {
        let rate = Rate::new(NonZeroU32::new(60).unwrap());
        let now = Instant::now();
        for number in 0..30_000 {
            let _ = rate.admit(address(number), now);
        }
        assert_eq!(rate.even_at.lock().unwrap().len(), ADDRESSES);
        assert!(rate.admit(address(0), now).is_ok());
        assert!(rate.admit(address(29_999), now).is_err());
        assert!(rate.admit(address(29_999), now + Duration::from_secs(3)).is_ok());
        assert_eq!(rate.even_at.lock().unwrap().len(), 1);
    }
}

//! How many are here, in all and from each address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::client::counted_as;

/// Counts whoever is here. Its memory is bounded by the limit in all.
pub(crate) struct Census {
    limit: usize,
    limit_per_address: usize,
    present: Mutex<Present>,
}

#[derive(Default)]
struct Present {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// For nobody.
    House,
    /// For this address.
    Address,
}

/// A place; dropping it gives it back.
#[must_use = "dropping the place gives it back"]
pub(crate) struct Place {
    census: Arc<Census>,
    address: Option<IpAddr>,
}

impl Census {
    pub(crate) fn new(limit: usize, limit_per_address: usize) -> Arc<Self> {
        Arc::new(Self { limit, limit_per_address, present: Mutex::default() })
    }

    /// Takes a place; without an address only the limit in all counts.
    pub(crate) fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Place, Full> {
        // Without a limit per address there is nothing to remember of them.
        let address = address.filter(|_| self.limit_per_address < self.limit).map(counted_as);
        let mut present = self.present();
        if present.total >= self.limit {
            return Err(Full::House);
        }
        if let Some(address) = address {
            let count = present.by_address.entry(address).or_default();
            if *count >= self.limit_per_address {
                return Err(Full::Address);
            }
            *count += 1;
        }
        present.total += 1;
        Ok(Place { census: Arc::clone(self), address })
    }

    /// How many are here.
    pub(crate) fn total(&self) -> usize {
        self.present().total
    }

    /// Whole after every statement, so a panic elsewhere can't have left it in pieces. Held for no I/O.
    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut present = self.census.present();
        present.total -= 1;
        if let Some(address) = self.address
            && let Some(count) = present.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                present.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn each_limit_holds_and_places_are_given_back() {
        let census = Census::new(3, 2);
        let first = census.enter(address(1)).unwrap();
        let _second = census.enter(address(1)).unwrap();
        assert_eq!(census.enter(address(1)).err(), Some(Full::Address));
        let _third = census.enter(address(2)).unwrap();
        assert_eq!(census.enter(None).err(), Some(Full::House));
        drop(first);
        assert_eq!(census.total(), 2);
        assert!(census.enter(address(1)).is_ok());
    }

    #[test]
    fn nothing_is_kept_of_who_left() {
        let census = Census::new(10, 2);
        drop(census.enter(address(1)).unwrap());
        // A refusal leaves nothing behind either.
        let _full = (census.enter(address(2)), census.enter(address(2)), census.enter(address(2)).err());
        assert_eq!(census.present().by_address.len(), 1);
    }
}

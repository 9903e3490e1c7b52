//! Members in order of arrival, grouped by address: finds the oldest of one address, and of the address with most
//! members.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
};

use crate::limits::client_key::client_key;

/// Members that are counted together. `None`: those without a known address, and those of trusted proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Group(Option<IpAddr>);

impl Group {
    /// Returns the group of an address: the address itself, or the /64 of an IPv6 customer.
    pub(crate) fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(client_key))
    }

    /// Returns whether the members share one address.
    pub(crate) fn is_known(self) -> bool {
        self.0.is_some()
    }
}

/// Every operation takes logarithmic time: at the limit, every connect searches thousands of members.
pub(crate) struct EvictionQueue<T> {
    members: BTreeMap<(Group, u64), T>,
    groups: HashMap<Group, Size>,
    /// Ordered so that the group which is evicted first is last.
    by_size: BTreeSet<(Size, Group)>,
}

/// Known addresses sort above unknown ones: the many members of a proxy are not one client's. Among equals, the group
/// with the older member sorts above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Size {
    is_known: bool,
    count: usize,
    oldest: Reverse<u64>,
}

impl<T> EvictionQueue<T> {
    pub(crate) fn new() -> Self {
        Self { members: BTreeMap::new(), groups: HashMap::new(), by_size: BTreeSet::new() }
    }

    /// Adds a member; a larger number is a later arrival.
    pub(crate) fn add(&mut self, group: Group, number: u64, member: T) {
        if self.members.insert((group, number), member).is_none() {
            self.resize(group, self.size_of(group) + 1);
        }
    }

    /// Removes a member; returns `None` if it already left.
    pub(crate) fn remove(&mut self, group: Group, number: u64) -> Option<T> {
        let member = self.members.remove(&(group, number))?;
        self.resize(group, self.size_of(group) - 1);
        Some(member)
    }

    pub(crate) fn remove_oldest_of(&mut self, group: Group) -> Option<T> {
        self.remove(group, self.oldest_of(group)?)
    }

    pub(crate) fn largest(&self) -> Option<Group> {
        self.by_size.last().map(|(_, group)| *group)
    }

    pub(crate) fn size_of(&self, group: Group) -> usize {
        self.groups.get(&group).map_or(0, |size| size.count)
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    fn oldest_of(&self, group: Group) -> Option<u64> {
        self.members.range((group, 0)..=(group, u64::MAX)).next().map(|((_, number), _)| *number)
    }

    fn resize(&mut self, group: Group, count: usize) {
        if let Some(before) = self.groups.remove(&group) {
            self.by_size.remove(&(before, group));
        }
        if let Some(oldest) = self.oldest_of(group) {
            let size = Size { is_known: group.is_known(), count, oldest: Reverse(oldest) };
            self.groups.insert(group, size);
            self.by_size.insert((size, group));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(last: u8) -> Group {
        Group::of(Some(IpAddr::from([203, 0, 113, last])))
    }

    #[test]
    fn the_oldest_of_an_address_and_of_the_largest_are_found() {
        let mut queue = EvictionQueue::new();
        for (number, last) in [(1, 1), (2, 2), (3, 2), (4, 1), (5, 2)] {
            queue.add(group(last), number, number);
        }
        assert_eq!((queue.largest(), queue.size_of(group(2)), queue.len()), (Some(group(2)), 3, 5));
        assert_eq!(queue.remove_oldest_of(group(2)), Some(2));
        assert_eq!(queue.remove(group(2), 5), Some(5));
        assert_eq!((queue.remove(group(2), 5), queue.largest()), (None, Some(group(1))));
        assert_eq!(queue.remove_oldest_of(group(1)), Some(1));
        assert_eq!(queue.remove_oldest_of(group(9)), None);
    }

    #[test]
    fn a_known_address_gives_way_before_a_proxy() {
        let (mut queue, proxy) = (EvictionQueue::new(), Group::of(None));
        (0..9).for_each(|number| queue.add(proxy, number, ()));
        assert_eq!(queue.largest(), Some(proxy));
        queue.add(group(1), 9, ());
        assert_eq!(queue.largest(), Some(group(1)));
    }

    #[test]
    fn among_equals_the_address_with_the_oldest_member_is_largest() {
        let mut queue = EvictionQueue::new();
        for (number, last) in [(1, 2), (2, 9), (3, 1)] {
            queue.add(group(last), number, number);
        }
        for oldest in 1..=3 {
            let largest = queue.largest().unwrap();
            assert_eq!(queue.remove_oldest_of(largest), Some(oldest));
        }
    }

    #[test]
    fn nothing_is_kept_of_members_that_left() {
        let mut queue = EvictionQueue::new();
        queue.add(group(1), 1, ());
        queue.remove(group(1), 1);
        assert_eq!((queue.groups.len(), queue.by_size.len(), queue.largest()), (0, 0, None));
    }
}

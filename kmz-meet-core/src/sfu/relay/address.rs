//! Relayed transport addresses: they stand for a TCP connection and exist on no network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustc_hash::FxHashMap;

/// The IPv4 dummy address (RFC 7600, section 4.8): no packet has it on any network.
const FOUR: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 8);
/// Of the discard prefix (RFC 6666), for the same reason.
const SIX: Ipv6Addr = Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 1);

/// IP version of an allocation (REQUESTED-ADDRESS-FAMILY, RFC 8656, section 18.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    /// The family of an address. An IPv4 address in IPv6 form counts as what it is.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

/// One allocation: the port of its relayed transport address, which no other one has in either family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RelayId(pub u16);

impl RelayId {
    /// The relayed transport address that the client is told, and that the media thread knows it by.
    #[must_use]
    pub fn address(self, family: Family) -> SocketAddr {
        match family {
            Family::V4 => SocketAddr::from((FOUR, self.0)),
            Family::V6 => SocketAddr::from((SIX, self.0)),
        }
    }

    /// The allocation at this address, if it is a relayed one.
    #[must_use]
    pub fn at(address: SocketAddr) -> Option<Self> {
        is_relayed(address.ip()).then(|| Self(address.port()))
    }
}

/// Whether this is the address of relays. A datagram of a network that claims it is forged.
#[must_use]
pub fn is_relayed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four == FOUR,
        IpAddr::V6(six) => six == SIX || six.to_ipv4_mapped() == Some(FOUR),
    }
}

/// A map by allocation.
pub type ByRelay<T> = FxHashMap<RelayId, T>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relay_id_comes_back_from_its_address_in_both_families() {
        for family in [Family::V4, Family::V6] {
            let address = RelayId(77).address(family);
            assert_eq!(RelayId::at(address), Some(RelayId(77)));
            assert_eq!(Family::of(address.ip()), family);
        }
    }

    #[test]
    fn address_of_a_network_is_no_relay() {
        for address in ["192.0.0.9:77", "[100::2]:77", "[::1]:77", "127.0.0.1:77"] {
            assert_eq!(RelayId::at(address.parse().expect("an address")), None);
        }
        let mapped: SocketAddr = "[::ffff:192.0.0.8]:77".parse().expect("an address");
        assert!(is_relayed(mapped.ip()), "also in IPv6 form");
    }
}

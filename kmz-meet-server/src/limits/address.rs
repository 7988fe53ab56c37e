//! Whose addresses are counted together: they are neither logged nor stored.

use std::net::{IpAddr, Ipv6Addr};

/// The address of the client. Behind a trusted proxy it is the one that the proxy saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What one person can have: an IPv4 address, or a whole /64 of IPv6. Limits count by it.
    pub fn group(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        }
    }

    /// What one customer of a provider can have: an IPv4 address, or a whole /48 of IPv6.
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_of_the_addresses_of_one_household_is_the_same() {
        let group = |text: &str| ClientAddress(text.parse().unwrap()).group().to_string();
        assert_eq!(group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(group("::ffff:1.2.3.4"), "1.2.3.4");
        let network = |text: &str| ClientAddress(text.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
        assert_eq!(network("::ffff:1.2.3.4"), "1.2.3.4");
    }
}

//! The addresses of this machine that browsers can be told.

use std::net::IpAddr;

/// Addresses of all interfaces that are up, IPv4 first; loopback only when there is nothing else.
pub fn of_this_machine(ipv6: bool) -> Vec<IpAddr> {
    let Ok(interfaces) = if_addrs::get_if_addrs() else {
        return Vec::new();
    };
    let mut all: Vec<IpAddr> = interfaces
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up)
        .map(|interface| interface.ip())
        .filter(|address| match address {
            IpAddr::V4(four) => !four.is_link_local() && !four.is_unspecified(),
            IpAddr::V6(six) => ipv6 && !six.is_unicast_link_local() && !six.is_unspecified(),
        })
        .collect();
    all.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    all.dedup();
    if all.iter().any(|address| !address.is_loopback()) {
        all.retain(|address| !address.is_loopback());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::of_this_machine;

    #[test]
    fn addresses_of_this_machine_are_never_empty() {
        let all = of_this_machine(true);
        assert!(!all.is_empty());
        let loopback = all.iter().filter(|address| address.is_loopback()).count();
        assert!(loopback == 0 || loopback == all.len());
    }
}

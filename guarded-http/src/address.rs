//! Which addresses are of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet, by the special-purpose registries of IANA (RFC 6890).
///
/// ```
/// # use guarded_http::is_public;
/// assert!(is_public([93, 184, 216, 34].into()));
/// assert!(!is_public([169, 254, 169, 254].into()));
/// ```
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let (first, second) = (parts[0], parts[1]);
    // IPv4 in IPv6, in whichever way, is a way round the list above: none of it is needed.
    let carries_v4 = parts[..4] == [0; 4]
        || (first == 0x64 && second == 0xff9b)
        || first == 0x2002
        || (first == 0x2001 && second == 0)
        || (parts[4] == 0 && parts[5] == 0x5efe);
    // 2000::/3 is what is given out; the protocol, documentation and benchmark ranges in it are not.
    let given_out = first & 0xe000 == 0x2000;
    let special =
        (first == 0x2001 && (second < 0x200 || second == 0xdb8)) || first & 0xfff0 == 0x3ff0;
    given_out && !carries_v4 && !special
}

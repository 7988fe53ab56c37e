//! From where a request comes, for limits only: addresses are neither logged nor stored.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Once};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::config::{Config, Network};
use crate::limits::ClientAddress;

/// The connection of a browser; `None` behind a trusted proxy, where people share connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Connection(pub Option<SocketAddr>);

impl<S> FromRequestParts<S> for Connection
where
    Arc<Config>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let config = Arc::<Config>::from_ref(state);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let trusted = |peer: &SocketAddr| {
            let address = peer.ip().to_canonical();
            let mut proxies = config.trusted_proxies.iter();
            proxies.any(|network| network.contains(address))
        };
        Ok(Self(peer.map(|info| info.0).filter(|peer| !trusted(peer))))
    }
}

impl<S> FromRequestParts<S> for ClientAddress
where
    Arc<Config>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let config = Arc::<Config>::from_ref(state);
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
                peer.ip()
            });
        Ok(Self(client(
            peer.to_canonical(),
            &parts.headers,
            &config.trusted_proxies,
        )))
    }
}

/// Once, and without the address: it may as well be a person who invents the header.
fn warn_of_untrusted_proxy() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        tracing::warn!(
            "a request came with X-Forwarded-For from an address that is not in trusted_proxies: if that is your \
             reverse proxy, set KMZ_MEET_TRUSTED_PROXIES to its address; until then everybody behind it counts as one \
             for all limits"
        );
    });
}

/// Goes back through the proxies as long as they are trusted: everything before that could be invented.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) && headers.contains_key("x-forwarded-for") {
        warn_of_untrusted_proxy();
    }
    let mut client = peer;
    let forwarded = headers
        .get_all("x-forwarded-for")
        .iter()
        .collect::<Vec<_>>();
    let hops = forwarded
        .into_iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','));
    for hop in hops {
        if !is_trusted(client) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn forwarded_address_of_an_untrusted_proxy_is_ignored() {
        assert_eq!(seen("1.1.1.1", &["2.2.2.2"], &[]), "1.1.1.1");
        assert_eq!(seen("10.0.0.1", &["2.2.2.2"], &["10.0.0.0/8"]), "2.2.2.2");
        // the client invented 9.9.9.9
        assert_eq!(
            seen("10.0.0.1", &["9.9.9.9, 2.2.2.2"], &["10.0.0.0/8"]),
            "2.2.2.2"
        );
        assert_eq!(
            seen(
                "10.0.0.1",
                &["9.9.9.9", "2.2.2.2, 10.0.0.2"],
                &["10.0.0.0/8"]
            ),
            "2.2.2.2"
        );
        assert_eq!(seen("10.0.0.1", &["nonsense"], &["10.0.0.0/8"]), "10.0.0.1");
    }
}

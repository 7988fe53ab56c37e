//! UDP: checks straight to an address of the media plane.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::checks::{COUNT, Checks, Crypto, INTERVAL, Ice, PATIENCE};
use super::found::PathFound;

const MAX_DATAGRAM: usize = 1_500;

/// Sends checks there, and listens.
pub async fn probe(to: SocketAddr, ice: &Ice, crypto: &Crypto) -> PathFound {
    let path = PathFound::udp(to);
    let mut checks = Checks::new(ice, crypto);
    let start = Instant::now();
    match exchange(to, &mut checks).await {
        Ok(first) => {
            let connect = first.map(|at| at.saturating_duration_since(start));
            path.with(&checks, connect)
        }
        Err(error) => path.with(&checks, None).failed(error.to_string()),
    }
}

/// Gives when the first answer came.
async fn exchange(to: SocketAddr, checks: &mut Checks) -> io::Result<Option<Instant>> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(to).await?;
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let all = INTERVAL * u32::try_from(COUNT).unwrap_or(u32::MAX);
    let end = tokio::time::Instant::now() + all + PATIENCE;
    let mut buffer = [0; MAX_DATAGRAM];
    let (mut first, mut refused) = (None, None);
    while !checks.are_done() {
        tokio::select! {
            _ = ticks.tick(), if !checks.are_sent() => {
                if let Some(check) = checks.next(Instant::now())
                    // A firewall that refuses tells it here; others may still come through.
                    && let Err(error) = socket.send(&check).await
                {
                    refused = Some(error);
                }
            }
            received = socket.recv(&mut buffer) => match received {
                Ok(length) => {
                    let now = Instant::now();
                    checks.take(now, &buffer[..length]);
                    if checks.answered().0 > 0 {
                        first.get_or_insert(now);
                    }
                }
                Err(error) => {
                    refused = Some(error);
                    // It may say so again and again.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            },
            () = sleep_until(end) => break,
        }
    }
    match refused {
        Some(error) if first.is_none() => Err(error),
        _ => Ok(first),
    }
}

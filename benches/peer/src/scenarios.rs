//! The shapes of rooms, and a measured stretch of time in one of them.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use kmz_meet_bench::server::{Server, Usage};
use serde_json::{Value, json};

use crate::crowd::{Crowd, Shape};
use crate::{janus, ours};

/// An address of the namespace that both servers announce; Janus takes none of the loopback interface.
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 99, 0, 1));
const MEASURED: Duration = Duration::from_secs(10);

/// How large people show what they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Large,
    Small,
}

/// The shape of a room.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub name: &'static str,
    /// The first people; each sends one stream.
    pub senders: usize,
    /// Those who only receive.
    pub receivers: usize,
    pub sends: Shape,
    pub wanted: Wanted,
    /// Until estimates of what a connection carries have risen.
    settling: Duration,
}

pub const ROOMS: [Room; 4] = [
    Room {
        name: "one picture to 30",
        senders: 1,
        receivers: 30,
        sends: Shape::LARGE,
        wanted: Wanted::Large,
        settling: Duration::from_secs(4),
    },
    Room {
        name: "one picture to 60",
        senders: 1,
        receivers: 60,
        sends: Shape::LARGE,
        wanted: Wanted::Large,
        settling: Duration::from_secs(4),
    },
    Room {
        name: "10 talk, 30 listen",
        senders: 10,
        receivers: 30,
        sends: Shape::VOICE,
        wanted: Wanted::Small,
        settling: Duration::from_secs(4),
    },
    Room {
        name: "class of 25 cameras",
        senders: 25,
        receivers: 0,
        sends: Shape::SMALL,
        wanted: Wanted::Small,
        settling: Duration::from_secs(12),
    },
];

impl Room {
    pub fn people(&self) -> usize {
        self.senders + self.receivers
    }

    pub fn sends(&self, number: usize) -> Vec<Shape> {
        let streams = usize::from(number < self.senders);
        vec![self.sends; streams]
    }

    /// How many pictures of others this person sees.
    pub fn pictures_for(&self, number: usize) -> usize {
        if self.sends.codec.is_audio() {
            return 0;
        }
        self.senders - usize::from(number < self.senders)
    }
}

/// Who forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Ours,
    /// As it is by itself: a thread for each connection.
    Janus,
    /// With two threads for all connections, as its authors advise for many.
    JanusWithLoops,
}

impl Who {
    pub const ALL: [Self; 3] = [Self::Ours, Self::Janus, Self::JanusWithLoops];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "kmz-meet",
            Self::Janus => "Janus",
            Self::JanusWithLoops => "Janus, 2 event loops",
        }
    }
}

/// Fills a fresh server and measures it.
pub async fn measure(who: Who, room: &Room) -> Value {
    let crowd = Crowd::start();
    if who == Who::Ours {
        let address = ADDRESS.to_string();
        let environment = [("KMZ_MEET_MEDIA_ADDRESSES", address.as_str())];
        let server = Server::start_with(&environment).await;
        let _present = ours::fill(&server, ADDRESS, room, &crowd).await;
        crowd.connected(room.people()).await;
        during(&crowd, room, || server.usage(), || server.resident_mb()).await
    } else {
        let loops = if who == Who::JanusWithLoops { 2 } else { 0 };
        let server = janus::Janus::start(ADDRESS, loops).await;
        let (_present, connections) = Box::pin(janus::fill(&server, room, &crowd)).await;
        crowd.connected(connections).await;
        during(&crowd, room, || server.usage(), || server.resident_mb()).await
    }
}

async fn during(
    crowd: &Crowd,
    room: &Room,
    usage: impl Fn() -> Usage,
    memory: impl Fn() -> f64,
) -> Value {
    tokio::time::sleep(room.settling).await;
    crowd.reset();
    let (before, own) = (usage(), Usage::own());
    tokio::time::sleep(MEASURED).await;
    let (after, own_after) = (usage(), Usage::own());
    // The clients publish their count twenty times a second.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut tally = crowd.tally();
    let per_second = tally.packets as f64 / (after.at - before.at).as_secs_f64();
    let cores = after.cores_since(before);
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    json!({
        "packets_per_second": per_second.round(),
        "cpu_us_per_packet": round(cores * 1e6 / per_second.max(1.0)),
        "server_cores": round(cores),
        "delay_ms_p50": round(tally.delay_ms(0.5)),
        "delay_ms_p99": round(tally.delay_ms(0.99)),
        "loss": (tally.loss() * 1e6).round() / 1e6,
        "resident_mb": round(memory()),
        "clients_cores": round(own_after.cores_since(own)),
    })
}

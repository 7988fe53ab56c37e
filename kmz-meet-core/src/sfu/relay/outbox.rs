//! What the media thread has for one relayed client: two lanes, so that no voice waits behind a picture.
//!
//! The media thread writes, the task of the connection takes. A line that does not carry what is written loses pictures,
//! then everything, as a queue of a network does; nothing waits for it.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::frame::write_channel;
use super::message::data_indication;

/// Pictures that may wait, in bytes: half a second at a rate at which two small pictures are sent.
const MAX_PICTURES: usize = 64 * 1_024;
/// Voices, feedback and handshakes that may wait, in bytes.
const MAX_URGENT: usize = 64 * 1_024;
/// Pictures that leave with one write. More would be ahead of the next voice.
const PICTURES_AT_ONCE: usize = 8 * 1_024;

/// Which lane a datagram takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Voices, feedback, connectivity checks and handshakes.
    Urgent,
    Pictures,
}

/// How the client reaches one of our addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// By Send and Data indications (a permission, RFC 8656, section 9).
    Indications,
    Channel(u16),
}

#[derive(Default)]
struct Lanes {
    urgent: Vec<u8>,
    pictures: Vec<u8>,
    /// Frames of `pictures` end here; the first is at the front.
    ends: std::collections::VecDeque<usize>,
    peers: Vec<(IpAddr, u16, Reach)>,
    closed: bool,
}

impl Lanes {
    /// Writes a datagram into its lane. False: it does not fit.
    fn write(
        &mut self,
        (peer, port, reach): (IpAddr, u16, Reach),
        datagram: &[u8],
        lane: Lane,
    ) -> bool {
        let (bytes, most) = match lane {
            Lane::Urgent => (&mut self.urgent, MAX_URGENT),
            Lane::Pictures => (&mut self.pictures, MAX_PICTURES),
        };
        if bytes.len() + datagram.len() > most {
            return false;
        }
        match reach {
            Reach::Channel(number) => write_channel(bytes, number, datagram),
            Reach::Indications => match data_indication(peer, port, datagram) {
                Some(message) => bytes.extend_from_slice(&message),
                None => return false,
            },
        }
        if lane == Lane::Pictures {
            self.ends.push_back(self.pictures.len());
        }
        true
    }
}

/// See the module.
#[derive(Default)]
pub struct Outbox {
    lanes: Mutex<Lanes>,
    filled: Notify,
}

impl Outbox {
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        // A panic of the media thread costs one participant; what they had to send is whole frames at any time.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client may reach this address of ours by indications.
    pub fn permit(&self, peer: IpAddr, port: u16) {
        let mut lanes = self.lanes();
        if !lanes.peers.iter().any(|(known, ..)| *known == peer) {
            lanes.peers.push((peer, port, Reach::Indications));
        }
    }

    /// Whether the client may reach this address of ours.
    #[must_use]
    pub fn is_permitted(&self, peer: IpAddr) -> bool {
        self.lanes().peers.iter().any(|(known, ..)| *known == peer)
    }

    /// The client reaches this address by this channel. False: the number is another address's, or the address has
    /// another number (RFC 8656, section 12.2).
    pub fn bind(&self, peer: IpAddr, port: u16, number: u16) -> bool {
        let mut lanes = self.lanes();
        let taken = lanes.peers.iter().any(|(known, _, reach)| match reach {
            Reach::Channel(bound) => (*known == peer) != (*bound == number),
            Reach::Indications => false,
        });
        if taken {
            return false;
        }
        lanes.peers.retain(|(known, ..)| *known != peer);
        lanes.peers.push((peer, port, Reach::Channel(number)));
        true
    }

    /// The address that this channel leads to.
    #[must_use]
    pub fn peer_of(&self, number: u16) -> Option<IpAddr> {
        let lanes = self.lanes();
        let bound = lanes
            .peers
            .iter()
            .find(|(_, _, reach)| *reach == Reach::Channel(number))?;
        Some(bound.0)
    }

    /// Datagrams from this address of ours to the client, each in its lane: one lock and one wake-up for all of them. What
    /// does not fit is lost, as on a line that is full. Returns how many were.
    pub fn send<'a>(
        &self,
        from: IpAddr,
        datagrams: impl Iterator<Item = (&'a [u8], Lane)>,
    ) -> usize {
        let mut lanes = self.lanes();
        let peer = lanes.peers.iter().find(|(peer, ..)| *peer == from).copied();
        let lost = datagrams
            .filter(|(datagram, lane)| !peer.is_some_and(|peer| lanes.write(peer, datagram, *lane)))
            .count();
        drop(lanes);
        self.filled.notify_one();
        lost
    }

    /// An answer of the protocol itself.
    pub fn answer(&self, message: &[u8]) {
        let mut lanes = self.lanes();
        if lanes.urgent.len() + message.len() <= MAX_URGENT {
            lanes.urgent.extend_from_slice(message);
        }
        drop(lanes);
        self.filled.notify_one();
    }

    /// What is to be written next, into `out`, which is empty: all that is urgent, then a few pictures.
    pub fn take(&self, out: &mut Vec<u8>) {
        let mut lanes = self.lanes();
        std::mem::swap(&mut lanes.urgent, out);
        let lanes = &mut *lanes;
        let mut cut = 0;
        while let Some(end) = lanes.ends.front().copied() {
            if cut > 0 && end > PICTURES_AT_ONCE {
                break;
            }
            cut = end;
            lanes.ends.pop_front();
        }
        out.extend(lanes.pictures.drain(..cut));
        for end in &mut lanes.ends {
            *end -= cut;
        }
    }

    /// Nothing but what is urgent now leaves any more.
    pub fn close(&self) {
        let mut lanes = self.lanes();
        lanes.closed = true;
        lanes.peers.clear();
        lanes.pictures.clear();
        lanes.ends.clear();
        drop(lanes);
        self.filled.notify_one();
    }

    /// Whether nothing comes any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lanes().closed
    }

    /// Waits until there is something to take.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Frame, next};
    use super::*;

    const US: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const VOICE: u8 = 111;
    const PICTURE: u8 = 96;

    fn rtp(payload_type: u8, size: usize) -> Vec<u8> {
        let mut packet = vec![0; size];
        packet[0] = 0x80;
        packet[1] = payload_type;
        packet
    }

    fn bound() -> Outbox {
        let outbox = Outbox::default();
        assert!(outbox.bind(US, 10_000, 0x4000));
        outbox
    }

    /// Whether this datagram is written.
    fn is_sent(outbox: &Outbox, from: IpAddr, datagram: &[u8], lane: Lane) -> bool {
        outbox.send(from, std::iter::once((datagram, lane))) == 0
    }

    fn kinds(bytes: &[u8]) -> Vec<u8> {
        let mut rest = bytes;
        let mut found = Vec::new();
        while let Some((Frame::Channel { datagram, .. }, used)) = next(rest).expect("frames") {
            found.push(datagram[1]);
            rest = &rest[used..];
        }
        assert!(rest.is_empty(), "only whole frames");
        found
    }

    #[test]
    fn voice_leaves_before_the_pictures_that_wait() {
        let outbox = bound();
        for _ in 0..40 {
            assert!(is_sent(&outbox, US, &rtp(PICTURE, 1_200), Lane::Pictures));
        }
        assert!(is_sent(&outbox, US, &rtp(VOICE, 80), Lane::Urgent));
        let mut out = Vec::new();
        outbox.take(&mut out);
        let first = kinds(&out);
        assert_eq!(first[0], VOICE);
        assert!(first.len() < 10, "{}", first.len());
        let mut pictures = first.len() - 1;
        loop {
            out.clear();
            outbox.take(&mut out);
            if out.is_empty() {
                break;
            }
            pictures += kinds(&out).len();
        }
        assert_eq!(pictures, 40);
    }

    #[test]
    fn full_line_loses_pictures_and_no_voice() {
        let outbox = bound();
        let sent = (0..200)
            .filter(|_| is_sent(&outbox, US, &rtp(PICTURE, 1_200), Lane::Pictures))
            .count();
        assert!(sent < 60, "{sent}");
        assert!((0..100).all(|_| is_sent(&outbox, US, &rtp(VOICE, 80), Lane::Urgent)));
    }

    #[test]
    fn datagram_of_an_address_without_permission_is_lost() {
        let outbox = bound();
        let other = IpAddr::from([127, 0, 0, 2]);
        assert!(!is_sent(&outbox, other, &rtp(VOICE, 80), Lane::Urgent));
        outbox.permit(other, 10_000);
        assert!(is_sent(&outbox, other, &rtp(VOICE, 80), Lane::Urgent));
    }

    #[test]
    fn channel_keeps_its_address_and_address_its_channel() {
        let outbox = bound();
        let other = IpAddr::from([127, 0, 0, 2]);
        assert!(!outbox.bind(other, 10_000, 0x4000));
        assert!(!outbox.bind(US, 10_000, 0x4001));
        assert!(outbox.bind(US, 10_000, 0x4000), "refreshed");
        assert!(outbox.bind(other, 10_000, 0x4001));
        assert_eq!(outbox.peer_of(0x4001), Some(other));
        assert_eq!(outbox.peer_of(0x4002), None);
    }
}

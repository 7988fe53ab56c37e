//! Puts a class on loopback through the real media plane, and reads what the media threads used for each forwarded packet.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kmz_meet_core::sfu::internals::{Header, Kind, kind};
use kmz_meet_core::sfu::testing::{ArrivalLog, Offering, Peer, TRANSPORT_CC};
use kmz_meet_core::sfu::{Media, MediaConfig, MediaError, Permit};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, Tile};
use tokio::sync::mpsc;

use super::class::{self, Sender};
use super::measured::{CLASS, Measured, cores};
use super::media_time;

/// Until the estimates of the connections have risen.
const SETTLING: Duration = Duration::from_secs(4);
const MEASURING: Duration = Duration::from_secs(3);
/// Part of the media threads' time that may be used: the rest is for signalling, joins and bursts.
const PART_OF_TIME: f64 = 0.7;
/// Fewer packets say nothing.
const MIN_PACKETS: u64 = 5_000;
const FEEDBACK_EVERY: Duration = Duration::from_millis(100);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(2);

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum NotMeasured {
    #[error("the media plane does not start: {0}")]
    Media(#[from] MediaError),
    #[error(
        "a connection over loopback did not come about; try again when the machine is less busy"
    )]
    NoConnection,
    #[error(
        "only {0} packets came through in three seconds; try again when the machine is less busy"
    )]
    TooFew(u64),
    #[error("the kernel does not tell what a thread uses (/proc/self/task)")]
    NoTimes,
}

/// Measures a media plane with so many threads (`None`: one for each core); takes about eight seconds.
///
/// # Errors
/// When the class does not come together, or the kernel gives no times.
pub async fn measure(threads: Option<NonZeroUsize>) -> Result<Measured, NotMeasured> {
    let media = Media::start(MediaConfig {
        port: 0,
        addresses: vec![std::net::Ipv4Addr::LOCALHOST.into()],
        threads,
        packets_per_second: 0,
        ..MediaConfig::default()
    })?;
    let (senders, receivers) = assemble(&media).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let received = Arc::new(AtomicU64::new(0));
    let sending = std::thread::spawn({
        let stop = stop.clone();
        move || send(senders, &stop)
    });
    let receiving = std::thread::spawn({
        let (stop, received) = (stop.clone(), received.clone());
        move || receive(receivers, &stop, &received)
    });
    tokio::time::sleep(SETTLING).await;
    let before = (media_time::now(), received.load(Ordering::Relaxed));
    tokio::time::sleep(MEASURING).await;
    let after = (media_time::now(), received.load(Ordering::Relaxed));
    stop.store(true, Ordering::Relaxed);
    // What they held is dropped; a panic in them shows in what was received.
    let _ = (sending.join(), receiving.join());
    let (Some(time_before), Some(time_after)) = (before.0, after.0) else {
        return Err(NotMeasured::NoTimes);
    };
    let packets = after.1 - before.1;
    if packets < MIN_PACKETS {
        return Err(NotMeasured::TooFew(packets));
    }
    let used = time_after.used.saturating_sub(time_before.used);
    let nanos_per_packet = (used.as_nanos() as u64 / packets).max(1);
    let threads = time_after.threads.min(cores());
    Ok(Measured {
        classes: classes(nanos_per_packet, threads),
        nanos_per_packet,
        packets_per_second_of_class: class::packets_per_second(),
        bits_per_second_of_class: class::bits_per_second(),
        media_threads: threads,
        cores: cores(),
    })
}

/// How many classes so many threads carry. One is always carried.
fn classes(nanos_per_packet: u64, threads: u32) -> u32 {
    let of_class = nanos_per_packet as f64 * 1e-9 * f64::from(class::packets_per_second());
    let classes = f64::from(threads) * PART_OF_TIME / of_class;
    (classes as u32).max(1)
}

/// Brings the class together: those who send, and those who count. Who sends receives all the same.
async fn assemble(media: &Media) -> Result<(Vec<Sender>, Vec<Receiver>), NotMeasured> {
    let conference = ConferenceId("capacity".to_owned());
    let id = |number: u32| ParticipantId(format!("person {number}"));
    let (mut senders, mut receivers) = (Vec::new(), Vec::new());
    for number in 0..CLASS {
        // Nobody reads the events.
        let (events, _) = mpsc::unbounded_channel();
        media.add(&conference, &id(number), events);
        let permit = Permit {
            microphone: true,
            camera: true,
            ..Permit::default()
        };
        media.permit(&id(number), permit);
        let made =
            tokio::task::spawn_blocking(|| Offering::new(class::SMALL_PICTURES as usize + 1));
        let offering = made.await.map_err(|_| NotMeasured::NoConnection)?;
        let answer = media
            .offer(&id(number), &offering.sdp, &offering.sections)
            .await
            .map_err(|_| NotMeasured::NoConnection)?;
        let connected = tokio::task::spawn_blocking(move || offering.connect(&answer));
        let peer = connected.await.map_err(|_| NotMeasured::NoConnection)?;
        let seen = (0..=class::SMALL_PICTURES).filter(|other| *other != number);
        let tiles = seen.map(|other| Tile {
            participant: id(other),
            height: if other == 0 { 720 } else { 180 },
        });
        media.view(&id(number), tiles.collect(), None);
        if class::sends(number) {
            senders.push(Sender::new(peer, number, Instant::now()));
        } else {
            receivers.push(Receiver::new(peer));
        }
    }
    Ok((senders, receivers))
}

fn send(mut senders: Vec<Sender>, stop: &AtomicBool) {
    let mut alive = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        for sender in &mut senders {
            sender.send(now);
        }
        if alive.elapsed() > KEEP_ALIVE_EVERY {
            alive = now;
            senders.iter().for_each(Sender::keep_alive);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn receive(mut receivers: Vec<Receiver>, stop: &AtomicBool, received: &AtomicU64) {
    let begin = Instant::now();
    let (mut fed, mut alive) = (begin, begin);
    while !stop.load(Ordering::Relaxed) {
        for receiver in &mut receivers {
            received.fetch_add(receiver.take(begin), Ordering::Relaxed);
        }
        if fed.elapsed() > FEEDBACK_EVERY {
            fed = Instant::now();
            receivers.iter_mut().for_each(Receiver::report);
        }
        if alive.elapsed() > KEEP_ALIVE_EVERY {
            alive = Instant::now();
            for receiver in &receivers {
                receiver.peer.keep_alive();
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Somebody who counts what comes, and reports it.
struct Receiver {
    peer: Peer,
    arrivals: ArrivalLog,
}

impl Receiver {
    fn new(peer: Peer) -> Self {
        let socket = socket2::SockRef::from(peer.socket());
        let _ = (
            socket.set_nonblocking(true),
            socket.set_recv_buffer_size(1 << 20),
        );
        Self {
            peer,
            arrivals: ArrivalLog::default(),
        }
    }

    /// Takes what waits; gives how many media packets that were.
    fn take(&mut self, begin: Instant) -> u64 {
        let mut buffer = [0u8; 2_048];
        let mut count = 0;
        while let Ok((length, _)) = self.peer.socket().recv_from(&mut buffer) {
            let datagram = &buffer[..length];
            if kind(datagram) != Kind::Rtp {
                self.peer.answer(datagram);
                continue;
            }
            count += 1;
            let number = Header::parse(datagram)
                .and_then(|header| header.extension(datagram, TRANSPORT_CC)?.try_into().ok());
            if let Some(number) = number {
                let at = begin.elapsed().as_micros() as i64;
                self.arrivals.record(u16::from_be_bytes(number), at);
            }
        }
        count
    }

    fn report(&mut self) {
        if let Some(report) = self.arrivals.feedback(1) {
            self.peer.send_rtcp(&report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_a_faster_machine_with_more_threads_are_more() {
        // 12,600 packets a second of 4 µs are a twentieth of a core.
        assert_eq!(class::packets_per_second(), 12_600);
        assert_eq!(classes(4_000, 1), 13);
        assert_eq!(classes(2_000, 1), 27);
        assert_eq!(classes(4_000, 4), 55);
        assert_eq!(classes(1_000_000, 1), 1);
    }
}

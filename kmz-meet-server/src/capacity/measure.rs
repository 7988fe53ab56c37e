//! Puts a class on loopback through the real media plane, and reads what the media threads used for each forwarded packet.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kmz_meet_core::sfu::testing::Offering;
use kmz_meet_core::sfu::{Media, MediaConfig, MediaError, Permit};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, Tile};
use tokio::sync::mpsc;

use super::class::{self, Sender};
use super::measured::{CLASS, Measured, cores};
use super::media_time;
use super::person::Person;

/// Until the estimates of the connections have risen.
const SETTLING: Duration = Duration::from_secs(4);
const MEASURING: Duration = Duration::from_secs(3);
/// Part of the media threads' time that may be used: the rest is for signalling, joins and bursts.
const PART_OF_TIME: f64 = 0.7;
/// Fewer packets say nothing.
const MIN_PACKETS: u64 = 5_000;

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
    let people = assemble(&media).await?;
    // Those who send are on time, whatever the others have to take in.
    let (senders, listeners): (Vec<_>, Vec<_>) = people.into_iter().partition(Person::sends);
    let stop = Arc::new(AtomicBool::new(false));
    let received = Arc::new(AtomicU64::new(0));
    let running = [senders, listeners].map(|people| {
        let (stop, received) = (stop.clone(), received.clone());
        std::thread::spawn(move || run(people, &stop, &received))
    });
    tokio::time::sleep(SETTLING).await;
    let before = (media_time::now(), received.load(Ordering::Relaxed));
    tokio::time::sleep(MEASURING).await;
    let after = (media_time::now(), received.load(Ordering::Relaxed));
    stop.store(true, Ordering::Relaxed);
    // What they held is dropped; a panic in them shows in what was received.
    let _ = running.map(std::thread::JoinHandle::join);
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

/// Brings the class together.
async fn assemble(media: &Media) -> Result<Vec<Person>, NotMeasured> {
    let conference = ConferenceId("capacity".to_owned());
    let id = |number: u32| ParticipantId(format!("person {number}"));
    let mut people = Vec::new();
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
        people.push(Person::new(peer, Sender::new(number, Instant::now())));
    }
    // Only who is here can be seen.
    for number in 0..CLASS {
        let seen = (0..=class::SMALL_PICTURES).filter(|other| *other != number);
        let tiles = seen.map(|other| Tile {
            participant: id(other),
            height: if other == 0 { 720 } else { 180 },
        });
        media.view(&id(number), tiles.collect(), None);
    }
    Ok(people)
}

/// Lets these people do what they do, and counts what all of them receive.
fn run(mut people: Vec<Person>, stop: &AtomicBool, received: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        for person in &mut people {
            let before = person.received;
            person.step();
            received.fetch_add(person.received - before, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_a_faster_machine_with_more_threads_are_more() {
        // 12,180 packets a second of 4 µs are a twentieth of a core.
        assert_eq!(class::packets_per_second(), 12_180);
        assert_eq!(classes(4_000, 1), 14);
        assert_eq!(classes(2_000, 1), 28);
        assert_eq!(classes(4_000, 4), 57);
        assert_eq!(classes(1_000_000, 1), 1);
    }

    /// What is divided by the packets that came is the time for all of them: nobody may be left out.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everybody_of_the_class_is_counted_whether_they_send_or_not() {
        let media = Media::start(MediaConfig {
            port: 0,
            addresses: vec![std::net::Ipv4Addr::LOCALHOST.into()],
            packets_per_second: 0,
            ..MediaConfig::default()
        });
        let media = media.unwrap();
        let mut people = assemble(&media).await.unwrap();
        assert_eq!(people.len(), CLASS as usize);
        let until = Instant::now() + Duration::from_secs(30);
        while people.iter().any(|person| person.received == 0) {
            let received: Vec<u64> = people.iter().map(|person| person.received).collect();
            assert!(Instant::now() < until, "{received:?} {:?}", media.totals());
            people.iter_mut().for_each(Person::step);
        }
    }
}

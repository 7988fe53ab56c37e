//! The emergency stop, counted at the receivers: from the press to the last packet of somebody who does not moderate.

use std::time::Duration;

use serde_json::{Value, json};

use crate::publish::{Publishing, Stream};
use crate::receive::Receiving;
use crate::room::Person;
use crate::scenarios::print;
use crate::server::Server;

const PEOPLE: usize = 70;
const CAMERAS: usize = 25;
const VOICES: usize = 10;
const RUNS: usize = 20;
/// What still comes after this time is one too many.
const MAX_AFTER: Duration = Duration::from_millis(200);
/// How long is listened after each press.
const LISTENED: Duration = Duration::from_secs(2);

/// The sources of those who send are on (again).
fn turn_on(senders: &[Person]) {
    for (number, person) in senders.iter().enumerate() {
        person.turn_on("camera");
        if number < VOICES {
            person.turn_on("microphone");
        }
    }
}

/// A whole class of whom many send, and a moderator who presses.
pub async fn panic() -> Value {
    let server = Server::start().await;
    let room = server.room().await;
    let teacher = Person::join(&server, &room, "", true, 1).await;
    let mut people = Vec::new();
    for number in 1..PEOPLE {
        let name = format!("person {number}");
        people.push(Person::join(&server, &room, &name, false, 25).await);
    }
    let cameras: Vec<String> = people[..CAMERAS].iter().map(|one| one.id.clone()).collect();
    let (mut publishers, mut peers) = (Vec::new(), Vec::new());
    for (number, person) in people.iter_mut().enumerate() {
        let peer = person.peer.take().expect("media");
        let mut shown: Vec<&str> = cameras.iter().map(String::as_str).collect();
        shown.retain(|id| *id != person.id);
        let turn = number % shown.len();
        shown.rotate_left(turn);
        person.show(&shown, 720, 180);
        if number < CAMERAS {
            let ssrc = 100 + 10 * number as u32;
            let mut streams = Stream::layers(ssrc).to_vec();
            if number < VOICES {
                streams.push(Stream::voice(ssrc + 5));
            }
            publishers.push((peer, streams));
        } else {
            peers.push(peer);
        }
    }
    let receivers = peers.len();
    let _publishing = Publishing::start(publishers);
    let receiving = Receiving::start(peers);
    let (mut last, mut late, mut before) = (Vec::new(), 0, u64::MAX);
    for _ in 0..RUNS {
        turn_on(&people[..CAMERAS]);
        tokio::time::sleep(Duration::from_secs(2)).await;
        receiving.reset();
        tokio::time::sleep(Duration::from_secs(1)).await;
        // A run in which nothing came before would prove nothing.
        before = before.min(receiving.tally().packets);
        receiving.mark();
        teacher.tell(&json!({"type": "stop_everything"}));
        tokio::time::sleep(LISTENED).await;
        let after = receiving.tally().after_mark;
        receiving.unmark();
        let limit = MAX_AFTER.as_micros() as u64;
        late += after.iter().filter(|micros| **micros > limit).count();
        last.push(after.into_iter().max().unwrap_or(0));
        teacher.tell(&json!({"type": "release", "target": "all"}));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    last.sort_unstable();
    let ms = |share: f64| {
        let index = ((last.len() as f64 - 1.0) * share).ceil() as usize;
        last[index] as f64 / 1_000.0
    };
    let result = json!({
        "runs": RUNS,
        "receivers": receivers,
        "packets_in_the_second_before_at_least": before,
        "last_packet_ms_p50": ms(0.5),
        "last_packet_ms_p99": ms(0.99),
        "packets_after_200_ms": late,
    });
    print(
        "panic",
        "70 people, 25 cameras, 10 voices; stopped",
        &result,
    );
    result
}

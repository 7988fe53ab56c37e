//! What is measured. Every number is of the server's process alone.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::floor;
use crate::load::Measured;
use crate::publish::{Publishing, Stream};
use crate::receive::Receiving;
use crate::room::Person;
use crate::server::Server;

/// A teacher who sends one stream, and `viewers` who show it.
async fn one_to_many(server: &Server, viewers: usize) -> (Publishing, Receiving, Vec<Person>) {
    let room = server.room().await;
    let mut teacher = Person::join(server, &room, "", true, 1).await;
    teacher.turn_on("camera");
    let mut people = Vec::new();
    let mut peers = Vec::new();
    for number in 0..viewers {
        let mut viewer = Person::join(server, &room, &format!("viewer {number}"), false, 1).await;
        viewer.show(&[&teacher.id], 720, 720);
        peers.push(viewer.peer.take().expect("media"));
        people.push(viewer);
    }
    // 1100 bytes on the wire: 20 of header and extension, 16 of the tag.
    let stream = Stream::camera(7, "f", 28.0, 6, 1_064);
    let publishing = Publishing::start(vec![(teacher.peer.take().expect("media"), vec![stream])]);
    people.push(teacher);
    (publishing, Receiving::start(peers), people)
}

pub async fn fan_out() -> Value {
    let mut all = Map::new();
    for viewers in [10, 30, 60] {
        let server = Server::start().await;
        let floor = floor::measure();
        let (_publishing, receiving, _people) = one_to_many(&server, viewers).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let result = Measured::during(&server, &receiving, 10)
            .await
            .as_json(floor);
        print("fan-out", &format!("{viewers} viewers"), &result);
        all.insert(format!("viewers_{viewers}"), result);
    }
    Value::Object(all)
}

pub async fn saturation() -> Value {
    let server = Server::start().await;
    let floor = floor::measure();
    let (publishing, receiving, _people) = one_to_many(&server, 30).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut best = Value::Null;
    let mut stopped_by = "the end of the steps";
    for step in [
        2.0, 4.0, 8.0, 12.0, 16.0, 20.0, 26.0, 32.0, 40.0, 50.0, 64.0, 80.0, 100.0, 128.0, 160.0,
        200.0, 256.0,
    ] {
        publishing.set_speed(step);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut measured = Measured::during(&server, &receiving, 3).await;
        let result = measured.as_json(floor);
        print("saturation", &format!("{} frames/s", 28.0 * step), &result);
        if measured.tally.loss() > 0.001 {
            // The server had a core left: the generator could not keep up.
            stopped_by = if measured.cores < 0.9 {
                "loss with the server's core not full"
            } else {
                "the server's core is full"
            };
            break;
        }
        best = result;
    }
    if let Value::Object(best) = &mut best {
        best.insert("stopped_by".into(), json!(stopped_by));
        let per_core = best["packets_per_second"].as_f64().unwrap_or(0.0)
            / best["server_cores"].as_f64().unwrap_or(1.0);
        best.insert(
            "packets_per_second_and_core".into(),
            json!(per_core.round()),
        );
    }
    best
}

pub async fn class() -> Value {
    let server = Server::start().await;
    let floor = floor::measure();
    let room = server.room().await;
    let mut people = Vec::new();
    for number in 0..70 {
        people
            .push(Person::join(&server, &room, &format!("person {number}"), number == 0, 25).await);
    }
    let cameras: Vec<String> = people[..25]
        .iter()
        .map(|person| person.id.clone())
        .collect();
    let (mut publishers, mut peers) = (Vec::new(), Vec::new());
    for (number, person) in people.iter_mut().enumerate() {
        let peer = person.peer.take().expect("media");
        // Everyone shows one large and 24 small pictures; a sender sees 24 others.
        let mut shown: Vec<&str> = cameras
            .iter()
            .map(String::as_str)
            .filter(|id| *id != person.id)
            .collect();
        let turn = number % shown.len();
        shown.rotate_left(turn);
        person.show(&shown, 720, 180);
        if number < 25 {
            person.turn_on("camera");
            let mut streams = Stream::layers(100 + 10 * number as u32).to_vec();
            if number < 3 {
                person.turn_on("microphone");
                streams.push(Stream::voice(100 + 10 * number as u32 + 5));
            }
            publishers.push((peer, streams));
        } else {
            peers.push(peer);
        }
    }
    let viewers = peers.len();
    let _publishing = Publishing::start(publishers);
    let receiving = Receiving::start(peers);
    tokio::time::sleep(Duration::from_secs(12)).await;
    let mut measured = Measured::during(&server, &receiving, 15).await;
    let mut result = measured.as_json(floor);
    let per_viewer = measured.per_second() / viewers as f64;
    result["packets_per_second_and_viewer"] = json!(per_viewer.round());
    result["counted_viewers"] = json!(viewers);
    result["note"] = json!(
        "CPU per packet counts the packets of the 45 who only watch; the server also sends to the 25 with cameras"
    );
    print("class", "70 people, 25 cameras, 3 voices", &result);
    result
}

/// Rooms that run at the same time.
#[derive(Clone, Copy)]
struct Rooms {
    count: u32,
    people: u32,
    cameras: u32,
    voices: u32,
}

impl Rooms {
    /// Fills them. Everybody shows the first camera large and the others small.
    async fn fill(self, server: &Server) -> (Publishing, Receiving, Vec<Person>) {
        let (mut publishers, mut peers, mut everyone) = (Vec::new(), Vec::new(), Vec::new());
        for room_number in 0..self.count {
            let room = server.room().await;
            let mut people = Vec::new();
            for number in 0..self.people {
                let name = format!("person {number}");
                people.push(Person::join(server, &room, &name, number == 0, 9).await);
            }
            let cameras = people.iter().take(self.cameras as usize);
            let cameras: Vec<String> = cameras.map(|person| person.id.clone()).collect();
            for (number, mut person) in (0u32..).zip(people) {
                let shown: Vec<&str> = cameras
                    .iter()
                    .map(String::as_str)
                    .filter(|id| self.cameras == 1 || *id != person.id)
                    .collect();
                person.show(&shown, 720, 180);
                let peer = person.peer.take().expect("media");
                let base = 1_000 * (room_number + 1) + 10 * number;
                let mut streams = Vec::new();
                if number < self.voices {
                    person.turn_on("microphone");
                    streams.push(Stream::voice(base + 5));
                }
                if number < self.cameras {
                    person.turn_on("camera");
                    streams.extend(Stream::layers(base));
                }
                if streams.is_empty() {
                    peers.push(peer);
                } else {
                    publishers.push((peer, streams));
                }
                everyone.push(person);
            }
        }
        let publishing = Publishing::start(publishers);
        (publishing, Receiving::start(peers), everyone)
    }
}

const CLASSES: Rooms = Rooms {
    count: 10,
    people: 30,
    cameras: 1,
    voices: 3,
};
/// Few viewers for each packet that comes in: what a packet costs on its way to its thread weighs most.
const GROUPS: Rooms = Rooms {
    count: 8,
    people: 12,
    cameras: 6,
    voices: 3,
};

pub async fn rooms() -> Value {
    let server = Server::start().await;
    let floor = floor::measure();
    let (_publishing, receiving, _people) = CLASSES.fill(&server).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let result = Measured::during(&server, &receiving, 10)
        .await
        .as_json(floor);
    print("rooms", "10 rooms of 30", &result);
    result
}

/// The same rooms with one, two and four media threads, in turns. The median of three rounds.
pub async fn threads() -> Value {
    const ROUNDS: usize = 3;
    let mut all = Map::new();
    for (name, what, rooms) in [
        (
            "classes",
            "10 rooms of 30, one camera and three voices each",
            CLASSES,
        ),
        (
            "groups",
            "8 rooms of 12, six cameras and three voices each",
            GROUPS,
        ),
    ] {
        let numbers = ["1", "2", "4"];
        let mut rounds: [Vec<Value>; 3] = Default::default();
        for _ in 0..ROUNDS {
            for (threads, results) in numbers.iter().zip(&mut rounds) {
                let floor = floor::measure();
                let server = Server::start_with(&[("KMZ_MEET_MEDIA_THREADS", threads)]).await;
                let (_publishing, receiving, _people) = rooms.fill(&server).await;
                tokio::time::sleep(Duration::from_secs(4)).await;
                let mut measured = Measured::during(&server, &receiving, 8).await;
                results.push(measured.as_json(floor));
            }
        }
        let mut medians = Map::new();
        for (threads, mut results) in numbers.iter().zip(rounds) {
            let cost = |result: &Value| result["cpu_us_per_packet"].as_f64().unwrap_or(f64::MAX);
            results.sort_by(|one, other| cost(one).total_cmp(&cost(other)));
            let median = results.swap_remove(ROUNDS / 2);
            print("threads", &format!("{what}, {threads} threads"), &median);
            medians.insert(format!("threads_{threads}"), median);
        }
        all.insert(name.into(), Value::Object(medians));
    }
    Value::Object(all)
}

pub async fn joins() -> Value {
    let server = Server::start().await;
    let room = server.room().await;
    let mut teacher = Person::join(&server, &room, "", true, 1).await;
    teacher.turn_on("microphone");
    let _publishing = Publishing::start(vec![(
        teacher.peer.take().expect("media"),
        vec![Stream::voice(7)],
    )]);
    let server = std::sync::Arc::new(server);
    let mut joining = Vec::new();
    // With the teacher this makes seventy, as many as a room holds.
    for number in 0..69 {
        let (server, room) = (server.clone(), room.clone());
        joining.push(tokio::spawn(async move {
            let mut person =
                Person::join(&server, &room, &format!("person {number}"), false, 9).await;
            let mut peer = person.peer.take().expect("media");
            let heard = tokio::task::spawn_blocking(move || {
                peer.receive(Duration::from_secs(10)).is_some()
            })
            .await;
            (person.started.elapsed(), heard.unwrap_or(false), person)
        }));
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
    let (mut times, mut failed, mut people) = (Vec::new(), 0, Vec::new());
    for join in joining {
        match join.await {
            Ok((took, true, person)) => {
                times.push(took.as_secs_f64() * 1_000.0);
                people.push(person);
            }
            _ => failed += 1,
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times
            .get(((times.len() as f64 - 1.0) * share) as usize)
            .map_or(0.0, |ms| ms.round())
    };
    let result = json!({
        "joins": 69, "within_seconds": 5, "failed": failed,
        "to_first_sound_ms_p50": at(0.5), "to_first_sound_ms_p95": at(0.95), "resident_mb": server.resident_mb().round(),
    });
    print("joins", "70 within 5 s", &result);
    result
}

pub fn print(scenario: &str, what: &str, result: &Value) {
    println!("{scenario}: {what}");
    if let Value::Object(fields) = result {
        for (name, value) in fields {
            println!("    {name:32} {value}");
        }
    }
}

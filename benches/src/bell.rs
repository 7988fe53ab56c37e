//! The bell at eight: 30 classes of 30 come within a minute, by signalling and media, to one server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::load::Measured;
use crate::publish::{Publishing, Stream};
use crate::receive::Receiving;
use crate::room::Person;
use crate::scenarios::print;
use crate::server::{Server, Usage};

const ROOMS: u32 = 30;
const PUPILS: u32 = 29;
const WITHIN: Duration = Duration::from_mins(1);
/// The teachers come first, as they open the rooms.
const TEACHERS_WITHIN: Duration = Duration::from_secs(6);
/// A pupil who hears nothing by then counts as failed.
const MAX_WAIT: Duration = Duration::from_secs(10);
const SETTLED: u64 = 10;

/// Where the pupils' joining has got to.
struct Joined {
    /// Their place in [`Receiving`] is their place in this list.
    people: Vec<Person>,
    failed: usize,
}

pub async fn bell() -> Value {
    let server = Arc::new(Server::start().await);
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(server.room().await);
    }
    let receiving = Receiving::start(Vec::new());
    let began = Instant::now();
    let (server_before, own_before) = (server.usage(), Usage::own());
    let (busiest, done) = watch(&server);
    let teachers = teachers(&server, &rooms).await;
    let ids: Vec<String> = teachers
        .iter()
        .map(|(teacher, _)| teacher.id.clone())
        .collect();
    let (mut present, mut publishers) = (Vec::new(), Vec::new());
    for (teacher, streams) in teachers {
        let mut teacher = teacher;
        publishers.push((teacher.peer.take().expect("media"), streams));
        present.push(teacher);
    }
    let _publishing = Publishing::start(publishers);
    let Joined { people, mut failed } = pupils(&server, &rooms, &ids, &receiving, began).await;
    let all_in = began.elapsed();
    let (server_after, own_after) = (server.usage(), Usage::own());
    let _ = done.send(());
    let busiest = busiest.await.unwrap_or(0.0);

    // The last one may still be waiting for a sound.
    let deadline = Instant::now() + MAX_WAIT;
    let heard = loop {
        let heard = receiving.tally().first_sound;
        let complete = heard.len() == people.len() && heard.iter().all(Option::is_some);
        if complete || Instant::now() > deadline {
            break heard;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let mut times = Vec::new();
    for (place, person) in people.iter().enumerate() {
        match heard.get(place).copied().flatten() {
            Some(at) => times.push((at - person.started).as_secs_f64() * 1_000.0),
            None => failed += 1,
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times
            .get(((times.len() as f64 - 1.0) * share) as usize)
            .map_or(0.0, |ms| ms.round())
    };
    let settled = Measured::during(&server, &receiving, SETTLED)
        .await
        .as_json(crate::floor::measure());
    failed += people
        .iter()
        .chain(&present)
        .filter(|one| one.is_cut_off())
        .count();
    let hundredth = |value: f64| (value * 100.0).round() / 100.0;
    let result = json!({
        "rooms": ROOMS, "people": ROOMS * (PUPILS + 1), "within_seconds": hundredth(all_in.as_secs_f64()),
        "failed": failed,
        "to_first_sound_ms_p50": at(0.5), "to_first_sound_ms_p95": at(0.95), "to_first_sound_ms_max": at(1.0),
        "server_cores": hundredth(server_after.cores_since(server_before)),
        "server_cores_busiest_second": hundredth(busiest),
        "generator_cores": hundredth(own_after.cores_since(own_before)),
        "everybody_in": settled,
        "resident_mb": server.resident_mb().round(),
    });
    print("bell", "30 rooms of 30 within 60 s", &result);
    result
}

async fn teachers(server: &Arc<Server>, rooms: &[String]) -> Vec<(Person, Vec<Stream>)> {
    let mut all = Vec::new();
    for (number, room) in (0u32..).zip(rooms) {
        let came = Instant::now();
        let teacher = Person::join(server, room, "", true, 1).await;
        teacher.turn_on("microphone");
        teacher.turn_on("camera");
        let ssrc = 1_000 * (number + 1);
        // A voice and one small picture.
        let streams = vec![
            Stream::voice(ssrc + 5),
            Stream::camera(ssrc, "q", 15.0, 1, 1_100),
        ];
        all.push((teacher, streams));
        let left = (TEACHERS_WITHIN / ROOMS).saturating_sub(came.elapsed());
        tokio::time::sleep(left).await;
    }
    all
}

/// All pupils, evenly over what is left of the minute, each class mixed with the others.
async fn pupils(
    server: &Arc<Server>,
    rooms: &[String],
    teachers: &[String],
    receiving: &Receiving,
    began: Instant,
) -> Joined {
    let (came, mut coming) = tokio::sync::mpsc::unbounded_channel();
    let left = WITHIN
        .saturating_sub(began.elapsed())
        .saturating_sub(Duration::from_secs(1));
    let gap = left / (ROOMS * PUPILS);
    let start = Instant::now();
    let callers = {
        let (server, rooms, teachers) = (server.clone(), rooms.to_vec(), teachers.to_vec());
        tokio::spawn(async move {
            for number in 0..ROOMS * PUPILS {
                let due = start + gap * number;
                tokio::time::sleep_until(due.into()).await;
                let class = (number % ROOMS) as usize;
                let (server, room, teacher) = (
                    server.clone(),
                    rooms[class].clone(),
                    teachers[class].clone(),
                );
                let came = came.clone();
                tokio::spawn(async move {
                    // A task of its own: whatever fails is told by its end.
                    let join = tokio::spawn(async move {
                        let name = format!("person {number}");
                        let person = Person::join(&server, &room, &name, false, 9).await;
                        person.show(&[&teacher], 180, 180);
                        person
                    });
                    let _ = came.send(join.await.ok());
                });
            }
        })
    };
    let mut joined = Joined {
        people: Vec::new(),
        failed: 0,
    };
    while let Some(one) = coming.recv().await {
        match one {
            Some(mut person) => {
                receiving.add(person.peer.take().expect("media"));
                joined.people.push(person);
            }
            None => joined.failed += 1,
        }
    }
    callers.await.expect("everybody was called");
    joined
}

/// The server's busiest second until it is told to stop.
fn watch(
    server: &Arc<Server>,
) -> (
    tokio::task::JoinHandle<f64>,
    tokio::sync::oneshot::Sender<()>,
) {
    let (done, mut stopped) = tokio::sync::oneshot::channel();
    let server = server.clone();
    let task = tokio::spawn(async move {
        let mut busiest = 0.0f64;
        let mut before = server.usage();
        loop {
            tokio::select! {
                _ = &mut stopped => return busiest,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            let now = server.usage();
            busiest = busiest.max(now.cores_since(before));
            before = now;
        }
    });
    (task, done)
}

//! Somebody guesses the password of a room, and the class still joins.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::client::Client;
use common::{Browser, TestServer};
use futures_util::future::join_all;
use kmz_meet_core::signal::{Alert, ClientMessage, Policy, SIGNAL_PATH, ServerMessage, Target};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Many times what it needs.
const IN_TIME: Duration = Duration::from_secs(30);

async fn locked_room(teacher: &Browser, password: &str) -> String {
    let room = teacher
        .post("/api/v1/rooms", json!({"password": password}))
        .await;
    room.body["name"].as_str().unwrap().to_owned()
}

fn join(room: &str, name: &str, password: &str) -> Value {
    json!({"type": "join", "room": room, "name": name, "password": password})
}

/// A browser that has opened the page.
async fn browser(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    let page = browser.request(Method::GET, "/").send().await.unwrap();
    let cookie = common::set_cookie(&page).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

/// What a flood has done so far.
#[derive(Default)]
struct Flood {
    stop: AtomicBool,
    /// Guesses that were sent.
    guesses: AtomicUsize,
}

impl Flood {
    fn guesses(&self) -> usize {
        self.guesses.load(Ordering::Relaxed)
    }

    async fn until_guesses(&self, wanted: usize) {
        while self.guesses() < wanted {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Guesses a second.
const PACE: usize = 200;

/// Sends wrong guesses from this address until it is told to stop. Every third has a new cookie, the others have none.
async fn flood(server: Arc<TestServer>, room: String, flood: Arc<Flood>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / PACE as u32);
    // Guesses that a busy moment delayed are sent later.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut running = tokio::task::JoinSet::new();
    for number in 0_usize.. {
        ticks.tick().await;
        if flood.stop.load(Ordering::Relaxed) {
            break;
        }
        let (server, room, flood) = (server.clone(), room.clone(), flood.clone());
        running.spawn(async move {
            let guesser = if number.is_multiple_of(3) {
                browser(&server).await
            } else {
                server.browser()
            };
            let mut client = Client::connect(&guesser).await;
            let guess = join(&room, "Mallory", &format!("{number:04}"));
            client.send_text(&guess.to_string()).await;
            flood.guesses.fetch_add(1, Ordering::Relaxed);
            // The answer does not matter. The socket stays open for a while.
            let _ = client.is_silent(Duration::from_secs(1)).await;
        });
        while let Some(ended) = running.try_join_next() {
            ended.unwrap();
        }
    }
    running.abort_all();
}

/// Opens the page, mistypes the password this many times, and gives the right one. Returns whether that led into the room.
async fn comes(
    server: Arc<TestServer>,
    room: String,
    name: String,
    mistypes: usize,
) -> (Client, bool) {
    let mut client = Client::connect(&browser(&server).await).await;
    for number in 0..mistypes {
        let wrong = join(&room, &name, &format!("gehiem{number}"));
        client.send_text(&wrong.to_string()).await;
        assert_eq!(client.next().await, Some(ServerMessage::Waiting), "{name}");
    }
    client
        .send_text(&join(&room, &name, "geheim").to_string())
        .await;
    match client.next().await {
        Some(ServerMessage::Joined { .. }) => (client, true),
        // In the lobby, without being told: the teacher sees it.
        Some(ServerMessage::Waiting) => (client, false),
        other => panic!("{name}: {other:?}"),
    }
}

/// Reads until all of these are in the room or the lobby and the alert has come. Returns who is in the lobby.
async fn sees_all(teacher: &mut Client, mut missing: HashSet<String>) -> HashSet<String> {
    let mut in_lobby = HashSet::new();
    let mut alerted = false;
    while !missing.is_empty() || !alerted {
        match teacher.until(|_| true).await {
            ServerMessage::ParticipantJoined { participant } => {
                missing.remove(&participant.name);
            }
            ServerMessage::LobbyChanged { knockers } => {
                in_lobby = knockers.into_iter().map(|knocker| knocker.name).collect();
                missing.retain(|name| !in_lobby.contains(name));
            }
            ServerMessage::Alert { .. } => alerted = true,
            _ => {}
        }
    }
    in_lobby
}

/// Pupils of a class, and how many of them mistype twice first.
const CLASS: usize = 70;
const MISTYPE: usize = 15;
/// Guesses before the first of the class comes, and between each two: they come within some 17 seconds.
const BEFORE: usize = 200;
const BETWEEN: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn class_joins_while_its_address_guesses_200_times_a_second() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let server = Arc::new(server);
    let room = locked_room(&teacher, "geheim").await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let running = Arc::new(Flood::default());
    let flooding = tokio::spawn(flood(server.clone(), room.clone(), running.clone()));
    running.until_guesses(BEFORE).await;
    let started = Instant::now();
    let coming = (0..CLASS).map(|number| {
        let (server, running, room) = (server.clone(), running.clone(), room.clone());
        tokio::spawn(async move {
            running.until_guesses(BEFORE + number * BETWEEN).await;
            // Those who mistype are spread over the class.
            let mistypes = if number * MISTYPE % CLASS < MISTYPE {
                2
            } else {
                0
            };
            let (client, inside) = comes(server, room, format!("Pupil {number}"), mistypes).await;
            (client, inside, mistypes > 0)
        })
    });
    let names = (0..CLASS).map(|number| format!("Pupil {number}")).collect();
    let both = async { tokio::join!(join_all(coming), sees_all(&mut maier, names)) };
    let (pupils, in_lobby) = tokio::time::timeout(IN_TIME, both)
        .await
        .unwrap_or_else(|_| panic!("all in time: {} guesses", running.guesses()));
    let (took, guesses) = (started.elapsed(), running.guesses() - BEFORE);
    let pupils: Vec<_> = pupils.into_iter().map(Result::unwrap).collect();
    let inside = pupils.iter().filter(|(_, inside, _)| *inside).count();
    let mistyped = pupils.iter().filter(|(_, _, mistyped)| *mistyped).count();
    println!(
        "{inside} of {CLASS} in the room, {} in the lobby, {took:?}, {guesses} wrong guesses ({:.0} a second), \
         {mistyped} mistyped twice",
        in_lobby.len(),
        guesses as f64 / took.as_secs_f64()
    );
    assert!(!flooding.is_finished(), "the flood goes on");
    assert_eq!((inside + in_lobby.len(), mistyped), (CLASS, MISTYPE));
    assert!(guesses > 2_000, "{guesses}");
    // The flood still goes on when the teacher lets them in: as many as the room holds.
    maier
        .say(&ClientMessage::Admit {
            target: Target::All,
        })
        .await;
    let places = Policy::default().capacity as usize - 1;
    let let_in = async {
        for _ in inside..places {
            let joined = |message: &ServerMessage| {
                matches!(message, ServerMessage::ParticipantJoined { .. })
            };
            maier.until(joined).await;
        }
    };
    tokio::time::timeout(IN_TIME, let_in)
        .await
        .unwrap_or_else(|_| panic!("let in"));
    running.stop.store(true, Ordering::Relaxed);
    flooding.await.unwrap();
}

#[tokio::test]
async fn guesses_of_one_browser_leave_others_of_its_address_alone() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = locked_room(&teacher, "geheim").await;
    let (_maier, _) = Client::joined(&teacher, &room, "").await;
    let mallory = browser(&server).await;
    for number in 0..12 {
        let guess = join(&room, "Mallory", &number.to_string());
        let (_, answer) = Client::arrive(&mallory, guess).await;
        assert_eq!(answer, ServerMessage::Waiting);
    }
    let (_, answer) = Client::arrive(&mallory, join(&room, "Mallory", "geheim")).await;
    assert_eq!(answer, ServerMessage::Waiting, "in the lobby, untold");
    let anna = browser(&server).await;
    let (_, answer) = Client::arrive(&anna, join(&room, "Anna", "geheim")).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

/// Arrives from an address that a trusted proxy names.
async fn arrive_from(
    server: &TestServer,
    address: &str,
    cookie: Option<&str>,
    join: Value,
) -> ServerMessage {
    let url = format!("{}{SIGNAL_PATH}", server.origin.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("x-forwarded-for", address.parse().unwrap());
    if let Some(cookie) = cookie {
        headers.insert("cookie", cookie.parse().unwrap());
    }
    let (socket, _) = connect_async(request).await.unwrap();
    let mut client = Client { socket };
    client.send_text(&join.to_string()).await;
    client.answer().await
}

#[tokio::test]
async fn password_guessed_from_many_networks_is_not_found() {
    let server = TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    server
        .school("a", kmz_meet_server::store::Contract::Signed)
        .await;
    server.teacher("a", "maier").await;
    let teacher = server.signed_in("maier").await;
    let room = locked_room(&teacher, "0815").await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    let anna = browser(&server).await;
    server.clock.advance(Duration::from_mins(1));
    let guesses = (0..100).map(|number| {
        let address = format!("2001:db8:0:{number:x}::1");
        let guess = join(&room, "Guess", &format!("{:04}", 9_000 + number));
        let server = &server;
        async move { arrive_from(server, &address, None, guess).await }
    });
    for answer in join_all(guesses).await {
        assert_eq!(answer, ServerMessage::Waiting);
    }
    // The teacher gets the alert.
    let is_alert = |message: &ServerMessage| {
        let alert = Alert::WrongPasswords;
        *message == ServerMessage::Alert { alert }
    };
    maier.until(is_alert).await;
    // The next guess is right, and gets the same answer.
    let right = join(&room, "Guess", "0815");
    let answer = arrive_from(&server, "2001:db8:1::1", None, right).await;
    assert_eq!(answer, ServerMessage::Waiting);
    let annas = join(&room, "Anna", "0815");
    let answer = arrive_from(&server, "198.51.100.7", anna.cookie.as_deref(), annas).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

#[tokio::test]
async fn knocks_by_the_hundred_from_one_address_are_delayed() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let room = teacher
        .post("/api/v1/rooms", json!({"policy": {"door": "knock"}}))
        .await;
    let room = room.body["name"].as_str().unwrap().to_owned();
    let (_maier, _) = Client::joined(&teacher, &room, "").await;
    let browser = server.browser();
    let mut waiting = 0;
    for _ in 0..25 {
        let coming = (0..20).map(|_| Client::join(&browser, &room, "Knock"));
        for (_, answer) in join_all(coming).await {
            match answer {
                ServerMessage::Lobby => {}
                ServerMessage::Waiting => waiting += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(waiting > 0, "500 came in at once");
    // Someone else at this address does not wait behind them.
    let (_, answer) = Client::join(&self::browser(&server).await, &room, "Anna").await;
    assert_eq!(answer, ServerMessage::Lobby);
}

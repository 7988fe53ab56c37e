//! Someone guesses a room's password, and the class comes in all the same.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::client::Client;
use common::{Browser, TestServer};
use futures_util::future::join_all;
use kmz_meet_core::signal::{SIGNAL_PATH, ServerMessage};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Many times what it takes.
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
    let cookie = common::set_cookie(&page).expect("a device cookie");
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

/// Wrong guesses from this address until it is told to stop: without a cookie, and with a new one for every third.
async fn flood(server: &TestServer, room: &str, stop: Arc<AtomicBool>, guesses: Arc<AtomicUsize>) {
    let without = server.browser();
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut running = tokio::task::JoinSet::new();
    while !stop.load(Ordering::Relaxed) {
        ticks.tick().await;
        let number = guesses.fetch_add(1, Ordering::Relaxed);
        let browser = if number % 3 == 0 {
            browser(server).await
        } else {
            without.clone()
        };
        let join = join(room, "Mallory", &format!("{number:04}"));
        running.spawn(async move {
            let mut client = Client::connect(&browser).await;
            client.send_text(&join.to_string()).await;
            // Whatever the answer is: it is no answer to read, and the socket stays for a while.
            let _ = client.is_silent(Duration::from_secs(2)).await;
        });
        while running.try_join_next().is_some() {}
    }
    running.abort_all();
}

/// Comes with the right password, after mistyping it so many times; whether straight into the room.
async fn comes(pupil: Browser, room: String, name: String, mistypes: usize) -> (Client, bool) {
    let mut client = Client::connect(&pupil).await;
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
        Some(ServerMessage::Waiting) => (client, false),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn class_of_seventy_comes_in_while_its_own_address_guesses_two_hundred_times_a_second() {
    let (server, teacher) = TestServer::with_teacher("maier").await;
    let server = Arc::new(server);
    let room = locked_room(&teacher, "geheim").await;
    let (mut maier, _) = Client::joined(&teacher, &room, "").await;
    // They have opened the page before; the flood begins, and the lesson.
    let mut class = Vec::new();
    for _ in 0..70 {
        class.push(browser(&server).await);
    }
    server.clock.advance(Duration::from_secs(60));
    let (stop, guesses) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let flooding = {
        let (server, room, stop, guesses) =
            (server.clone(), room.clone(), stop.clone(), guesses.clone());
        tokio::spawn(async move { flood(&server, &room, stop, guesses).await })
    };
    while guesses.load(Ordering::Relaxed) < 100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let started = Instant::now();
    let coming = class.into_iter().enumerate().map(|(number, pupil)| {
        let mistypes = if number < 15 { 2 } else { 0 };
        tokio::spawn(comes(
            pupil,
            room.clone(),
            format!("Pupil {number}"),
            mistypes,
        ))
    });
    let coming = tokio::time::timeout(IN_TIME, join_all(coming)).await;
    let pupils: Vec<_> = coming
        .expect("in time")
        .into_iter()
        .map(Result::unwrap)
        .collect();
    // Who is not in the room is in the lobby, and the teacher sees them there.
    let mut missing: HashSet<String> = (0..70).map(|number| format!("Pupil {number}")).collect();
    let mut alerted = false;
    let seen = async {
        while !missing.is_empty() {
            match maier.next().await.expect("still connected") {
                ServerMessage::ParticipantJoined { participant } => {
                    missing.remove(&participant.name);
                }
                ServerMessage::LobbyChanged { knockers } => {
                    for knocker in knockers {
                        missing.remove(&knocker.name);
                    }
                }
                ServerMessage::Alert { .. } => alerted = true,
                _ => {}
            }
        }
    };
    tokio::time::timeout(IN_TIME, seen)
        .await
        .unwrap_or_else(|_| panic!("seen by the teacher"));
    let inside = pupils.iter().filter(|(_, inside)| *inside).count();
    let guesses = guesses.load(Ordering::Relaxed);
    println!(
        "{inside} of 70 in the room, the others in the lobby, {:?}, {guesses} wrong guesses, alerted: {alerted}",
        started.elapsed()
    );
    assert!(inside >= 55, "who was never wrong is in the room: {inside}");
    stop.store(true, Ordering::Relaxed);
    flooding.await.unwrap();
}

#[tokio::test]
async fn pupil_who_guesses_does_not_send_the_others_of_the_address_to_the_lobby() {
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
async fn four_digits_are_not_found_by_guessing_from_many_networks() {
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
    let (_maier, _) = Client::joined(&teacher, &room, "").await;
    let anna = browser(&server).await;
    server.clock.advance(Duration::from_secs(60));
    let guesses = (0..100).map(|number| {
        let address = format!("2001:db8:0:{number:x}::1");
        let guess = join(&room, "Guess", &format!("{:04}", 9_000 + number));
        let server = &server;
        async move { arrive_from(server, &address, None, guess).await }
    });
    for answer in join_all(guesses).await {
        assert_eq!(answer, ServerMessage::Waiting);
    }
    // The next one is right, and is answered as all the others were.
    let right = join(&room, "Guess", "0815");
    let answer = arrive_from(&server, "2001:db8:1::1", None, right).await;
    assert_eq!(answer, ServerMessage::Waiting);
    let annas = join(&room, "Anna", "0815");
    let answer = arrive_from(&server, "198.51.100.7", anna.cookie.as_deref(), annas).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

#[tokio::test]
async fn hundreds_that_come_at_once_from_one_address_wait_for_their_moment() {
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

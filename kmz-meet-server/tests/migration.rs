//! What version 98f9a8f left in its data directory and its database is all there for this one, and the lessons that ran when
//! it was killed go on. See `fixtures/before/README.md`.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::client::Client;
use common::course::{Course, led_to};
use common::key::Key;
use common::platform::{Platform, element, enter};
use common::receiver::Receiver;
use common::{TestServer, postgres};
use kmz_meet_core::signal::{ClientMessage, Door, Participant, Right, Role, ServerMessage, Who};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// Where the old version delivered to nobody. Only the test of deliveries lets the time come at which they are due again.
const NOBODY: &str = "127.98.15.11:28116";

/// Members that answers have today and did not have then: the last name of the path.
const ADDED: &[&str] = &["incomplete", "time_zone"];

struct Upgraded {
    server: TestServer,
    facts: Value,
}

fn fixture() -> PathBuf {
    let database = if postgres::is_wanted() {
        "postgres"
    } else {
        "sqlite"
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/before")
        .join(database)
}

async fn run_sql(url: &str, sql: &str) {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Today's server on a copy of the old installation, a second after the old server was asked what it has.
async fn upgraded() -> Upgraded {
    let fixture = fixture();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for entry in std::fs::read_dir(&fixture).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "key") {
            std::fs::copy(&path, data.join(path.file_name().unwrap())).unwrap();
        }
    }
    let read = |name: &str| std::fs::read_to_string(fixture.join(name)).unwrap();
    let facts: Value = serde_json::from_str(&read("facts.json")).unwrap();
    let database = if postgres::is_wanted() {
        let url = postgres::database().await;
        run_sql(&url, &read("database.sql")).await;
        Some(url)
    } else {
        let file = data.join("kmz-meet.sqlite");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        run_sql(&url, &read("database.sql")).await;
        None
    };
    // The time at which the old server stopped: at any other everybody would be long gone at the first look.
    let recorded_at = facts["recorded_at"].as_i64().unwrap();
    let server = TestServer::open(directory, recorded_at + 1_000, |config| {
        config.database_url = database;
        config.outgoing_loopback = true;
    })
    .await;
    Upgraded { server, facts }
}

impl Upgraded {
    fn text(&self, pointer: &str) -> &str {
        let value = self.facts.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("{pointer} is missing in the facts"))
    }

    fn key(&self) -> Key {
        self.server.with_token(self.text("/key"))
    }

    /// The browser in which the teacher was signed in.
    fn teacher(&self) -> common::Browser {
        let cookies = self.facts["teacher"]["cookies"].as_object().unwrap();
        let cookies: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap()))
            .collect();
        common::Browser {
            cookie: Some(cookies.join("; ")),
            ..self.server.browser()
        }
    }

    /// Comes back to where this person was.
    async fn back(&self, who: &str) -> (Client, Came) {
        let room = self.text(&format!("/inside/{who}/room"));
        let seat = self.text(&format!("/inside/{who}/seat"));
        let join = json!({"type": "join", "room": room, "name": "", "seat": seat});
        let (client, answer) = Client::arrive(&self.server.browser(), join).await;
        let ServerMessage::Joined {
            conference,
            you,
            room,
            participants,
            chat,
            ..
        } = answer
        else {
            panic!("{who}: {answer:?}")
        };
        assert_eq!(
            conference.0,
            self.text(&format!("/inside/{who}/conference"))
        );
        assert_eq!(you.0, self.text(&format!("/inside/{who}/you")), "{who}");
        let own = participants.iter().find(|one| one.id == you).unwrap();
        let came = Came {
            own: own.clone(),
            door: room.policy.door,
            camera: room.policy.camera,
            chat: chat.into_iter().map(|one| (one.name, one.text)).collect(),
            participants: participants.len(),
        };
        (client, came)
    }
}

/// What somebody finds who comes back.
struct Came {
    own: Participant,
    door: Door,
    camera: Who,
    chat: Vec<(String, String)>,
    participants: usize,
}

/// Every member that is not as before, as `path: before -> now`.
fn differences(path: &str, before: &Value, now: &Value, found: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
            for name in names {
                let path = format!("{path}/{name}");
                match (before.get(name), now.get(name)) {
                    (Some(before), Some(now)) => differences(&path, before, now, found),
                    (None, Some(_)) if ADDED.contains(&name.as_str()) => {}
                    (before, now) => found.push(format!("{path}: {before:?} -> {now:?}")),
                }
            }
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            for (number, (before, now)) in before.iter().zip(now).enumerate() {
                differences(&format!("{path}/{number}"), before, now, found);
            }
        }
        (before, now) if before == now => {}
        (before, now) => found.push(format!("{path}: {before} -> {now}")),
    }
}

impl Upgraded {
    /// What differs in the answers to these paths, where `wanted` holds for the path.
    async fn compared(
        &self,
        answers: &str,
        wanted: impl Fn(&str) -> bool,
        get: impl AsyncFn(&str) -> Value,
    ) -> Vec<String> {
        let mut found = Vec::new();
        let before = self.facts[answers].as_object().unwrap();
        let paths = before.iter().filter(|(path, _)| wanted(path));
        let mut count = 0;
        for (path, before) in paths {
            count += 1;
            let text = before.to_string();
            let text = text.replace(self.text("/origin"), &self.server.origin);
            let before = serde_json::from_str(&text).unwrap();
            differences(path, &before, &get(path).await, &mut found);
        }
        assert!(count > 0, "nothing was compared");
        found
    }
}

#[tokio::test]
async fn every_answer_after_the_upgrade_is_as_before() {
    let upgraded = upgraded().await;
    let key = upgraded.key();
    let get = async |path: &str| {
        let answer = key.get(&format!("/api/v1{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.body
    };
    let is_json = |path: &str| !path.ends_with("/csv");
    let mut found = upgraded.compared("answers", is_json, get).await;
    // Nobody has come back yet: their seats are kept.
    found.retain(|one| !one.ends_with("/connected: true -> false"));
    assert!(found.is_empty(), "{}", found.join("\n"));
    let teacher = upgraded.teacher();
    let get = async |path: &str| {
        let answer = teacher.get(&format!("/api/v1{path}")).await;
        assert_eq!(answer.status, 200, "the session holds: {path}: {answer:?}");
        answer.body
    };
    let found = upgraded.compared("answers_of_teacher", |_| true, get).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn keys_and_passwords_after_the_upgrade_open_what_they_opened() {
    let upgraded = upgraded().await;
    let reader = upgraded.server.with_token(upgraded.text("/key_of_reader"));
    assert_eq!(reader.get("/api/v1/rooms").await.status, 200);
    let webhooks = reader.get("/api/v1/webhooks").await;
    webhooks.is_problem(403, "not_permitted");
    let mut browser = upgraded.server.browser();
    let password = upgraded.text("/teacher/password");
    let wrong = browser.sign_in("maier", "wrong-pass-word-here").await;
    assert_eq!(wrong.status(), 401);
    let right = browser.sign_in("maier", password).await;
    assert_eq!(right.status(), 200);
    let cookie = common::set_cookie(&right).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let rooms = browser.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"][0]["id"], upgraded.text("/rooms/own"));
}

#[tokio::test]
async fn attendance_after_the_upgrade_is_exported_corrected_and_graded() {
    let upgraded = upgraded().await;
    let course = Course::known(
        upgraded.text("/platform_url"),
        upgraded.text("/platform_key"),
    )
    .await;
    let columns = upgraded.facts["columns"].as_array().unwrap().clone();
    course.book.lock().unwrap().columns.clone_from(&columns);
    let key = upgraded.key();
    let lesson = format!("/api/v1/attendance/{}", upgraded.text("/lesson"));
    let table = async || {
        let request = key.request(Method::GET, &format!("{lesson}/csv"));
        let request = request.header("accept-language", "de");
        request.send().await.unwrap().text().await.unwrap()
    };
    let before =
        &upgraded.facts["answers"][format!("/attendance/{}/csv", upgraded.text("/lesson"))];
    let before = before.as_str().unwrap();
    // Times are of the school's zone since, and the heading says so: the names, roles and minutes are the same.
    let columns_of = |table: &str| -> Vec<Vec<String>> {
        let rows = table.trim_start_matches('\u{feff}').lines().skip(1);
        let cells = rows.map(|row| row.split(';').map(|cell| cell.replace('"', "")).collect());
        let cells: Vec<Vec<String>> = cells.collect();
        cells
            .into_iter()
            .map(|row| [&row[..3], &row[5..]].concat())
            .collect()
    };
    assert_eq!(columns_of(&table().await), columns_of(before));
    assert_eq!(columns_of(before).len(), 4);

    let was = key.get(&lesson).await.body;
    let number = |name: &str| {
        let people = was["attendance"].as_array().unwrap();
        let person = people.iter().find(|one| one["name"] == name).unwrap();
        person["number"].as_u64().unwrap()
    };
    let corrections = json!({"corrections": [
        {"number": number("Anna"), "minutes": 0}, {"number": number("Ben"), "minutes": null},
        {"number": number("Mia"), "minutes": 1},
    ]});
    let corrected = key.patch(&lesson, corrections).await;
    assert_eq!(corrected.status, 200);
    let mut expected = was.clone();
    for (name, minutes) in [("Anna", 0), ("Ben", 1), ("Mia", 1)] {
        expected["attendance"][number(name) as usize]["minutes"] = json!(minutes);
    }
    assert_eq!(corrected.body, expected);

    let how = json!({"confirm": true, "measure": "minutes"});
    let sent = key.post(&format!("{lesson}/grades"), how).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(sent.body["sent"], 3, "{sent:?}");
    let book = course.book.lock().unwrap();
    assert_eq!(book.columns, columns, "the column of the old version");
    let scores: BTreeMap<&str, &Value> = book
        .scores
        .iter()
        .map(|(_, score)| (score["userId"].as_str().unwrap(), &score["scoreGiven"]))
        .collect();
    let expected = [("4", json!(0.0)), ("5", json!(1.0)), ("6", json!(1.0))];
    assert_eq!(
        scores,
        expected.iter().map(|(id, given)| (*id, given)).collect()
    );
}

#[tokio::test]
async fn deliveries_that_waited_are_made_after_the_upgrade() {
    let upgraded = upgraded().await;
    let receiver = Receiver::start_at(NOBODY).await;
    let hook = upgraded.text("/webhooks/unreached/id").to_owned();
    let path = format!("/api/v1/webhooks/{hook}/deliveries");
    let log = upgraded.key().get(&path).await.body;
    let log = log["deliveries"].as_array().unwrap();
    let waiting: BTreeSet<String> = log
        .iter()
        .filter(|one| one["state"] == "waiting")
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(waiting.len() >= 5, "{waiting:?}");
    // All are due: the longest pause between the first tries is minutes.
    upgraded.server.clock.advance(Duration::from_mins(15));
    let mut came = BTreeSet::new();
    let mut of_meeting = 0;
    while came.len() < waiting.len() || of_meeting == 0 {
        let call = receiver.next(Duration::from_secs(20)).await;
        if call.path.starts_with("/ended?") {
            assert!(call.path.contains("meetingID=meeting-0"), "{call:?}");
            assert_eq!(call.method, "GET");
            of_meeting += 1;
            continue;
        }
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("POST", "/unreached")
        );
        let header = |name: &str| call.headers[name].to_str().unwrap().to_owned();
        let id = header("webhook-id");
        if !waiting.contains(&id) {
            // Of another test's server, for whom nobody was there.
            continue;
        }
        let signature = kmz_meet_server::deliveries::sign(
            upgraded.text("/webhooks/unreached/secret"),
            &id,
            header("webhook-timestamp").parse().unwrap(),
            &call.body,
        );
        assert_eq!(signature, Some(header("webhook-signature")));
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let event = body["type"].as_str().unwrap();
        assert!(
            ["participant.joined", "participant.left"].contains(&event),
            "{body}"
        );
        assert!(came.insert(id), "it came twice");
    }
    assert_eq!((came, of_meeting), (waiting.clone(), 1));
    let is_done = async || {
        let log = upgraded.key().get(&path).await.body;
        let done = log["deliveries"].as_array().unwrap();
        let done = done.iter().filter(|one| one["state"] == "delivered");
        let done: BTreeSet<String> = done
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        waiting.is_subset(&done)
    };
    for _ in 0..500 {
        if is_done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("they came, and are not delivered");
}

#[tokio::test]
async fn each_way_in_after_the_upgrade_leads_to_the_same_room() {
    let upgraded = upgraded().await;
    let (server, key) = (&upgraded.server, upgraded.key());
    let rooms = key.get("/api/v1/rooms").await.body["rooms"].clone();
    let rooms_before = rooms.as_array().unwrap().len();
    let room = |name: &str| {
        let mut rooms = rooms.as_array().unwrap().iter();
        let room = rooms.find(|one| one["title"] == name).unwrap();
        room["name"].as_str().unwrap().to_owned()
    };
    let name_in = |answer: &ServerMessage| match answer {
        ServerMessage::Joined { room, .. } => room.name.clone(),
        other => panic!("{other:?}"),
    };
    // A ticket of the REST API, made before.
    let join = json!({"type": "join", "room": room("Sprechstunde"), "name": "", "token": upgraded.text("/ticket/ticket")});
    let (_portal, answer) = Client::arrive(&server.browser(), join).await;
    assert_eq!(name_in(&answer), room("Sprechstunde"));
    // A token of the portal that came from Jitsi.
    let join = json!({"type": "join", "room": "Elternabend", "name": "", "token": upgraded.text("/jitsi_token")});
    let (_jitsi, answer) = Client::arrive(&server.browser(), join).await;
    assert_eq!(name_in(&answer), room("elternabend"));
    // A meeting of a platform that speaks BigBlueButton.
    let platform = Platform {
        base: format!("{}/bigbluebutton/api", server.origin),
        secret: upgraded.text("/bbb_secret").to_owned(),
        http: reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
    };
    let info = platform.call("getMeetingInfo", "meetingID=meeting-1").await;
    assert_eq!(element(&info, "meetingName"), Some("Physik"), "{info}");
    assert_eq!(element(&info, "attendeePW"), Some("ap"));
    let url = platform
        .join("meetingID=meeting-1&fullName=Frau+Rot&password=mp&userID=r1")
        .await;
    let (_bbb, answer) = enter(server, &url).await;
    assert_eq!(name_in(&answer), room("Physik"));
    // A link in the course.
    let course = Course::known(
        upgraded.text("/platform_url"),
        upgraded.text("/platform_key"),
    )
    .await;
    let url = led_to(&course.launch(server, "c", |_| {}).await);
    assert_eq!(url.path(), format!("/{}", upgraded.text("/course_room")));
    let (_anna, answer) = enter(server, &url).await;
    assert_eq!(name_in(&answer), upgraded.text("/course_room"));
    let rooms = key.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"].as_array().unwrap().len(), rooms_before);
}

#[tokio::test]
async fn a_conference_that_ran_before_the_upgrade_goes_on_after_it() {
    let upgraded = upgraded().await;
    let chat = [
        ("Anna".to_owned(), "Guten Morgen".to_owned()),
        ("Frau Maier".to_owned(), "Bitte Seite 12 öffnen".to_owned()),
    ];
    let (mut maier, came) = upgraded.back("maier").await;
    assert_eq!(came.own.role, Role::Moderator, "without the cookie");
    assert_eq!((came.door, came.camera), (Door::Knock, Who::Moderators));
    assert_eq!((came.participants, &came.chat[..]), (3, &chat[..]));
    let (mut ben, came) = upgraded.back("ben").await;
    assert_eq!((came.own.role, came.own.hand), (Role::Participant, Some(1)));
    assert_eq!(came.own.grants, [Right::Camera]);
    let (mut anna, came) = upgraded.back("anna").await;
    assert_eq!((came.own.role, came.own.hand), (Role::Participant, Some(2)));
    assert_eq!(came.own.grants, []);
    assert_eq!((came.door, came.camera), (Door::Knock, Who::Moderators));
    assert_eq!(came.chat, chat);

    // All are back: the API says of the conference what it said before.
    let key = upgraded.key();
    let conference = format!("/rooms/{}/conference", upgraded.text("/rooms/own"));
    let get = async |path: &str| key.get(&format!("/api/v1{path}")).await.body;
    let found = upgraded
        .compared("answers", |path| path == conference, get)
        .await;
    assert!(found.is_empty(), "{}", found.join("\n"));

    // The door and the chat work on.
    let own = upgraded.text("/own_room");
    let join = json!({"type": "join", "room": own, "name": "Dora", "password": "pinguin"});
    let (mut dora, answer) = Client::arrive(&upgraded.server.browser(), join).await;
    assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");
    maier
        .until(|message| {
            matches!(message, ServerMessage::LobbyChanged { knockers } if knockers.iter().any(|one| one.name == "Dora"))
        })
        .await;
    let text = "Wieder da".to_owned();
    ben.say(&ClientMessage::SendChat { text: text.clone() })
        .await;
    for client in [&mut anna, &mut maier] {
        let is_it = |message: &ServerMessage| matches!(message, ServerMessage::Chat { message } if message.text == text);
        client.until(is_it).await;
    }
    maier.say(&ClientMessage::EndForAll).await;
    dora.until(|message| {
        matches!(
            message,
            ServerMessage::Ended | ServerMessage::Waiting | ServerMessage::Refused { .. }
        )
    })
    .await;
    anna.until(|message| matches!(message, ServerMessage::Ended))
        .await;
}

#[tokio::test]
async fn attendance_of_a_lesson_that_ran_before_the_upgrade_is_kept_from_its_beginning() {
    let upgraded = upgraded().await;
    let _course = Course::known(
        upgraded.text("/platform_url"),
        upgraded.text("/platform_key"),
    )
    .await;
    let (_teacher, came) = upgraded.back("course teacher").await;
    assert_eq!((came.own.role, came.participants), (Role::Moderator, 2));
    let (_anna, came) = upgraded.back("course anna").await;
    assert_eq!((came.own.role, came.own.listed), (Role::Participant, true));
    let key = upgraded.key();
    let room = format!("/api/v1/rooms/{}", upgraded.text("/rooms/course"));
    assert_eq!(key.delete(&format!("{room}/conference")).await.status, 204);
    let recorded_at = upgraded.facts["recorded_at"].as_i64().unwrap();
    for _ in 0..1_500 {
        let lessons = key.get(&format!("{room}/attendance")).await.body;
        let lessons = lessons["lessons"].as_array().unwrap();
        if let [new, old] = &lessons[..] {
            assert_eq!(old["id"], upgraded.text("/lesson"));
            assert!(new["started_at"].as_i64().unwrap() < recorded_at, "{new}");
            assert!(new["ended_at"].as_i64().unwrap() > recorded_at, "{new}");
            let id = new["id"].as_str().unwrap();
            let lesson = key.get(&format!("/api/v1/attendance/{id}")).await.body;
            let people = lesson["attendance"].as_array().unwrap();
            let anna = people.iter().find(|one| one["name"] == "Anna").unwrap();
            assert!(anna["first_at"].as_i64().unwrap() < recorded_at, "{anna}");
            let user = format!("lti:{}:4", upgraded.text("/course_platform"));
            assert_eq!(anna["user"], user);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the lesson is not in the list");
}

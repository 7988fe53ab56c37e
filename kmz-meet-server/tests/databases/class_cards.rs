//! Class lists and pupil cards: who changes a list, what a card opens, and when it opens nothing any more.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::client::Client;
use crate::common::{Answer, Browser, TestServer};
use kmz_meet_core::room::room_name;
use kmz_meet_core::signal::{
    ClientMessage, Door, ParticipantId, PolicyChange, RefusalReason, Role, ServerMessage, Target,
};
use kmz_meet_server::class_cards::{CardCode, MAX_PUPILS};
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

const ENTRY: &str = "/api/v1/pupil-cards/entry";

struct World {
    server: TestServer,
    teacher: Browser,
    room: Value,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.teacher("a", "berta").await;
        server.teacher("a", "clara").await;
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        server.person("b", "erna", UserRole::SchoolAdmin).await;
        let teacher = server.signed_in("berta").await;
        let new = json!({"title": "Deutsch 7b"});
        let room = teacher.post("/api/v1/rooms", new).await.body;
        Self {
            server,
            teacher,
            room,
        }
    }

    /// With a list of Anna and Ben, and the lesson of their teacher.
    async fn lesson() -> (Self, Client) {
        let world = Self::new().await;
        world.put(&["Anna", "Ben"]).await;
        let name = world.room["name"].as_str().unwrap();
        let (teacher, answer) = Client::join(&world.teacher, name, "x").await;
        assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
        (world, teacher)
    }

    fn path(&self) -> String {
        format!(
            "/api/v1/rooms/{}/class-list",
            self.room["id"].as_str().unwrap()
        )
    }

    async fn try_put(&self, by: &Browser, names: &[&str]) -> Answer {
        let request = by.request(Method::PUT, &self.path());
        Answer::of(request.json(&json!({"names": names}))).await
    }

    async fn put(&self, names: &[&str]) -> Value {
        let answer = self.try_put(&self.teacher, names).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    async fn list(&self) -> Value {
        self.teacher.get(&self.path()).await.body
    }

    /// The id of somebody on the list.
    async fn pupil(&self, name: &str) -> String {
        let list = self.list().await;
        let pupils = list["pupils"].as_array().unwrap();
        let pupil = pupils.iter().find(|one| one["name"] == name);
        pupil.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// What is printed on somebody's card: what is behind the `#` of its link, and its code.
    async fn printed(&self, name: &str) -> (String, CardCode) {
        let room = self.room["id"].as_str().unwrap();
        let pupils = self.server.app.store.class_list(room).await.unwrap();
        let pupil = pupils.into_iter().find(|one| one.name == name).unwrap();
        let card = pupil.card.unwrap();
        let secrets = &self.server.app.card_secrets;
        (secrets.link(&card).unwrap(), secrets.code(&card).unwrap())
    }

    async fn exchange(&self, shown: Value) -> Answer {
        self.server.browser().post(ENTRY, shown).await
    }

    /// The ticket for which somebody's card is exchanged.
    async fn ticket(&self, name: &str) -> String {
        let (link, _) = self.printed(name).await;
        ticket_in(&self.exchange(json!({"link": link})).await)
    }

    /// A browser that was here before, so that it has a device cookie.
    fn device(&self) -> Browser {
        let app = &self.server.app;
        let device = app.devices.issue(app.clock.now());
        Browser {
            cookie: Some(format!("__Host-kmz_device={device}")),
            ..self.server.browser()
        }
    }

    async fn comes(&self, browser: &Browser, ticket: &str) -> (Client, ServerMessage) {
        let room = self.room["name"].as_str().unwrap();
        let join = json!({"type": "join", "room": room, "name": "Der Direktor", "token": ticket});
        Client::arrive(browser, join).await
    }
}

fn ticket_in(entry: &Answer) -> String {
    assert_eq!(entry.status, 200, "{entry:?}");
    let url = entry.body["url"].as_str().unwrap();
    let fragment = url.split_once('#').unwrap().1;
    let mut pairs = url::form_urlencoded::parse(fragment.as_bytes());
    let ticket = pairs.find(|(key, _)| key == "ticket").unwrap().1;
    ticket.into_owned()
}

fn is_refused(answer: &ServerMessage, wanted: RefusalReason) -> bool {
    matches!(answer, ServerMessage::Refused { reason } if *reason == wanted)
}

#[tokio::test]
async fn pupil_comes_in_listed_under_the_name_on_the_list_past_password_and_lobby() {
    let (world, mut teacher) = World::lesson().await;
    let password = Some("Kastanie".to_owned());
    teacher.say(&ClientMessage::SetPassword { password }).await;
    let change = PolicyChange {
        door: Some(Door::Knock),
        ..PolicyChange::default()
    };
    teacher.say(&ClientMessage::SetPolicy { change }).await;
    let (_, code) = world.printed("Anna").await;
    let typed = code.grouped().to_lowercase().replace('-', " ");
    for shown in [
        json!({"code": typed}),
        json!({"link": world.printed("Ben").await.0}),
    ] {
        let ticket = ticket_in(&world.exchange(shown).await);
        let (_client, answer) = world.comes(&world.device(), &ticket).await;
        let ServerMessage::Joined {
            you,
            participants,
            room,
            ..
        } = answer
        else {
            panic!("{answer:?}")
        };
        assert!(room.knows_members);
        let own = participants.iter().find(|one| one.id == you).unwrap();
        assert!(["Anna", "Ben"].contains(&own.name.as_str()), "{own:?}");
        assert_eq!(own.role, Role::Participant);
        assert!(own.listed && own.verified && !own.typed_name, "{own:?}");
    }
    // It is no way to what the school keeps.
    let key = world.server.with_token(&world.ticket("Anna").await);
    assert_eq!(key.get(&world.path()).await.status, 401);
}

#[tokio::test]
async fn pupil_waits_for_the_lesson_and_does_not_start_it() {
    let world = World::new().await;
    world.put(&["Anna"]).await;
    let ticket = world.ticket("Anna").await;
    let (_client, answer) = world.comes(&world.device(), &ticket).await;
    assert!(matches!(answer, ServerMessage::Waiting), "{answer:?}");
}

#[tokio::test]
async fn second_use_of_a_card_knocks_moderators_are_told_and_the_first_stays() {
    let (world, mut teacher) = World::lesson().await;
    let tablet = world.device();
    let ticket = world.ticket("Anna").await;
    let (mut first, answer) = world.comes(&tablet, &ticket).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
    for other in [world.device(), world.server.browser()] {
        let other_ticket = world.ticket("Anna").await;
        let (_second, answer) = world.comes(&other, &other_ticket).await;
        assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");
        let told = teacher
            .until(|message| matches!(message, ServerMessage::LobbyChanged { knockers } if !knockers.is_empty()))
            .await;
        let ServerMessage::LobbyChanged { knockers } = told else {
            unreachable!()
        };
        assert_eq!(knockers[0].second_use.as_deref(), Some("Anna"));
        assert!(!knockers[0].listed, "{knockers:?}");
    }
    first.say(&ClientMessage::Ping).await;
    first
        .until(|message| matches!(message, ServerMessage::Pong))
        .await;
    // The same browser takes its own place, by a new exchange too.
    let again = world.ticket("Anna").await;
    let (_again, answer) = world.comes(&tablet, &again).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(participants.len(), 2);
}

#[tokio::test]
async fn seat_of_a_card_comes_back_after_a_restart_and_another_browser_knocks() {
    let (world, _teacher) = World::lesson().await;
    let tablet = world.device();
    let ticket = world.ticket("Anna").await;
    let (_first, answer) = world.comes(&tablet, &ticket).await;
    let ServerMessage::Joined { seat, .. } = answer else {
        panic!("{answer:?}")
    };
    let World { server, room, .. } = world;
    // The snapshot is written by and by.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let server = server.restarted().await;
    let cookie = tablet.cookie.clone();
    let tablet = Browser {
        cookie,
        ..server.browser()
    };
    let name = room["name"].as_str().unwrap();
    let join = json!({"type": "join", "room": name, "name": "x", "token": ticket});
    let (_other, answer) = Client::arrive(&server.browser(), join.clone()).await;
    assert!(matches!(answer, ServerMessage::Lobby), "{answer:?}");
    let (_back, answer) = Client::arrive(&tablet, join).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
    let by_seat = json!({"type": "join", "room": name, "name": "x", "token": ticket, "seat": seat});
    let (_seat, answer) = Client::arrive(&tablet, by_seat).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

#[tokio::test]
async fn card_that_is_over_opens_nothing_and_leads_its_holder_out() {
    for how in ["renew", "withdraw", "renew all", "withdraw all", "remove"] {
        let (world, _teacher) = World::lesson().await;
        let (link, code) = world.printed("Anna").await;
        let ticket = world.ticket("Anna").await;
        let (mut anna, answer) = world.comes(&world.device(), &ticket).await;
        let ServerMessage::Joined { seat, .. } = answer else {
            panic!("{answer:?}")
        };
        let bens = world.ticket("Ben").await;
        let (mut ben, answer) = world.comes(&world.device(), &bens).await;
        assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
        let cards = format!("{}/cards", world.path());
        let card = format!("{cards}/{}", world.pupil("Anna").await);
        let done = match how {
            "renew" => {
                world
                    .teacher
                    .post(&format!("{card}/renew"), Value::Null)
                    .await
            }
            "renew all" => {
                world
                    .teacher
                    .post(&format!("{cards}/renew"), Value::Null)
                    .await
            }
            "withdraw" => world.teacher.delete(&card).await,
            "withdraw all" => world.teacher.delete(&cards).await,
            _ => world.try_put(&world.teacher, &["Ben"]).await,
        };
        assert!(matches!(done.status, 200 | 204), "{how}: {done:?}");
        // She is told, and nothing that she has leads back.
        let told = anna
            .until(|message| matches!(message, ServerMessage::Refused { .. }))
            .await;
        assert!(
            is_refused(&told, RefusalReason::CardEnded),
            "{how}: {told:?}"
        );
        for shown in [json!({"link": link}), json!({"code": code.grouped()})] {
            world.exchange(shown).await.is_problem(404, "not_found");
        }
        let room = world.room["name"].as_str().unwrap();
        for seat in [None, Some(&seat)] {
            let join =
                json!({"type": "join", "room": room, "name": "x", "token": ticket, "seat": seat});
            let (_client, answer) = Client::arrive(&world.device(), join).await;
            assert!(
                is_refused(&answer, RefusalReason::CardEnded),
                "{how}: {answer:?}"
            );
        }
        let join = json!({"type": "join", "room": room, "name": "x", "seat": seat});
        let (_client, answer) = Client::arrive(&world.device(), join).await;
        assert!(
            is_refused(&answer, RefusalReason::BadSeat),
            "{how}: {answer:?}"
        );
        let all = how.ends_with("all");
        if !all {
            ben.say(&ClientMessage::Ping).await;
            ben.until(|message| matches!(message, ServerMessage::Pong))
                .await;
        }
        if how.starts_with("renew") {
            let ticket = world.ticket("Anna").await;
            let (_client, answer) = world.comes(&world.device(), &ticket).await;
            assert!(
                matches!(answer, ServerMessage::Joined { .. }),
                "{how}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn withdrawn_card_is_shown_so_and_renewed_one_opens_again() {
    let world = World::new().await;
    let list = world.put(&["Anna", "Ben"]).await;
    assert_eq!(list["max_pupils"], MAX_PUPILS);
    assert_eq!(list["pupils"][0]["card"], "valid");
    let anna = world.pupil("Anna").await;
    let card = format!("{}/cards/{anna}", world.path());
    assert_eq!(world.teacher.delete(&card).await.status, 204);
    let list = world.list().await;
    assert_eq!(
        (&list["pupils"][0]["card"], &list["pupils"][0]["issued_at"]),
        (&json!("withdrawn"), &Value::Null)
    );
    // The same list again gives nobody a card back.
    let list = world.put(&["Ben", "Anna"]).await;
    assert_eq!(list["pupils"][1]["card"], "withdrawn");
    assert_eq!(list["pupils"][1]["id"], anna.as_str());
    let renewed = world
        .teacher
        .post(&format!("{card}/renew"), Value::Null)
        .await;
    assert_eq!(renewed.body["pupils"][1]["card"], "valid", "{renewed:?}");
    for unknown in [
        format!("{}/cards/x", world.path()),
        format!("{}/cards/%00", world.path()),
    ] {
        assert_eq!(world.teacher.delete(&unknown).await.status, 404);
        let path = format!("{unknown}/renew");
        let renewed = world.teacher.post(&path, Value::Null).await;
        assert_eq!(renewed.status, 404);
    }
}

#[tokio::test]
async fn list_that_is_changed_keeps_the_cards_of_those_who_stay() {
    let world = World::new().await;
    world.put(&["Anna", "Ben"]).await;
    let before = world.printed("Ben").await;
    let list = world.put(&["Cem", " Ben ", "Dana"]).await;
    let names: Vec<&str> = list["pupils"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Cem", "Ben", "Dana"]);
    assert_eq!(world.printed("Ben").await, before);
}

#[tokio::test]
async fn list_that_does_not_fit_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let before = world.put(&["Anna", "Ben"]).await;
    let many: Vec<String> = (0..=MAX_PUPILS).map(|at| format!("Kind {at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for names in [
        &many[..],
        &["Anna", "..."],
        &["Anna", "ANNA"],
        &["Anna\0", "Anna"],
    ] {
        let refused = world.try_put(&world.teacher, names).await;
        refused.is_problem(422, "invalid");
    }
    assert_eq!(world.list().await, before);
    let full = world.put(&many[1..]).await;
    assert_eq!(full["pupils"].as_array().unwrap().len(), MAX_PUPILS);
}

#[tokio::test]
async fn lists_that_are_put_at_the_same_time_are_one_of_them() {
    let world = World::new().await;
    let lists: [&[&str]; 3] = [&["Anna", "Ben"], &["Cem"], &["Dana", "Emil", "Fee"]];
    let put = (0..12).map(|at| world.try_put(&world.teacher, lists[at % 3]));
    let put = futures_util::future::join_all(put).await;
    assert!(put.iter().all(|one| one.status == 200), "{put:?}");
    let list = world.list().await;
    let names: Vec<&str> = list["pupils"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(lists.contains(&&names[..]), "{names:?}");
}

#[tokio::test]
async fn list_is_the_owners_and_the_administrators_of_the_school_alone() {
    let world = World::new().await;
    world.put(&["Anna"]).await;
    for (name, status) in [("frida", 200), ("clara", 404), ("erna", 404)] {
        let caller = world.server.signed_in(name).await;
        assert_eq!(caller.get(&world.path()).await.status, status, "{name}");
        let put = world.try_put(&caller, &["Anna", "Zoe"]).await;
        assert_eq!(put.status, status, "{name}");
        let cards = format!("{}/cards", world.path());
        assert_eq!(caller.get(&cards).await.status, status, "{name}");
    }
    // A pupil of another room of the same owner is none of this room.
    let anna = world.pupil("Anna").await;
    let other = world.teacher.post("/api/v1/rooms", json!({})).await.body;
    let other = other["id"].as_str().unwrap();
    let path = format!("/api/v1/rooms/{other}/class-list/cards/{anna}");
    assert_eq!(world.teacher.delete(&path).await.status, 404);
}

#[tokio::test]
async fn card_of_a_school_whose_contract_ended_opens_nothing_until_it_holds_again() {
    let world = World::new().await;
    world.put(&["Anna"]).await;
    let (link, _) = world.printed("Anna").await;
    world.server.set_contract("a", Contract::Ended, None).await;
    let refused = world.exchange(json!({"link": link})).await;
    refused.is_problem(403, "no_contract");
    let put = world.try_put(&world.teacher, &["Anna", "Ben"]).await;
    put.is_problem(403, "no_contract");
    let renew = format!("{}/cards/renew", world.path());
    let renewed = world.teacher.post(&renew, Value::Null).await;
    renewed.is_problem(403, "no_contract");
    world.server.set_contract("a", Contract::Signed, None).await;
    assert_eq!(world.exchange(json!({"link": link})).await.status, 200);
    // Names may always be deleted.
    world.server.set_contract("a", Contract::Ended, None).await;
    world.put(&[]).await;
}

#[tokio::test]
async fn what_somebody_invents_opens_nothing_and_tells_nothing() {
    let world = World::new().await;
    world.put(&["Anna"]).await;
    let (link, _) = world.printed("Anna").await;
    let answers = [
        json!({"link": ""}),
        json!({"link": "x"}),
        json!({"link": "A".repeat(43)}),
        json!({"link": link[..42].to_owned()}),
        json!({"link": format!("{link}A")}),
        json!({"code": ""}),
        json!({"code": "BCDFG-HJKLM"}),
        json!({"code": world.room["name"]}),
        json!({"code": "x".repeat(40_000)}),
    ];
    for shown in answers {
        let answer = world.exchange(shown.clone()).await;
        answer.is_problem(404, "not_found");
    }
    for bad in [
        json!({}),
        json!({"link": link, "code": "x"}),
        json!({"link": 1}),
    ] {
        assert_eq!(world.exchange(bad).await.status, 400);
    }
}

#[tokio::test]
async fn wrong_codes_are_refused_in_time_and_links_of_the_class_open_all_the_while() {
    let world = World::new().await;
    world.put(&["Anna"]).await;
    let (link, code) = world.printed("Anna").await;
    let mut refused = 0;
    for _ in 0..100 {
        let answer = world.exchange(json!({"code": "BCDFGHJKLM"})).await;
        refused += u32::from(answer.status == 429);
    }
    assert!((30..50).contains(&refused), "{refused}");
    let right = world.exchange(json!({"code": code.grouped()})).await;
    right.is_problem(429, "too_many_attempts");
    assert_eq!(world.exchange(json!({"link": link})).await.status, 200);
    // A browser of the class has tries of its own.
    let device = world.device();
    let own = device.post(ENTRY, json!({"code": code.grouped()})).await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn table_is_read_and_nothing_of_it_is_kept() {
    let world = World::new().await;
    let path = format!("{}/reading", world.path());
    let read = |bytes: Vec<u8>| {
        let request = world.teacher.request(Method::POST, &path);
        Answer::of(request.body(bytes))
    };
    let found =
        read(b"Nachname;Vorname;Mail\r\nM\xFCller;Lena;x\r\n;;\r\n\xD6z;Ali;y\r\n".to_vec()).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert_eq!(found.body["names"], json!(["Lena Müller", "Ali Öz"]));
    assert_eq!(world.list().await["pupils"], json!([]));
    read(b"%PDF-1.7".to_vec())
        .await
        .is_problem(422, "unreadable_list");
    let large = read(vec![b'x'; 70_000]).await;
    large.is_problem(413, "too_large");
}

#[tokio::test]
async fn cards_are_printed_for_all_or_for_one() {
    let world = World::new().await;
    world.put(&["Anna", "Ben"]).await;
    let cards = format!("{}/cards", world.path());
    let get = |query: String| {
        world
            .teacher
            .request(Method::GET, &format!("{cards}{query}"))
    };
    let answer = get("?language=en".to_owned()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("cache-control"), "no-store");
    let all = answer.bytes().await.unwrap();
    assert!(all.starts_with(b"%PDF-1.7"));
    let anna = world.pupil("Anna").await;
    let one = get(format!("?pupil={anna}")).send().await.unwrap();
    assert!(one.bytes().await.unwrap().len() < all.len());
    assert_eq!(
        get("?pupil=x".to_owned()).send().await.unwrap().status(),
        404
    );
    assert_eq!(world.teacher.delete(&cards).await.status, 204);
    Answer::of(get(String::new()))
        .await
        .is_problem(409, "not_now");
}

#[tokio::test]
async fn what_was_done_to_a_list_is_in_the_log_without_names() {
    let world = World::new().await;
    world.put(&["Anna"]).await;
    let cards = format!("{}/cards", world.path());
    world.teacher.get(&cards).await;
    world
        .teacher
        .post(&format!("{cards}/renew"), Value::Null)
        .await;
    world.teacher.delete(&cards).await;
    let admin = world.server.signed_in("frida").await;
    let log = admin.get("/api/v1/audit").await.body;
    let actions: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["target"] == world.room["id"])
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "pupil_cards.withdrawn",
            "pupil_cards.renewed",
            "pupil_cards.printed",
            "class_list.changed"
        ]
    );
    assert!(!log.to_string().contains("Anna"));
}

#[tokio::test]
async fn room_that_is_deleted_takes_its_list_and_cards_with_it() {
    let world = World::new().await;
    world.put(&["Zitronenfalter"]).await;
    let ticket = world.ticket("Zitronenfalter").await;
    let (link, _) = world.printed("Zitronenfalter").await;
    let room = format!("/api/v1/rooms/{}", world.room["id"].as_str().unwrap());
    assert_eq!(world.teacher.delete(&room).await.status, 204);
    world
        .exchange(json!({"link": link}))
        .await
        .is_problem(404, "not_found");
    let (_client, answer) = world.comes(&world.device(), &ticket).await;
    assert!(is_refused(&answer, RefusalReason::CardEnded), "{answer:?}");
    assert!(!is_in_files(&world.server, "Zitronenfalter"));
}

#[tokio::test]
async fn name_that_was_taken_off_a_list_leaves_nothing_behind() {
    let world = World::new().await;
    world.put(&["Anna", "Zitronenfalter"]).await;
    world.put(&["Anna"]).await;
    assert!(!is_in_files(&world.server, "Zitronenfalter"));
}

#[tokio::test]
async fn guest_with_the_name_of_a_pupil_is_told_to_the_moderators_and_a_pupil_is_not() {
    let (world, mut teacher) = World::lesson().await;
    let room = world.room["name"].as_str().unwrap();
    let ticket = world.ticket("Ben").await;
    let (_ben, answer) = world.comes(&world.device(), &ticket).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
    for (name, resembles) in [("Eva", false), ("A nna", true)] {
        let (mut guest, answer) = Client::join(&world.device(), room, name).await;
        let ServerMessage::Joined { you, .. } = answer else {
            panic!("{answer:?}")
        };
        if resembles {
            let told = teacher
                .until(|message| matches!(message, ServerMessage::ResemblingPupils { .. }))
                .await;
            let participants = vec![you];
            assert_eq!(told, ServerMessage::ResemblingPupils { participants });
        }
        guest.say(&ClientMessage::Ping).await;
        let heard = guest
            .until(|message| !matches!(message, ServerMessage::ParticipantJoined { .. }))
            .await;
        assert!(
            !matches!(heard, ServerMessage::ResemblingPupils { .. }),
            "{heard:?}"
        );
    }
}

/// Whether a text is in a file of the data directory, as with SQLite.
fn is_in_files(server: &TestServer, text: &str) -> bool {
    let files = std::fs::read_dir(&server.app.config.data_dir).unwrap();
    files.flatten().any(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

#[tokio::test]
async fn list_that_is_made_during_a_lesson_makes_strangers_stand_out_and_they_can_be_removed() {
    let world = World::new().await;
    let name = world.room["name"].as_str().unwrap();
    let (mut teacher, answer) = Client::join(&world.teacher, name, "x").await;
    let ServerMessage::Joined { room, .. } = answer else {
        panic!("{answer:?}")
    };
    assert!(!room.knows_members);
    let (mut stranger, answer) = Client::join(&world.device(), name, "Eva").await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
    world.put(&["Anna"]).await;
    teacher
        .until(
            |message| matches!(message, ServerMessage::RoomChanged { room } if room.knows_members),
        )
        .await;
    let ticket = world.ticket("Anna").await;
    let (mut anna, answer) = world.comes(&world.device(), &ticket).await;
    let ServerMessage::Joined { participants, .. } = answer else {
        panic!("{answer:?}")
    };
    let unlisted: Vec<&ParticipantId> = participants
        .iter()
        .filter(|one| !one.listed)
        .map(|one| &one.id)
        .collect();
    assert_eq!(unlisted.len(), 1);
    let target = Target::Unlisted;
    teacher.say(&ClientMessage::Remove { target }).await;
    stranger
        .until(|message| matches!(message, ServerMessage::Removed))
        .await;
    anna.say(&ClientMessage::Ping).await;
    anna.until(|message| matches!(message, ServerMessage::Pong))
        .await;
    // Attendance is not recorded in rooms that a teacher made here, with or without a list.
    let path = format!(
        "/api/v1/rooms/{}/attendance",
        world.room["id"].as_str().unwrap()
    );
    teacher.say(&ClientMessage::EndForAll).await;
    while teacher.next().await.is_some() {}
    let kept = world.teacher.get(&path).await;
    assert!(!kept.body.to_string().contains("Anna"), "{kept:?}");
}

#[test]
fn code_of_a_card_is_no_name_of_a_proposed_room() {
    for _ in 0..200 {
        assert_eq!(CardCode::parse(&room_name::propose()), None);
    }
}

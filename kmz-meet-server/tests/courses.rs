//! Courses of learning platforms: which room a launch leads to, and for whom it opens.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use common::TestServer;
use common::course::{CLAIM, Course, GRADES, NAMES, led_to};
use common::key::Key;
use common::platform::{enter, fragment};
use kmz_meet_core::signal::{ClientMessage, RefusalReason, ServerMessage};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::credentials::{Ticket, TicketRole};
use kmz_meet_server::housekeeping;
use kmz_meet_server::integrations::lti::{Course as KeptCourse, KeptPlatform};
use kmz_meet_server::store::{Contract, Record, RecordFilter};
use lti_bridge::PlatformState;
use serde_json::{Value, json};

async fn server() -> (Arc<TestServer>, Key) {
    let server = TestServer::start_with(|config| config.outgoing_loopback = true).await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    (Arc::new(server), key)
}

fn ticket(server: &TestServer, url: &reqwest::Url) -> Ticket {
    let ticket = fragment(url, "ticket").unwrap();
    server
        .app
        .tickets
        .verify(&ticket, server.clock.now())
        .unwrap()
}

fn link(id: &str) -> impl FnOnce(&mut Value) {
    let id = id.to_owned();
    move |claims| claims[format!("{CLAIM}/resource_link")]["id"] = json!(id)
}

/// A link that Deep Linking made for a room.
fn linked(room: &str, course: &str) -> impl FnOnce(&mut Value) {
    let (room, course) = (room.to_owned(), course.to_owned());
    move |claims| {
        claims[format!("{CLAIM}/resource_link")]["id"] =
            json!(format!("chosen in {course} for {room}"));
        claims[format!("{CLAIM}/context")]["id"] = json!(course);
        claims[format!("{CLAIM}/custom")] = json!({"room": room});
    }
}

#[tokio::test]
async fn a_class_that_opens_its_course_at_once_comes_into_one_room() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    // Another link first, so that the platform's keys are there and all of them really come at once.
    led_to(&course.launch(&server, "c", link("other")).await);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..30 {
        let (server, course) = (server.clone(), course.clone());
        tasks.spawn(async move {
            let pupil = |claims: &mut Value| claims["sub"] = json!(number.to_string());
            let answer = course.launch(&server, "c", pupil).await;
            (answer.status().as_u16(), led_to(&answer).path().to_owned())
        });
    }
    let ends: BTreeSet<(u16, String)> = tasks.join_all().await.into_iter().collect();
    assert_eq!(ends.len(), 1, "{ends:?}");
    let courses = Record::<KeptCourse>::list(
        &server.app.store,
        RecordFilter {
            limit: 100,
            ..RecordFilter::default()
        },
    );
    assert_eq!(courses.await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_role_in_one_course_is_none_in_another() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other_key = server.key("b", &[]).await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    course.register(&other_key, "d").await;
    let room = led_to(&course.launch(&server, "c", |_| {}).await);
    assert_eq!(fragment(&room, "title").unwrap(), "Videokonferenz");
    let id = ticket(&server, &room).room;
    // The same course: the link leads there. Others get a room of their own.
    let same = led_to(&course.launch(&server, "c", linked(&id, "2")).await);
    assert_eq!(same.path(), room.path());
    let mut rooms = BTreeSet::from([room.path().to_owned()]);
    for (client, context) in [("c", "3"), ("d", "2")] {
        let teacher = |claims: &mut Value| {
            course.teacher(claims);
            linked(&id, context)(claims);
        };
        let led = led_to(&course.launch(&server, client, teacher).await);
        assert_ne!(ticket(&server, &led).room, id);
        rooms.insert(led.path().to_owned());
    }
    assert_eq!(rooms.len(), 3);
    let no_room = led_to(&course.launch(&server, "c", linked("nothing", "2")).await);
    assert!(!rooms.contains(no_room.path()));
}

#[tokio::test]
async fn a_room_that_was_chosen_without_a_course_is_of_the_first_that_opens_it() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    let without = |claims: &mut Value| {
        claims
            .as_object_mut()
            .unwrap()
            .remove(&format!("{CLAIM}/context"));
    };
    let room = led_to(&course.launch(&server, "c", without).await);
    let id = ticket(&server, &room).room;
    let first = led_to(&course.launch(&server, "c", linked(&id, "2")).await);
    assert_eq!(first.path(), room.path());
    let other = led_to(&course.launch(&server, "c", linked(&id, "3")).await);
    assert_ne!(other.path(), room.path());
    let again = led_to(&course.launch(&server, "c", linked(&id, "2")).await);
    assert_eq!(again.path(), room.path());
}

#[tokio::test]
async fn a_school_without_a_contract_has_no_rooms() {
    let (server, _) = server().await;
    let course = Course::start().await;
    for (school, contract) in [("draft", Contract::Draft), ("ended", Contract::Ended)] {
        server.school(school, contract).await;
        let key = server.key(school, &[]).await;
        course.register(&key, school).await;
        let answer = course
            .launch(&server, school, |claims| course.teacher(claims))
            .await;
        assert_eq!(answer.status(), 403);
        assert!(answer.text().await.unwrap().contains("no_contract"));
    }
}

#[tokio::test]
async fn whoever_has_no_id_is_a_guest() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    let unidentified = |claims: &mut Value| {
        course.teacher(claims);
        claims.as_object_mut().unwrap().remove("sub");
    };
    let one = ticket(
        &server,
        &led_to(&course.launch(&server, "c", unidentified).await),
    );
    let unidentified = |claims: &mut Value| claims["sub"] = json!("");
    let other = ticket(
        &server,
        &led_to(&course.launch(&server, "c", unidentified).await),
    );
    assert_eq!(
        (one.identity.role, other.identity.role),
        (TicketRole::Guest, TicketRole::Guest)
    );
    let (one_user, other_user) = (&one.identity.user, &other.identity.user);
    assert!(!one.may_start && one_user != other_user && !one_user.as_str().starts_with("lti:"));
    let known = ticket(&server, &led_to(&course.launch(&server, "c", |_| {}).await));
    assert_eq!(
        (known.identity.role, known.may_start),
        (TicketRole::Member, false)
    );
}

#[tokio::test]
async fn what_teachers_are_told_of_a_course_stays_and_people_are_not_kept() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    let kept = async || {
        let filter = RecordFilter {
            limit: 10,
            ..RecordFilter::default()
        };
        let mut courses = Record::<KeptCourse>::list(&server.app.store, filter)
            .await
            .unwrap();
        assert_eq!(courses.len(), 1);
        courses.remove(0).data.launch
    };
    led_to(&course.launch(&server, "c", |_| {}).await);
    assert!(kept().await.names.is_none());
    led_to(
        &course
            .launch(&server, "c", |claims| course.teacher(claims))
            .await,
    );
    led_to(&course.launch(&server, "c", |_| {}).await);
    let launch = kept().await;
    assert!(launch.names.is_some() && launch.grades.is_some());
    let text = serde_json::to_string(&launch).unwrap();
    for person in ["anna.m", "Anna", "Frau M"] {
        assert!(!text.contains(person), "{text}");
    }
    assert!(launch.locale.is_none() && launch.subject.is_none() && launch.custom.is_empty());
    // What teachers are not told any more is over.
    let less = |claims: &mut Value| {
        course.teacher(claims);
        for claim in [NAMES, GRADES] {
            claims.as_object_mut().unwrap().remove(claim);
        }
    };
    led_to(&course.launch(&server, "c", less).await);
    assert!(kept().await.names.is_none() && kept().await.grades.is_none());
}

async fn register_itself(server: &TestServer, course: &Course, school: &Key) -> (u16, String) {
    let invitation = school.post("/api/v1/lti/invitations", json!({})).await.body;
    let url = invitation["registration_url"].as_str().unwrap();
    let answer = server
        .browser()
        .http
        .get(url)
        .query(&[(
            "openid_configuration",
            format!("{}/openid-configuration", course.url),
        )])
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_platform_belongs_to_the_school_that_registered_it() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other = server.key("b", &[]).await;
    let course = Course::start().await;
    course.register(&key, "by-hand").await;
    let taken = |client: &str| other.post("/api/v1/lti/platforms", course.registration(client));
    taken("by-hand").await.is_problem(409, "platform_taken");
    // By its own registration, once and again, it is no less taken.
    for _ in 0..2 {
        let (status, page) = register_itself(&server, &course, &key).await;
        assert_eq!(status, 200, "{page}");
        taken("by-itself").await.is_problem(409, "platform_taken");
    }
    let (status, page) = register_itself(&server, &course, &other).await;
    assert!(
        status == 409 && page.contains("lti_platform_taken"),
        "{page}"
    );
    // One that an earlier version kept, without a key.
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let platforms = Record::<KeptPlatform>::list(&server.app.store, filter)
        .await
        .unwrap();
    assert_eq!(platforms.len(), 2);
    for mut platform in platforms {
        platform.key = None;
        assert!(platform.update(&server.app.store).await.unwrap());
    }
    taken("by-hand").await.is_problem(409, "platform_taken");
    // Names that are as long as they may be.
    let mut long = course.registration(&"\u{1F4DA}".repeat(500));
    long["issuer"] = json!("\u{1F4DA}".repeat(500));
    assert_eq!(
        key.post("/api/v1/lti/platforms", long.clone()).await.status,
        201
    );
    other
        .post("/api/v1/lti/platforms", long)
        .await
        .is_problem(409, "platform_taken");
}

#[tokio::test]
async fn a_school_has_no_more_platforms_than_it_may() {
    let (server, key) = server().await;
    let course = Course::start().await;
    for number in 0..50 {
        course.register(&key, &number.to_string()).await;
    }
    key.post("/api/v1/lti/platforms", course.registration("one more"))
        .await
        .is_problem(409, "too_many");
    let (status, page) = register_itself(&server, &course, &key).await;
    assert!(
        status == 409 && page.contains("lti_too_many_platforms"),
        "{page}"
    );
}

#[tokio::test]
async fn a_platform_that_moves_keeps_its_rooms() {
    let (server, key) = server().await;
    let (before, after) = (Course::start().await, Course::start().await);
    let made = before.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", made["id"].as_str().unwrap());
    let room = led_to(&before.launch(&server, "c", |_| {}).await);
    let mut moved = after.registration("c");
    moved.as_object_mut().unwrap().remove("client_id");
    moved["page_origins"] = json!(["https://School.platform.example:443/"]);
    moved["authorization_server"] = json!("https://auth.example");
    let changed = key.patch(&path, moved).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        (
            &changed.body["page_origins"],
            &changed.body["authorization_server"]
        ),
        (
            &json!(["https://school.platform.example"]),
            &json!("https://auth.example")
        )
    );
    assert_eq!(
        led_to(&after.launch(&server, "c", |_| {}).await).path(),
        room.path()
    );
    let page = server
        .browser()
        .request(reqwest::Method::GET, "/")
        .send()
        .await
        .unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("https://school.platform.example") && policy.contains(&after.url),
        "{policy}"
    );
    // Where it was, another one may register now; it does not move where one is.
    let other = before.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", other["id"].as_str().unwrap());
    key.patch(&path, json!({"issuer": after.url}))
        .await
        .is_problem(409, "platform_taken");
    for wrong in [
        json!({"page_origins": ["https://a.example/path"]}),
        json!({"page_origins": vec!["https://a.example"; 11]}),
        json!({"token_endpoint": "http://a.example/"}),
        json!({"jwks_uri": "https://10.0.0.1/"}),
        json!({"issuer": " "}),
        json!({"authorization_server": ""}),
    ] {
        key.patch(&path, wrong).await.is_problem(422, "invalid");
    }
    assert_eq!(key.get(&path).await.body["issuer"], before.url);
}

#[tokio::test]
async fn the_tool_has_a_new_key_every_three_months() {
    let (server, _) = server().await;
    let keys = async || {
        let url = format!("{}/lti/jwks", server.origin);
        let set: Value = server
            .browser()
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        set["keys"].as_array().unwrap().len()
    };
    assert_eq!(keys().await, 1);
    housekeeping::run_once(&server.app).await;
    assert_eq!(keys().await, 1);
    server.clock.advance(Duration::from_hours(91 * 24));
    housekeeping::run_once(&server.app).await;
    housekeeping::run_once(&server.app).await;
    assert_eq!(keys().await, 2);
    server.clock.advance(Duration::from_hours(27));
    assert_eq!(keys().await, 1);
}

#[tokio::test]
async fn a_platform_that_was_taken_back_opens_nothing() {
    let (server, key) = server().await;
    let course = Course::start().await;
    let made = course.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", made["id"].as_str().unwrap());
    key.patch(&path, json!({"state": "disabled"})).await;
    let filter = RecordFilter {
        limit: 10,
        ..RecordFilter::default()
    };
    let platforms = Record::<KeptPlatform>::list(&server.app.store, filter)
        .await
        .unwrap();
    assert_eq!(platforms[0].data.0.state, PlatformState::Disabled);
    let answer = server
        .browser()
        .http
        .post(format!("{}/lti/login", server.origin))
        .form(&[
            ("iss", course.url.as_str()),
            ("target_link_uri", &format!("{}/lti/launch", server.origin)),
            ("login_hint", "4"),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("lti_client_unknown"));
}

#[tokio::test]
async fn names_of_launches_are_cut_and_those_that_will_not_do_are_asked_for() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    for (name, shown) in [
        (json!("x".repeat(61)), Some("x".repeat(60))),
        (json!("Anna\u{2800}\u{202e}"), Some("Anna".to_owned())),
        (json!("🙂"), None),
        (json!("..."), None),
        (Value::Null, None),
    ] {
        let answer = course
            .launch(&server, "c", |claims| claims["name"] = name.clone())
            .await;
        let url = led_to(&answer);
        assert_eq!(fragment(&url, "name"), shown, "{name}");
        let ticket = ticket(&server, &url);
        assert_eq!(ticket.name, shown, "{name}");
        assert_eq!(ticket.identity.role, TicketRole::Member);
    }
}

#[tokio::test]
async fn links_of_a_copied_course_to_one_room_lead_to_one_room() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    let custom = format!("{}/custom", common::course::CLAIM);
    let context = format!("{}/context", common::course::CLAIM);
    let link = format!("{}/resource_link", common::course::CLAIM);
    let original = led_to(&course.launch(&server, "c", |_| {}).await);
    let rooms = key.get("/api/v1/rooms").await.body;
    let room = rooms["rooms"][0]["id"].clone();
    let open = async |number: &str, place: &str, named: Value| {
        let answer = course.launch(&server, "c", |claims| {
            claims[&custom] = json!({"room": named});
            claims[&context] = json!({"id": place, "title": "Copy"});
            claims[&link] = json!({"id": number});
        });
        led_to(&answer.await).path().to_owned()
    };
    let first = open("71", "copy", room.clone()).await;
    assert_ne!(
        first,
        original.path(),
        "a role in one course is none in another"
    );
    assert_eq!(open("72", "copy", room.clone()).await, first);
    assert_eq!(open("71", "copy", room.clone()).await, first);
    // Another copy has one of its own, and so have links to another room, and what names none.
    assert_ne!(open("73", "another copy", room.clone()).await, first);
    let other = json!("0195c2a0-0000-4000-8000-000000000000");
    assert_ne!(open("74", "copy", other).await, first);
    let none = open("75", "copy", json!("not a room")).await;
    assert_ne!(none, first);
    assert_ne!(open("76", "copy", json!("not a room")).await, none);
}

#[tokio::test]
async fn platform_hears_what_the_tool_is_in_the_language_of_who_registers_it() {
    let (server, key) = server().await;
    let course = Course::start().await;
    for (language, description) in [
        ("en-GB", "Video conferences for lessons"),
        ("fr", "Video conferences for lessons"),
        ("de-AT", "Videokonferenzen f\u{fc}r den Unterricht"),
    ] {
        let invited = key.post("/api/v1/lti/invitations", json!({})).await.body;
        let url = invited["registration_url"].as_str().unwrap();
        let configuration = format!("{}/openid-configuration", course.url);
        let answer = server
            .browser()
            .http
            .get(url)
            .header("accept-language", language)
            .query(&[("openid_configuration", configuration)]);
        assert_eq!(answer.send().await.unwrap().status(), 200);
        let told = course.book.lock().unwrap().told.clone();
        let tool = &told["https://purl.imsglobal.org/spec/lti-tool-configuration"];
        assert_eq!(tool["description"], description);
        let icon = told["logo_uri"].as_str().unwrap();
        assert!(icon.starts_with(&server.origin), "{icon}");
    }
}

#[tokio::test]
async fn titles_of_links_are_decoded_and_keep_to_themselves() {
    let (server, key) = server().await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    for (number, (written, title)) in [
        ("Mathe &amp; &Uuml;bung", "Mathe & Übung"),
        ("Klasse <7b>", "Klasse <7b>"),
        ("abc\u{202e}def", "abcdef"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = course
            .launch(&server, "c", |claims| {
                claims[format!("{CLAIM}/resource_link")] =
                    json!({"id": format!("t{number}"), "title": written});
            })
            .await;
        assert_eq!(fragment(&led_to(&answer), "title").as_deref(), Some(title));
    }
}

#[tokio::test]
async fn address_of_the_content_selection_says_what_it_is_for() {
    let (server, _) = server().await;
    for (language, words) in [
        ("de", "Eine Adresse f\u{fc}r die Lernplattform"),
        ("en", "An address for the learning platform"),
        ("fr", "An address for the learning platform"),
    ] {
        let url = format!("{}/lti/deep-link", server.origin);
        let page = server.browser().http.get(url);
        let page = page
            .header("accept-language", language)
            .send()
            .await
            .unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains(words), "{language}");
    }
}

#[tokio::test]
async fn issuer_that_another_school_names_by_hand_makes_no_launch_ambiguous() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other = server.key("b", &[]).await;
    let login = async |course: &Course| {
        let target = format!("{}/lti/launch", server.origin);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let login = http.post(format!("{}/lti/login", server.origin)).form(&[
            ("iss", course.url.as_str()),
            ("target_link_uri", &target),
            ("login_hint", "4"),
        ]);
        let answer = login.send().await.unwrap();
        let onward = answer.headers().get("location").cloned();
        onward.map(|url| url.to_str().unwrap().to_owned())
    };
    // Registered by hand, and then by another school too.
    let course = Course::start().await;
    course.register(&key, "first").await;
    course.register(&other, "second").await;
    let onward = login(&course).await.unwrap();
    assert!(onward.contains("client_id=first"), "{onward}");
    // Named by hand first, and then by a registration of the platform itself.
    let course = Course::start().await;
    course.register(&other, "squatter").await;
    let (status, page) = register_itself(&server, &course, &key).await;
    assert_eq!(status, 200, "{page}");
    let platforms = key.get("/api/v1/lti/platforms").await.body;
    let own = platforms["platforms"].as_array().unwrap();
    let own = own
        .iter()
        .find(|one| one["client_id"] == "by-itself")
        .unwrap();
    let path = format!("/api/v1/lti/platforms/{}", own["id"].as_str().unwrap());
    key.patch(&path, json!({"state": "active"})).await;
    let onward = login(&course).await.unwrap();
    assert!(onward.contains("client_id=by-itself"), "{onward}");
}

#[tokio::test]
async fn platform_that_another_school_wrote_down_first_belongs_to_who_proves_it() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other = server.key("b", &[]).await;
    let course = Course::start().await;
    course.register(&other, "by-itself").await;
    let squatted = course.launch(&server, "by-itself", |_| {}).await;
    assert_eq!(squatted.status(), 303, "nobody has proved anything yet");
    let rooms = async |key: &Key| {
        let rooms = key.get("/api/v1/rooms").await.body;
        rooms["rooms"].as_array().unwrap().len()
    };
    assert_eq!((rooms(&key).await, rooms(&other).await), (0, 1));
    let (status, page) = register_itself(&server, &course, &key).await;
    assert_eq!(status, 200, "{page}");
    // Before it is approved no launch goes to the other school either.
    let target = format!("{}/lti/launch", server.origin);
    let login = server
        .browser()
        .http
        .post(format!("{}/lti/login", server.origin));
    let login = login.form(&[
        ("iss", course.url.as_str()),
        ("client_id", "by-itself"),
        ("target_link_uri", &target),
        ("login_hint", "4"),
    ]);
    let answer = login.send().await.unwrap();
    assert!(answer.headers().get("location").is_none(), "{answer:?}");
    assert!(answer.status().is_client_error(), "{answer:?}");
    let platforms = key.get("/api/v1/lti/platforms").await.body;
    let path = format!(
        "/api/v1/lti/platforms/{}",
        platforms["platforms"][0]["id"].as_str().unwrap()
    );
    key.patch(&path, json!({"state": "active"})).await;
    let launched = course.launch(&server, "by-itself", |_| {}).await;
    assert_eq!(launched.status(), 303);
    assert_eq!((rooms(&key).await, rooms(&other).await), (1, 1));
    // Who only writes it down is told how to prove it.
    let refused = other
        .post("/api/v1/lti/platforms", course.registration("by-itself"))
        .await;
    refused.is_problem(409, "platform_taken");
}

#[tokio::test]
async fn invitation_that_holds_once_registers_one_platform() {
    let (server, key) = server().await;
    let course = Course::start().await;
    let mut invitations = Vec::new();
    for _ in 0..3 {
        let invited = key.post("/api/v1/lti/invitations", json!({})).await.body;
        invitations.push(invited["registration_url"].as_str().unwrap().to_owned());
    }
    let configuration = format!("{}/openid-configuration", course.url);
    for url in &invitations {
        let tries = (0..6).map(|_| {
            let query = [("openid_configuration", configuration.as_str())];
            server.browser().http.get(url).query(&query).send()
        });
        let answers = futures_util::future::join_all(tries).await;
        let done = answers
            .into_iter()
            .filter(|one| one.as_ref().unwrap().status() == 200);
        assert_eq!(done.count(), 1);
    }
}

#[tokio::test]
async fn who_is_known_by_a_launch_has_the_place_back_where_the_limit_is_reached() {
    let server = TestServer::start_with(|config| config.outgoing_loopback = true).await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    let moodle = Course::start().await;
    moodle.register(&key, "c").await;
    let pupil = async |id: &str| {
        let claims = |claims: &mut Value| claims["sub"] = json!(id);
        led_to(&moodle.launch(&server, "c", claims).await)
    };
    let teacher = async || {
        led_to(
            &moodle
                .launch(&server, "c", |claims| moodle.teacher(claims))
                .await,
        )
    };
    let joined = |answer: ServerMessage| match answer {
        ServerMessage::Joined { you, .. } => you,
        answer => panic!("{answer:?}"),
    };
    let lost = |message: &ServerMessage| matches!(message, ServerMessage::ParticipantChanged { participant } if !participant.connected);
    let (mut teacher_window, answer) = enter(&server, &teacher().await).await;
    let maier = joined(answer);
    let rooms = key.get("/api/v1/rooms").await.body;
    let room = rooms["rooms"][0]["id"].as_str().unwrap().to_owned();
    let limit = json!({"policy": {"capacity": 2}});
    let conference = format!("/api/v1/rooms/{room}/conference");
    assert!(key.patch(&conference, limit).await.status < 300);
    // Learners of three ids, one after the other, who lose their line.
    for id in ["4", "pupil-2", "\u{e4}nna@school.example"] {
        let (window, answer) = enter(&server, &pupil(id).await).await;
        let first = joined(answer);
        drop(window);
        teacher_window.until(lost).await;
        let full = enter(&server, &pupil("98").await).await.1;
        let reason = RefusalReason::Full;
        assert_eq!(full, ServerMessage::Refused { reason }, "{id}");
        let (mut back, answer) = enter(&server, &pupil(id).await).await;
        assert_eq!(joined(answer), first, "{id}");
        // The teacher's window is lost as well, and both come back.
        drop(teacher_window);
        back.until(lost).await;
        let (again, answer) = enter(&server, &teacher().await).await;
        assert_eq!(joined(answer), maier, "{id}");
        teacher_window = again;
        back.say(&ClientMessage::Leave).await;
        teacher_window
            .until(|message| matches!(message, ServerMessage::ParticipantLeft { .. }))
            .await;
    }
}

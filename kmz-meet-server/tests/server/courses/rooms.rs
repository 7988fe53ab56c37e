//! Which room a launch leads to.

use std::collections::BTreeSet;
use std::sync::Arc;

use kmz_meet_server::integrations::lti::Course as KeptCourse;
use kmz_meet_server::store::{Contract, Record, RecordFilter};
use serde_json::{Value, json};

use super::{link, linked, server, ticket};
use crate::common::course::{CLAIM, Course, led_to};
use crate::common::lesson::World;
use crate::common::platform::fragment;

#[tokio::test]
async fn concurrent_launches_of_one_link_open_one_room() {
    let World { server, course, .. } = World::new().await;
    let server = Arc::new(server);
    // Another launch fetches the keys of the platform first, so that these really come at the same time.
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
async fn link_to_a_room_of_another_course_opens_another_room() {
    let (server, key) = server().await;
    server.school("b", Contract::Signed).await;
    let other_key = server.key("b", &[]).await;
    let course = Course::start().await;
    course.register(&key, "c").await;
    course.register(&other_key, "d").await;
    let room = led_to(&course.launch(&server, "c", |_| {}).await);
    assert_eq!(fragment(&room, "title").unwrap(), "Videokonferenz");
    let id = ticket(&server, &room).room;
    // A link of the same course leads to the room. Others get rooms of their own.
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
async fn room_chosen_without_a_course_belongs_to_the_first_course() {
    let World { server, course, .. } = World::new().await;
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
async fn links_of_a_copied_course_to_one_room_share_a_new_room() {
    let World {
        server,
        key,
        course,
        ..
    } = World::new().await;
    let custom = format!("{}/custom", crate::common::course::CLAIM);
    let context = format!("{}/context", crate::common::course::CLAIM);
    let link = format!("{}/resource_link", crate::common::course::CLAIM);
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
    // Another copy has a room of its own, and so have links to another room or to none.
    assert_ne!(open("73", "another copy", room.clone()).await, first);
    let other = json!("0195c2a0-0000-4000-8000-000000000000");
    assert_ne!(open("74", "copy", other).await, first);
    let none = open("75", "copy", json!("not a room")).await;
    assert_ne!(none, first);
    assert_ne!(open("76", "copy", json!("not a room")).await, none);
}

#[tokio::test]
async fn launch_at_a_school_without_a_contract_is_refused() {
    let (server, _) = server().await;
    let course = Course::start().await;
    for (school, contract) in [("draft", Contract::Requested), ("ended", Contract::Ended)] {
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
async fn title_of_a_link_is_decoded_and_loses_direction_marks() {
    let World { server, course, .. } = World::new().await;
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

//! A start moves the documents of older versions to the tables; on SQLite, and on PostgreSQL (`make test-postgres`).
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::{TestServer, postgres};
use kmz_meet_server::deliveries::{Delivery, DeliveryState};
use kmz_meet_server::integrations::lti::KeptPlatform;
use kmz_meet_server::store::{
    ApiKey, Attendance, Contract, Database, Event, Record, RecordFilter, RecordRow, Scope, Webhook,
};
use lti_bridge::PlatformState;
use serde_json::{Value, json};

/// The database as the version before the tables left it.
async fn before_the_tables() -> TestServer {
    let server = TestServer::start().await;
    for school in ["a", "b"] {
        server.school(school, Contract::Signed).await;
    }
    for table in [
        "api_keys",
        "webhooks",
        "deliveries",
        "lti_platforms",
        "attendance_rows",
        "attendance",
    ] {
        // Later versions made tables that refer to some of these.
        let with = if postgres::is_wanted() {
            " CASCADE"
        } else {
            ""
        };
        server.execute(&format!("DROP TABLE {table}{with}")).await;
    }
    server.execute("DROP INDEX records_parent").await;
    server
        .execute("DELETE FROM seaql_migrations WHERE version = 'm0005_tables'")
        .await;
    server
}

/// A document of this kind, as it was.
fn document(id: &str, data: &Value) -> RecordRow {
    RecordRow {
        id: id.to_owned(),
        school: Some("a".to_owned()),
        parent: None,
        key: None,
        due_at: None,
        expires_at: None,
        created_at: 7,
        data: data.to_string(),
    }
}

async fn keep(server: &TestServer, kind: &str, raw: RecordRow) {
    server.app.store.add_raw(kind, raw).await.unwrap().unwrap();
}

/// What a start of this version does.
async fn migrated(server: &TestServer) -> Database {
    let config = &server.app.config;
    Database::open(config.database_url.as_deref(), &config.data_dir)
        .await
        .unwrap()
}

fn all() -> RecordFilter<'static> {
    RecordFilter {
        limit: 1_000,
        ..RecordFilter::default()
    }
}

fn person(user: Option<&str>, name: &str, corrected: Option<u32>) -> Value {
    json!({"user": user, "name": name, "moderator": false, "listed": true, "first_at": 1, "last_at": 60_001,
        "measured_minutes": 1, "corrected_minutes": corrected})
}

fn platform(changes: &Value) -> Value {
    let mut platform = json!({"id": "p", "tenant": "a", "name": "Moodle", "issuer": "https://m.example", "client_id": "c",
        "deployment_ids": ["1", "2"], "authorization_endpoint": "https://m.example/auth",
        "token_endpoint": "https://m.example/token", "jwks_uri": "https://m.example/keys", "state": "pending"});
    for (field, value) in changes.as_object().unwrap() {
        platform[field] = value.clone();
    }
    platform
}

#[tokio::test]
async fn documents_of_an_older_version_are_moved_to_the_tables() {
    let server = before_the_tables().await;
    let mut key = document("k", &json!({"name": "LMS", "scopes": ["rooms:read"]}));
    key.expires_at = Some(99);
    keep(&server, "api_key", key).await;
    let webhook = json!({"url": "https://lms.example/", "events": ["conference.started", "participant.left"],
        "secret": "whsec_x", "active": true});
    keep(&server, "webhook", document("w", &webhook)).await;
    // Without the room, as in the first version.
    let delivery = json!({"event": "conference.started", "method": "POST", "url": "https://lms.example/",
        "headers": [["content-type", "application/json"]], "body": "{\"name\":\"A\\u0000\"}", "webhook": "w", "state": "waiting",
        "attempts": 2, "last_status": 503, "last_error": null, "last_at": 8});
    let mut waiting = document("d", &delivery);
    waiting.parent = Some("w".to_owned());
    waiting.key = Some("ended c w".to_owned());
    waiting.due_at = Some(50);
    keep(&server, "delivery", waiting).await;
    let mut of_room = document(
        "e",
        &json!({"event": "meeting.ended", "method": "GET", "url": "https://lms.example/", "headers": [], "body": null,
            "webhook": null, "room": "r", "state": "failed", "attempts": 10, "last_status": null,
            "last_error": "no\u{0}answer", "last_at": 8}),
    );
    of_room.parent = Some("r".to_owned());
    of_room.expires_at = Some(60);
    keep(&server, "delivery", of_room).await;
    // The first lacks members that came later. The second lacks the key, too.
    let mut first = document("p", &platform(&json!({})));
    first.parent = Some("https://m.example".to_owned());
    first.key = Some("hash".to_owned());
    keep(&server, "lti_platform", first).await;
    let long = "https://long.example/".to_owned() + &"x".repeat(5_000);
    let second = json!({"id": "q", "issuer": long, "proven": true, "named_only": true, "audience": "aud",
        "page_origins": ["https://pages.example", "https://a;sandbox"], "state": "active"});
    keep(&server, "lti_platform", document("q", &platform(&second))).await;
    let lesson = json!({"conference": "c", "started_at": 1, "ended_at": 120_001, "graded_at": 9,
        "people": [person(Some("lti:p:4"), "Anna", Some(0)), person(None, "Gast\u{0}", None)]});
    let mut attendance = document("l", &lesson);
    attendance.parent = Some("r".to_owned());
    attendance.key = Some("c".to_owned());
    attendance.expires_at = Some(70);
    keep(&server, "attendance", attendance).await;
    // This kind stays a document.
    keep(
        &server,
        "school_settings",
        document("s", &json!({"attendance_days": 30})),
    )
    .await;

    let store = &migrated(&server).await;
    let key = Record::<ApiKey>::of_school(store, "a", "k").await.unwrap();
    let key = key.unwrap();
    assert_eq!((key.created_at, key.expires_at), (7, Some(99)));
    assert_eq!(key.data.name, "LMS");
    assert_eq!(key.data.scopes, [Scope::RoomsRead]);

    let webhook = Record::<Webhook>::of_school(store, "a", "w").await.unwrap();
    let webhook = webhook.unwrap();
    assert_eq!(webhook.created_at, 7);
    assert_eq!(
        webhook.data,
        Webhook {
            url: "https://lms.example/".to_owned(),
            events: vec![Event::ConferenceStarted, Event::ParticipantLeft],
            secret: "whsec_x".to_owned(),
            active: true,
        }
    );

    let deliveries = Record::<Delivery>::list(store, all()).await.unwrap();
    let [waiting, of_room] = &deliveries[..] else {
        panic!("{deliveries:?}")
    };
    assert_eq!(waiting.parent.as_deref(), Some("w"));
    assert_eq!(waiting.key.as_deref(), Some("ended c w"));
    assert_eq!((waiting.due_at, waiting.expires_at), (Some(50), None));
    let mut expected = Delivery::new("conference.started", "POST", "https://lms.example/")
        .json("{\"name\":\"A\\u0000\"}".to_owned());
    expected.webhook = Some("w".to_owned());
    expected.attempts = 2;
    expected.last_status = Some(503);
    expected.last_at = Some(8);
    assert_eq!(waiting.data, expected);
    assert_eq!(of_room.parent.as_deref(), Some("r"));
    assert_eq!((of_room.due_at, of_room.expires_at), (None, Some(60)));
    assert_eq!(of_room.data.state, DeliveryState::Failed);
    assert_eq!(of_room.data.last_error.as_deref(), Some("no\u{fffd}answer"));

    let first = Record::<KeptPlatform>::get(store, "p").await.unwrap();
    let first = first.unwrap();
    assert_eq!(first.key.as_deref(), Some("hash"));
    assert_eq!(
        first.data.0,
        serde_json::from_value(platform(&json!({}))).unwrap()
    );
    let of_issuer = RecordFilter {
        parent: Some(&long),
        ..all()
    };
    let second = Record::<KeptPlatform>::list(store, of_issuer)
        .await
        .unwrap();
    let [second] = &second[..] else {
        panic!("{second:?}")
    };
    assert_eq!((second.id.as_str(), &second.key), ("q", &None));
    let platform = &second.data.0;
    assert_eq!(platform.state, PlatformState::Active);
    assert!(platform.proven && platform.named_only);
    assert_eq!(platform.audience.as_deref(), Some("aud"));
    assert_eq!(platform.page_origins.len(), 1);

    let lesson = Record::<Attendance>::of_school(store, "a", "l")
        .await
        .unwrap();
    let lesson = lesson.unwrap();
    assert_eq!(lesson.parent.as_deref(), Some("r"));
    assert_eq!((lesson.created_at, lesson.expires_at), (7, Some(70)));
    assert_eq!(lesson.data.conference, "c");
    assert_eq!(lesson.data.graded_at, Some(9));
    let people = &lesson.data.people;
    assert_eq!(people.len(), 2);
    assert_eq!(people[0].user.as_deref(), Some("lti:p:4"));
    assert_eq!(people[0].corrected_minutes, Some(0));
    assert_eq!(people[1].name, "Gast\u{fffd}");
    assert_eq!((people[1].first_at, people[1].last_at), (1, 60_001));
    assert_eq!(people[1].corrected_minutes, None);

    for kind in [
        "api_key",
        "webhook",
        "delivery",
        "lti_platform",
        "attendance",
    ] {
        let left = store.raw_list(kind, all()).await.unwrap();
        assert!(left.is_empty(), "{kind}: {left:?}");
    }
    let settings = store.raw_list("school_settings", all()).await.unwrap();
    assert_eq!(settings.len(), 1);
    // The next start changes nothing.
    migrated(&server).await;
    let deliveries = Record::<Delivery>::list(store, all()).await.unwrap();
    assert_eq!(deliveries.len(), 2);
}

#[tokio::test]
async fn damaged_document_is_left_in_place() {
    let server = before_the_tables().await;
    let good = json!({"url": "https://lms.example/", "events": [], "secret": "s", "active": false});
    keep(&server, "webhook", document("good", &good)).await;
    keep(&server, "webhook", document("bad", &json!({"events": []}))).await;
    let mut text = document("text", &json!({}));
    text.data = "{".to_owned();
    keep(&server, "webhook", text).await;
    // Two documents of one conference: at first the conference was not the key.
    for id in ["l1", "l2"] {
        let lesson = json!({"conference": "c", "started_at": 1, "ended_at": 2, "people": [person(None, "A", None)]});
        keep(&server, "attendance", document(id, &lesson)).await;
    }
    let store = &migrated(&server).await;
    let webhooks = Record::<Webhook>::list(store, all()).await.unwrap();
    assert_eq!(webhooks.len(), 1);
    let left = store.raw_list("webhook", all()).await.unwrap();
    let left: Vec<&str> = left.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(left, ["bad", "text"]);
    let lessons = Record::<Attendance>::list(store, all()).await.unwrap();
    assert_eq!(lessons.len(), 1);
    assert_eq!(lessons[0].data.people.len(), 1);
    assert_eq!(store.raw_list("attendance", all()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn documents_beyond_one_batch_are_all_copied() {
    let server = before_the_tables().await;
    let data = json!({"name": "x", "scopes": ["rooms:read"]});
    for number in 0..450 {
        keep(&server, "api_key", document(&format!("{number:04}"), &data)).await;
    }
    let store = &migrated(&server).await;
    let keys = Record::<ApiKey>::list(store, all()).await.unwrap();
    assert_eq!(keys.len(), 450);
}

//! Deliveries: no receiver delays another, and a change of a webhook holds for
//! its waiting deliveries, too.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::TestServer;
use crate::common::key::Key;
use crate::common::receiver::Receiver;
use kmz_meet_core::conference::{Entrance, outbox};
use kmz_meet_core::room::{Arrival, Identity};
use kmz_meet_core::signal::{ClientMessage, ParticipantId};
use kmz_meet_server::conferences::Started;
use kmz_meet_server::deliveries::{Delivery, DeliveryState, Event, Webhook, new_secret};
use kmz_meet_server::store::{Contract, Record, RecordFilter, StoreError};
use serde_json::{Value, json};

async fn server() -> TestServer {
    let server = TestServer::with_school().await;
    server.school("b", Contract::Signed).await;
    server
}

async fn push(server: &TestServer, school: &str, url: &str, webhook: Option<&str>) {
    let mut delivery =
        Delivery::new("conference.started", "POST", url).json(json!({"name": "Anna"}).to_string());
    delivery.webhook = webhook.map(str::to_owned);
    server
        .app
        .deliveries
        .push(school, None, delivery)
        .await
        .unwrap();
}

async fn of_webhook(server: &TestServer, webhook: &str) -> Vec<Delivery> {
    let filter = RecordFilter {
        parent: Some(webhook),
        limit: 100,
        ..RecordFilter::default()
    };
    let list = Record::<Delivery>::list(&server.app.store, filter).await;
    list.unwrap().into_iter().map(|one| one.data).collect()
}

async fn made(key: &Key, receiver: &Receiver) -> String {
    let new = json!({"url": format!("{}/hook", receiver.url), "events": ["conference.started"]});
    let made = key.post("/api/v1/webhooks", new).await;
    made.body["id"].as_str().unwrap().to_owned()
}

/// Makes a delivery that failed once and waits.
async fn waiting(server: &TestServer, receiver: &Receiver, webhook: &str) {
    receiver.answers(503);
    push(
        server,
        "a",
        &format!("{}/hook", receiver.url),
        Some(webhook),
    )
    .await;
    receiver.next(Duration::from_secs(10)).await;
    let tried = |one: &Delivery| one.attempts == 1 && one.state == DeliveryState::Waiting;
    while !of_webhook(server, webhook).await.iter().any(tried) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn later(server: &TestServer) {
    server.clock.advance(Duration::from_mins(1));
    server.app.deliveries.wake();
}

#[tokio::test]
async fn receiver_that_does_not_answer_delays_nobody_else() {
    let server = server().await;
    let receiver = Receiver::start().await;
    // This server accepts connections and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}/", silent.local_addr().unwrap());
    for _ in 0..100 {
        push(&server, "a", &dead, None).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..40 {
        push(&server, "b", &receiver.url, None).await;
    }
    for _ in 0..40 {
        receiver.next(Duration::from_secs(3)).await;
    }
    // It does not delay other integrations of its own school either.
    let key = server.key("a", &[]).await;
    let webhook = made(&key, &receiver).await;
    push(&server, "a", "http://old.example/", Some(&webhook)).await;
    receiver.next(Duration::from_secs(3)).await;
}

#[tokio::test]
async fn waiting_delivery_after_a_change_goes_to_the_new_url() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let (old, new) = (Receiver::start().await, Receiver::start().await);
    let webhook = made(&key, &old).await;
    waiting(&server, &old, &webhook).await;
    let path = format!("/api/v1/webhooks/{webhook}");
    let change = json!({"url": format!("{}/new", new.url)});
    assert_eq!(key.patch(&path, change).await.status, 200);
    later(&server);
    let call = new.next(Duration::from_secs(10)).await;
    assert_eq!(call.path, "/new");
    assert!(call.headers.contains_key("webhook-signature"));
    assert!(old.is_quiet(Duration::from_millis(200)).await);
}

#[tokio::test]
async fn inactive_webhook_gives_up_its_waiting_deliveries() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let receiver = Receiver::start().await;
    let webhook = made(&key, &receiver).await;
    waiting(&server, &receiver, &webhook).await;
    receiver.answers(200);
    let path = format!("/api/v1/webhooks/{webhook}");
    key.patch(&path, json!({"active": false})).await;
    let log = key.get(&format!("{path}/deliveries")).await.body;
    assert_eq!(log["deliveries"][0]["state"], "failed");
    assert_eq!(
        log["deliveries"][0]["last_error"],
        "the webhook is not active"
    );
    assert_eq!(of_webhook(&server, &webhook).await[0].body, None);
    // A delivery that is pushed at the same moment.
    push(&server, "a", &receiver.url, Some(&webhook)).await;
    later(&server);
    assert!(receiver.is_quiet(Duration::from_millis(500)).await);
    key.patch(&path, json!({"active": true})).await;
    later(&server);
    assert!(receiver.is_quiet(Duration::from_millis(500)).await);
}

#[tokio::test]
async fn receiver_that_answers_gone_gets_no_more() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let receiver = Receiver::start().await;
    let webhook = made(&key, &receiver).await;
    waiting(&server, &receiver, &webhook).await;
    receiver.answers(410);
    push(&server, "a", &receiver.url, Some(&webhook)).await;
    receiver.next(Duration::from_secs(10)).await;
    let failed = |one: &Delivery| one.state == DeliveryState::Failed && one.body.is_none();
    while !of_webhook(&server, &webhook).await.iter().all(failed) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shown = key.get(&format!("/api/v1/webhooks/{webhook}")).await.body;
    assert_eq!(shown["active"], false);
    later(&server);
    assert!(receiver.is_quiet(Duration::from_millis(500)).await);
}

#[tokio::test]
async fn deleted_webhook_leaves_no_deliveries() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let receiver = Receiver::start().await;
    let webhook = made(&key, &receiver).await;
    waiting(&server, &receiver, &webhook).await;
    let path = format!("/api/v1/webhooks/{webhook}");
    assert_eq!(key.delete(&path).await.status, 204);
    assert_eq!(of_webhook(&server, &webhook).await, []);
    // A concurrent change does not bring the webhook back.
    let change = |kept: &mut Record<Webhook>| -> Result<(), StoreError> {
        kept.data.active = true;
        Ok(())
    };
    let changed = Record::<Webhook>::change(&server.app.store, &webhook, change).await;
    assert_eq!(changed.unwrap(), None);
    key.get(&path).await.is_problem(404, "not_found");
    // A delivery that is pushed at that moment is deleted, too.
    push(&server, "a", &receiver.url, Some(&webhook)).await;
    while !of_webhook(&server, &webhook).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(receiver.is_quiet(Duration::from_millis(200)).await);
}

#[tokio::test]
async fn event_named_twice_is_stored_once() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let events = json!(["participant.left", "conference.started", "participant.left"]);
    let new = json!({"url": "https://lms.example/", "events": events});
    let made: Value = key.post("/api/v1/webhooks", new).await.body;
    assert_eq!(
        made["events"],
        json!(["conference.started", "participant.left"])
    );
}

fn arrival(user: &str) -> Arrival {
    Arrival {
        id: ParticipantId(format!("id of {user}")),
        name: user.to_owned(),
        identity: Identity::Owner {
            user: user.to_owned(),
        },
        password: None,
        unproven: false,
        typed_name: false,
        address: None,
        session: None,
        known_for: None,
        resembles_pupil: false,
    }
}

#[tokio::test]
async fn events_of_a_conference_reach_the_webhook_in_order() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let webhook = Webhook {
        url: "https://192.0.2.1/".to_owned(),
        events: vec![
            Event::ConferenceStarted,
            Event::ParticipantJoined,
            Event::ParticipantLeft,
            Event::ConferenceEnded,
        ],
        secret: new_secret(),
        active: true,
    };
    let webhook = Record::new("a".to_owned(), 0, webhook);
    webhook.add(&server.app.store, 100).await.unwrap().unwrap();
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let room = server.app.store.room(room["id"].as_str().unwrap()).await;
    let room = room.unwrap().unwrap();
    let school = server.open_school(&room.school).await;
    let conference = server.app.conferences.start(&room, &school).await;
    let Started::Conference(conference) = conference.unwrap() else {
        panic!("it does not start");
    };
    let mut wanted = vec!["conference.started".to_owned()];
    let mut readers = Vec::new();
    for number in 0..40 {
        let name = format!("p{number}");
        let (outbox, reader) = outbox();
        let entrance = conference.enter(arrival(&name), outbox).await;
        let Entrance::In { connection, .. } = entrance else {
            panic!("{entrance:?}");
        };
        readers.push(reader);
        wanted.push(format!("participant.joined {name}"));
        // Some stay until the end.
        if number % 4 != 0 {
            conference.say(connection, ClientMessage::Leave).await;
            wanted.push(format!("participant.left {name}"));
        }
    }
    conference.act(ClientMessage::EndForAll).await.unwrap();
    conference.deleted().await;
    wanted.push("conference.ended".to_owned());
    let told: Vec<String> = of_webhook(&server, &webhook.id)
        .await
        .into_iter()
        .map(|one| {
            let body: Value = serde_json::from_str(one.body.as_deref().unwrap()).unwrap();
            match body["data"]["participant"]["name"].as_str() {
                Some(name) => format!("{} {name}", one.event),
                None => one.event,
            }
        })
        .collect();
    assert_eq!(told, wanted);
}

//! Webhooks.

use std::time::Duration;

use super::{enter, id, server};
use crate::common::receiver::Receiver;
use serde_json::{Value, json};

#[tokio::test]
async fn webhook_gets_signed_events_and_again_after_a_failure() {
    let server = server().await;
    let key = server.key("a", &[]).await;
    let receiver = Receiver::start().await;
    for url in [
        "http://example.com/x",
        "https://10.0.0.1/",
        "https://user@example.com/",
        "ftp://x",
        "https://[::ffff:10.0.0.1]/",
    ] {
        let wrong = key
            .post(
                "/api/v1/webhooks",
                json!({"url": url, "events": ["conference.started"]}),
            )
            .await;
        wrong.is_problem(422, "invalid");
    }
    let events = json!([
        "conference.started",
        "conference.ended",
        "participant.joined",
        "participant.left"
    ]);
    let made = key
        .post(
            "/api/v1/webhooks",
            json!({"url": format!("{}/hook", receiver.url), "events": events}),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    receiver.answers(503);
    let room = key
        .post("/api/v1/rooms", json!({"external": "x"}))
        .await
        .body;
    let ticket = key
        .post(
            &format!("/api/v1/rooms/{}/tickets", id(&room)),
            json!({"user": "3", "name": "Frau M", "role": "moderator"}),
        )
        .await
        .body;
    let (_client, _) = enter(&server, &ticket, "").await;
    let first = receiver.next(Duration::from_secs(10)).await;
    receiver.next(Duration::from_secs(10)).await;
    receiver.answers(200);
    let log = format!("/api/v1/webhooks/{}/deliveries", id(&made.body));
    loop {
        let deliveries = key.get(&log).await.body["deliveries"].clone();
        let tried = |one: &Value| one["attempts"] == 1 && one["last_status"] == 503;
        if deliveries
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| tried(one))
            .count()
            == 2
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.clock.advance(Duration::from_secs(6));
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let call = receiver.next(Duration::from_secs(10)).await;
        let header = |name: &str| call.headers[name].to_str().unwrap().to_owned();
        let signature = kmz_meet_server::deliveries::sign(
            &secret,
            &header("webhook-id"),
            header("webhook-timestamp").parse().unwrap(),
            &call.body,
        );
        assert_eq!(Some(header("webhook-signature")), signature);
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body["data"]["room"]["external"], "x");
        if body["type"] == "participant.joined" {
            assert_eq!(
                (
                    &body["data"]["participant"]["user"],
                    &body["data"]["participant"]["role"]
                ),
                (&json!("3"), &json!("moderator"))
            );
        }
        kinds.push(body["type"].as_str().unwrap().to_owned());
    }
    kinds.sort();
    assert_eq!(kinds, ["conference.started", "participant.joined"]);
    assert_eq!(
        key.delete(&format!("/api/v1/rooms/{}/conference", id(&room)))
            .await
            .status,
        204
    );
    let ended = receiver.next(Duration::from_secs(10)).await;
    assert!(ended.body.contains("conference.ended"), "{}", ended.body);
    assert!(!first.headers["webhook-id"].is_empty());
    let path = format!("/api/v1/webhooks/{}", id(&made.body));
    let log = key.get(&format!("{path}/deliveries?limit=2")).await.body;
    assert_eq!(log["deliveries"].as_array().unwrap().len(), 2);
    let rest = key
        .get(&format!(
            "{path}/deliveries?after={}",
            log["next"].as_str().unwrap()
        ))
        .await
        .body;
    assert_eq!(rest["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(rest["deliveries"][0]["attempts"], 2);
    assert!(!log.to_string().contains("Frau M"));
    assert_eq!(
        key.patch(&path, json!({"active": false})).await.body["active"],
        false
    );
    let (_client, _) = enter(&server, &ticket, "").await;
    assert!(receiver.is_quiet(Duration::from_secs(1)).await);
    assert_eq!(key.delete(&path).await.status, 204);
}

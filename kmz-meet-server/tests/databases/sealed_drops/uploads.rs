//! What a link takes, and how long what came stays.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{OfUnknownLength, RECIPIENTS, World, protected, sealed};
use crate::common::Answer;
use crate::common::slow_body::SlowUploads;

#[tokio::test]
async fn sealed_list_comes_by_its_link_once_and_goes_when_it_is_deleted() {
    let world = World::new().await;
    let (old, new) = (world.key(0).await, world.key(1).await);
    let link = world.link("b").await;
    let shown = world.looks(&link).await.body;
    assert_eq!(shown["school"], "School b");
    assert_eq!(shown["state"], "waiting");
    let recipients: Vec<&str> = shown["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["recipient"].as_str().unwrap())
        .collect();
    assert_eq!(recipients, [RECIPIENTS[1], RECIPIENTS[0]]);

    let list = sealed(2, 5_000);
    let sent = world.sends(&link, &[&old, &new], list.clone()).await;
    assert_eq!(sent.status, 204, "{sent:?}");
    // A replay brings nothing, and the page says so.
    let again = world.sends(&link, &[&old, &new], sealed(2, 70)).await;
    again.is_problem(409, "link_used");
    let shown = world.looks(&link).await.body;
    assert_eq!(
        (&shown["state"], &shown["keys"]),
        (&json!("sealed"), &json!([]))
    );

    let (status, content) = world.content(&world.operator, &link.id).await;
    assert_eq!((status, content == list), (200, true));
    assert_eq!(world.state(&link.id).await.as_deref(), Some("sealed"));
    let path = format!("/api/v1/sealed-drops/{}", link.id);
    assert_eq!(world.operator.delete(&path).await.status, 204);
    world
        .operator
        .delete(&path)
        .await
        .is_problem(404, "not_found");
    assert_eq!(world.content(&world.operator, &link.id).await.0, 404);
    assert_eq!(world.state(&link.id).await.as_deref(), Some("deleted"));
    let late = world.sends(&link, &[&old, &new], sealed(2, 70)).await;
    late.is_problem(409, "link_used");
}

#[tokio::test]
async fn two_who_use_a_link_at_once_leave_one_list() {
    let world = World::new().await;
    let key = world.key(0).await;
    let link = world.link("a").await;
    let keys = [&key];
    let lists = [sealed(1, 100_000), sealed(1, 100_001)];
    let [one, other] = lists.clone().map(|list| world.sends(&link, &keys, list));
    let answers: [Answer; 2] = tokio::join!(one, other).into();
    let winner = answers.iter().position(|answer| answer.status == 204);
    let winner = winner.unwrap_or_else(|| panic!("{answers:?}"));
    // The other one finds the link used, or is told to come again while the first one's list is on its way.
    let loser = &answers[1 - winner];
    match loser.status {
        429 => loser.is_problem(429, "too_many_requests"),
        _ => loser.is_problem(409, "link_used"),
    }
    let (status, content) = world.content(&world.operator, &link.id).await;
    assert_eq!(status, 200);
    assert!(content == lists[winner], "it is not the list of the winner");
    let again = world.sends(&link, &keys, sealed(1, 70)).await;
    again.is_problem(409, "link_used");
}

#[tokio::test]
async fn lists_that_come_slowly_for_one_school_keep_no_other_school_waiting() {
    let world = World::new().await;
    let key = world.key(0).await;
    let mut heads = Vec::new();
    for _ in 0..2 {
        let token = world.link("a").await.token;
        let path = format!(
            "/api/v1/drop-link/content?keys={}",
            key["id"].as_str().unwrap()
        );
        heads.push(format!("PUT {path} HTTP/1.1\r\ndrop-token: {token}"));
    }
    let _slow = SlowUploads::begin(&world.server, &heads).await;
    let link = world.link("b").await;
    let sent = world.sends(&link, &[&key], sealed(1, 70)).await;
    assert_eq!(sent.status, 204, "{sent:?}");
}

#[tokio::test]
async fn list_that_nobody_opened_is_deleted_after_thirty_days() {
    let world = World::new().await;
    let key = world.key(0).await;
    let link = world.link("a").await;
    world.server.clock.advance(Duration::from_hours(13 * 24));
    assert_eq!(world.sends(&link, &[&key], sealed(1, 70)).await.status, 204);
    // Longer than the link would have lived.
    world.server.clock.advance(Duration::from_hours(29 * 24));
    world.housekeeping().await;
    let operator = world.server.signed_in("otto").await;
    assert_eq!(world.content(&operator, &link.id).await.0, 200);
    world.server.clock.advance(Duration::from_hours(24));
    let operator = world.server.signed_in("otto").await;
    // It is over whether the housekeeping came or not.
    assert_eq!(world.content(&operator, &link.id).await.0, 404);
    world.housekeeping().await;
    let kept = world.server.app.store.drop_content(&link.id).await.unwrap();
    assert_eq!(kept, None);
}

#[tokio::test]
async fn upload_that_is_no_sealed_list_is_refused_and_the_link_stays() {
    let world = World::new().await;
    let (key, other) = (world.key(0).await, world.key(1).await);
    let link = world.link("a").await;
    let mut cut = sealed(1, 70);
    cut.truncate(150);
    let two_passphrases = STANDARD.decode(protected()).unwrap();
    for body in [
        b"Nachname;Vorname\nM\xc3\xbcller;Anna\n".to_vec(),
        b"PK\x03\x04".repeat(100),
        Vec::new(),
        cut,
        two_passphrases,
        // For more keys than it says, or for fewer.
        sealed(2, 70),
        sealed(9, 70),
        sealed(50_000, 70),
    ] {
        let answer = world.sends(&link, &[&key], body).await;
        answer.is_problem(422, "invalid");
    }
    let answer = world.sends(&link, &[&key, &other], sealed(1, 70)).await;
    answer.is_problem(422, "invalid");
    let plain = world.upload(&link.token, &[&key]).body(sealed(1, 70));
    Answer::of(plain.header("content-type", "text/csv"))
        .await
        .is_problem(415, "unsupported_media_type");
    let unknown = json!({"id": uuid::Uuid::new_v4().to_string()});
    let answer = world.sends(&link, &[&unknown], sealed(1, 70)).await;
    answer.is_problem(409, "keys_changed");
    let answer = world.sends(&link, &[&key, &key], sealed(2, 70)).await;
    answer.is_problem(400, "bad_request");
    for keys in ["", "x", "..", "%00"] {
        let request = world.upload_to(&link.token, keys);
        let request = request.header("content-type", "application/octet-stream");
        Answer::of(request.body(sealed(1, 70)))
            .await
            .is_problem(400, "bad_request");
    }
    assert_eq!(world.looks(&link).await.body["state"], "waiting");
    assert_eq!(world.sends(&link, &[&key], sealed(1, 70)).await.status, 204);
}

#[tokio::test]
async fn upload_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let world = World::new().await;
    let key = world.key(0).await;
    let link = world.link("a").await;
    let large = sealed(1, 11 * 1024 * 1024);
    let said = world.sends(&link, &[&key], large.clone()).await;
    said.is_problem(413, "too_large");
    let chunks: Vec<_> = large.chunks(64 * 1024).map(<[u8]>::to_vec).collect();
    let body = reqwest::Body::wrap(OfUnknownLength(chunks.into_iter()));
    let request = world.upload(&link.token, &[&key]).body(body);
    let request = request.header("content-type", "application/octet-stream");
    Answer::of(request).await.is_problem(413, "too_large");
    let most = sealed(1, 10 * 1024 * 1024);
    assert_eq!(world.sends(&link, &[&key], most).await.status, 204);
}

#[tokio::test]
async fn list_that_is_sealed_to_a_retired_key_is_sealed_anew() {
    let world = World::new().await;
    let (old, new) = (world.key(0).await, world.key(1).await);
    let link = world.link("a").await;
    let path = format!("/api/v1/operator-keys/{}", old["id"].as_str().unwrap());
    let retired = world.operator.patch(&path, json!({"retired": true})).await;
    assert_eq!(retired.status, 200, "{retired:?}");
    let sent = world.sends(&link, &[&old, &new], sealed(2, 70)).await;
    sent.is_problem(409, "keys_changed");
    let keys = world.looks(&link).await.body["keys"].clone();
    assert_eq!(keys.as_array().unwrap().len(), 1);
    assert_eq!(world.sends(&link, &[&new], sealed(1, 70)).await.status, 204);
}

#[tokio::test]
async fn link_that_is_tried_too_often_takes_nothing_any_more() {
    let world = World::new().await;
    let key = world.key(0).await;
    let link = world.link("a").await;
    for _ in 0..20 {
        let answer = world.sends(&link, &[&key], b"x".to_vec()).await;
        answer.is_problem(422, "invalid");
    }
    let answer = world.sends(&link, &[&key], sealed(1, 70)).await;
    answer.is_problem(429, "too_many_attempts");
}

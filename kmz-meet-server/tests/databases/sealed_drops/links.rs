//! Links: how many, for whom, and what becomes of them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Link, World, sealed};

#[tokio::test]
async fn link_that_is_withdrawn_or_over_takes_nothing() {
    let world = World::new().await;
    let key = world.key(0).await;
    let withdrawn = world.link("a").await;
    let path = format!("/api/v1/sealed-drops/{}", withdrawn.id);
    assert_eq!(world.operator.delete(&path).await.status, 204);
    assert_eq!(world.looks(&withdrawn).await.body["state"], "withdrawn");
    let sent = world.sends(&withdrawn, &[&key], sealed(1, 70)).await;
    sent.is_problem(409, "link_used");

    let over = world.link("a").await;
    world.server.clock.advance(Duration::from_hours(14 * 24));
    let operator = world.server.signed_in("otto").await;
    world.looks(&over).await.is_problem(404, "not_found");
    let sent = world.sends(&over, &[&key], sealed(1, 70)).await;
    sent.is_problem(404, "not_found");
    world.housekeeping().await;
    let left = operator.get("/api/v1/sealed-drops").await.body;
    assert_eq!(left["drops"], json!([]));
}

#[tokio::test]
async fn stranger_who_invents_links_is_told_nothing_and_slowed_down() {
    let world = World::new().await;
    world.key(0).await;
    let link = world.link("a").await;
    let mut wrong = link.token.clone();
    wrong.replace_range(
        ..1,
        if link.token.starts_with('A') {
            "B"
        } else {
            "A"
        },
    );
    for token in [wrong.as_str(), "", "x", "%00", "..%2f..", &link.id] {
        let answer = world.looks_at(token).await;
        assert!(matches!(answer.status, 404), "{token}: {answer:?}");
    }
    let mut refused = None;
    for _ in 0..60 {
        let answer = world.looks_at(&wrong).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    refused.unwrap().is_problem(429, "too_many_requests");
}

#[tokio::test]
async fn school_has_so_many_links_at_a_time_and_a_day() {
    let world = World::new().await;
    world.key(0).await;
    let mut links = Vec::new();
    for _ in 0..5 {
        links.push(world.link("a").await);
    }
    world.invites("a").await.is_problem(409, "too_many");
    // Another school has its own.
    world.link("b").await;
    let mut made = links.len();
    loop {
        let taken_back = links.pop().unwrap();
        let path = format!("/api/v1/sealed-drops/{}", taken_back.id);
        assert_eq!(world.operator.delete(&path).await.status, 204);
        let answer = world.invites("a").await;
        if answer.status != 201 {
            answer.is_problem(409, "too_many");
            break;
        }
        made += 1;
        let id = answer.body["drop"]["id"].as_str().unwrap().to_owned();
        links.push(Link {
            token: String::new(),
            id,
        });
    }
    assert_eq!(made, 20);
    world.server.clock.advance(Duration::from_hours(25));
    let operator = world.server.signed_in("otto").await;
    let path = "/api/v1/schools/a/sealed-drops";
    assert_eq!(operator.post(path, Value::Null).await.status, 201);
}

#[tokio::test]
async fn school_without_a_contract_gets_no_link_and_its_links_take_nothing() {
    let world = World::new().await;
    let key = world.key(0).await;
    world.invites("c").await.is_problem(403, "no_contract");
    world.invites("nowhere").await.is_problem(404, "not_found");
    let link = world.link("a").await;
    world
        .server
        .execute("UPDATE schools SET contract = 'ended' WHERE id = 'a'")
        .await;
    let sent = world.sends(&link, &[&key], sealed(1, 70)).await;
    sent.is_problem(403, "no_contract");
}

#[tokio::test]
async fn page_of_a_link_is_served_apart_and_nobody_frames_it() {
    let world = World::new().await;
    for path in ["/drop", "/drop/", "/console"] {
        let request = world.server.browser().request(Method::GET, path);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(
            answer.headers()["cross-origin-opener-policy"],
            "same-origin"
        );
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    }
    for path in ["/drop/x", "/drop/x/y", "/apart/missing.js"] {
        let request = world.server.browser().request(Method::GET, path);
        assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
    }
}

//! The sealed drop over HTTP: who makes links and keys, what a link takes, and when what came is gone.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use common::{Answer, Browser, TestServer};
use http_body::Frame;
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

/// A list in plain text must never come; this is what is sealed instead: the form of an age file for so many keys.
fn sealed(keys: usize, bytes: usize) -> Vec<u8> {
    let text = STANDARD_NO_PAD.encode([7; 32]);
    let mut file = String::from("age-encryption.org/v1\n");
    for _ in 0..keys {
        file += &format!("-> X25519 {text}\n{text}\n");
    }
    file += &format!("--- {text}\n");
    let mut file = file.into_bytes();
    file.extend(vec![9; bytes.max(64)]);
    file
}

fn protected() -> String {
    let [salt, body] = [16, 32].map(|bytes| STANDARD_NO_PAD.encode(vec![7; bytes]));
    let mut file = format!("age-encryption.org/v1\n-> scrypt {salt} 18\n{body}\n--- {body}\n");
    file += &"x".repeat(110);
    STANDARD.encode(file)
}

/// Public halves of keys that nobody has, from the test vectors of others.
const RECIPIENTS: [&str; 3] = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
    "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa",
];

struct World {
    server: TestServer,
    operator: Browser,
}

impl World {
    async fn new() -> Self {
        let server = TestServer::start().await;
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.school("c", Contract::Draft).await;
        server.person("a", "otto", UserRole::Operator).await;
        let operator = server.signed_in("otto").await;
        Self { server, operator }
    }

    async fn key(&self, number: usize) -> Value {
        let body = json!({
            "label": format!("Key {number}"),
            "recipient": RECIPIENTS[number],
            "identity": protected(),
        });
        let made = self.operator.post("/api/v1/operator-keys", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body
    }

    async fn link(&self, school: &str) -> Link {
        let made = self.invites(school).await;
        assert_eq!(made.status, 201, "{made:?}");
        let url = made.body["url"].as_str().unwrap();
        let token = url.strip_prefix(&format!("{}/drop/", self.server.origin));
        Link {
            token: token.unwrap().to_owned(),
            id: made.body["drop"]["id"].as_str().unwrap().to_owned(),
        }
    }

    async fn invites(&self, school: &str) -> Answer {
        let path = format!("/api/v1/schools/{school}/sealed-drops");
        self.operator.post(&path, Value::Null).await
    }

    async fn looks(&self, link: &Link) -> Answer {
        let path = format!("/api/v1/drop-links/{}", link.token);
        self.server.browser().get(&path).await
    }

    async fn sends(&self, link: &Link, keys: &[&Value], body: Vec<u8>) -> Answer {
        let request = self.upload(&link.token, keys).body(body);
        Answer::of(request.header("content-type", "application/octet-stream")).await
    }

    fn upload(&self, token: &str, keys: &[&Value]) -> reqwest::RequestBuilder {
        let ids: Vec<&str> = keys.iter().map(|key| key["id"].as_str().unwrap()).collect();
        let path = format!("/api/v1/drop-links/{token}/content?keys={}", ids.join(","));
        self.server.browser().request(Method::PUT, &path)
    }

    async fn content(&self, by: &Browser, id: &str) -> (u16, Vec<u8>) {
        let path = format!("/api/v1/sealed-drops/{id}/content");
        let answer = by.request(Method::GET, &path).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.bytes().await.unwrap().to_vec())
    }

    async fn state(&self, id: &str) -> Option<String> {
        let drops = self.operator.get("/api/v1/sealed-drops").await.body;
        let drops = drops["drops"].as_array().unwrap();
        let drop = drops.iter().find(|drop| drop["id"] == id)?;
        Some(drop["state"].as_str().unwrap().to_owned())
    }

    async fn housekeeping(&self) {
        let now = kmz_meet_server::clock::Clock::now(&*self.server.clock);
        self.server.app.store.delete_expired(now).await.unwrap();
    }
}

/// A body that does not say how long it is.
struct OfUnknownLength(std::vec::IntoIter<Vec<u8>>);

impl http_body::Body for OfUnknownLength {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = self.get_mut().0.next();
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk.into()))))
    }
}

struct Link {
    token: String,
    id: String,
}

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
    let one = world.sends(&link, &keys, sealed(1, 100_000));
    let other = world.sends(&link, &keys, sealed(1, 100_001));
    let (one, other) = tokio::join!(one, other);
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{one:?} {other:?}");
}

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
        let path = format!("/api/v1/drop-links/{}/content?keys={keys}", link.token);
        let request = world.server.browser().request(Method::PUT, &path);
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
    for token in [wrong.as_str(), "x", "%00", "..%2f..", &link.id] {
        let path = format!("/api/v1/drop-links/{token}");
        let answer = world.server.browser().get(&path).await;
        assert!(matches!(answer.status, 404), "{token}: {answer:?}");
    }
    let mut refused = None;
    for _ in 0..60 {
        let path = format!("/api/v1/drop-links/{wrong}");
        let answer = world.server.browser().get(&path).await;
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
async fn link_without_any_key_is_not_made() {
    let world = World::new().await;
    world.invites("a").await.is_problem(409, "no_operator_key");
    let key = world.key(0).await;
    let path = format!("/api/v1/operator-keys/{}", key["id"].as_str().unwrap());
    let retired = world.operator.patch(&path, json!({"retired": true})).await;
    assert_eq!(retired.status, 200, "{retired:?}");
    world.invites("a").await.is_problem(409, "no_operator_key");
}

#[tokio::test]
async fn key_that_is_retired_opens_old_lists_and_gets_no_new_ones() {
    let world = World::new().await;
    let old = world.key(0).await;
    let link = world.link("a").await;
    assert_eq!(world.sends(&link, &[&old], sealed(1, 70)).await.status, 204);
    let new = world.key(1).await;
    let path = format!("/api/v1/operator-keys/{}", old["id"].as_str().unwrap());
    let retired = world.operator.patch(&path, json!({"retired": true})).await;
    assert_eq!(retired.body["retired_at"], 1_800_000_000_000_i64);
    let next = world.link("a").await;
    let shown = world.looks(&next).await.body;
    assert_eq!(shown["keys"].as_array().unwrap().len(), 1);
    assert_eq!(shown["keys"][0]["id"], new["id"]);
    // A list that was being sealed to the old one still comes, and the old one is still there to open it.
    assert_eq!(world.sends(&next, &[&old], sealed(1, 70)).await.status, 204);
    let deleted = world.operator.delete(&path).await;
    deleted.is_problem(409, "key_needed");
    for link in [&link, &next] {
        let drop = format!("/api/v1/sealed-drops/{}", link.id);
        assert_eq!(world.operator.delete(&drop).await.status, 204);
    }
    assert_eq!(world.operator.delete(&path).await.status, 204);
    world
        .operator
        .delete(&path)
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn key_whose_private_half_is_not_protected_is_refused() {
    let world = World::new().await;
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let plain = STANDARD.encode(format!("{secret}\n").repeat(3));
    let to_a_key = STANDARD.encode(sealed(1, 110));
    let weak = STANDARD.decode(protected()).unwrap();
    let weak = String::from_utf8(weak).unwrap().replace(" 18\n", " 10\n");
    for identity in [secret.repeat(3), plain, to_a_key, STANDARD.encode(weak)] {
        let body = json!({"label": "x", "recipient": RECIPIENTS[0], "identity": identity});
        let answer = world.operator.post("/api/v1/operator-keys", body).await;
        answer.is_problem(422, "invalid");
    }
    for recipient in [secret, "age1x", "", "ssh-ed25519 AAAA"] {
        let body = json!({"label": "x", "recipient": recipient, "identity": protected()});
        let answer = world.operator.post("/api/v1/operator-keys", body).await;
        answer.is_problem(422, "invalid");
    }
    world.key(0).await;
    let body = json!({"label": "x", "recipient": RECIPIENTS[0], "identity": protected()});
    let twice = world.operator.post("/api/v1/operator-keys", body).await;
    twice.is_problem(422, "invalid");
}

#[tokio::test]
async fn operations_of_operators_refuse_everybody_else() {
    let world = World::new().await;
    let key = world.key(0).await;
    let link = world.link("a").await;
    assert_eq!(world.sends(&link, &[&key], sealed(1, 70)).await.status, 204);
    let server = &world.server;
    server.teacher("a", "tom").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server.person("b", "erna", UserRole::SchoolAdmin).await;
    let key_path = format!("/api/v1/operator-keys/{}", key["id"].as_str().unwrap());
    let drop_path = format!("/api/v1/sealed-drops/{}", link.id);
    let content = format!("{drop_path}/content");
    let new_key = json!({"label": "x", "recipient": RECIPIENTS[1], "identity": protected()});
    let tries = [
        (Method::GET, "/api/v1/operator-keys", Value::Null),
        (Method::POST, "/api/v1/operator-keys", new_key),
        (Method::PATCH, key_path.as_str(), json!({"retired": true})),
        (Method::DELETE, key_path.as_str(), Value::Null),
        (Method::GET, "/api/v1/sealed-drops", Value::Null),
        (Method::POST, "/api/v1/schools/a/sealed-drops", Value::Null),
        (Method::GET, content.as_str(), Value::Null),
        (Method::DELETE, drop_path.as_str(), Value::Null),
    ];
    let ask = async |browser: &Browser| {
        let mut statuses = Vec::new();
        for (method, path, body) in &tries {
            let mut request = browser.request(method.clone(), path);
            if !body.is_null() {
                request = request.json(body);
            }
            let answer = Answer::of(request).await;
            assert!(!answer.body.to_string().contains(&link.id), "{answer:?}");
            statuses.push(answer.status);
        }
        statuses
    };
    assert_eq!(ask(&server.browser()).await, [401; 8]);
    for name in ["tom", "frida", "erna"] {
        let browser = server.signed_in(name).await;
        assert_eq!(ask(&browser).await, [403; 8], "{name}");
    }
    // Whose role was taken away is none from the next request on, with the same session.
    world
        .server
        .execute("UPDATE users SET role = 'school_admin' WHERE username = 'otto'")
        .await;
    assert_eq!(ask(&world.operator).await, [403; 8]);
    world
        .server
        .execute("UPDATE users SET role = 'operator' WHERE username = 'otto'")
        .await;
    assert_eq!(world.content(&world.operator, &link.id).await.0, 200);
}

#[tokio::test]
async fn page_of_a_link_is_served_apart_and_nobody_frames_it() {
    let world = World::new().await;
    for path in ["/drop/x", "/console"] {
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
    for path in ["/drop", "/drop/x/y", "/apart/missing.js", "/console/x"] {
        let request = world.server.browser().request(Method::GET, path);
        assert_eq!(request.send().await.unwrap().status(), 404, "{path}");
    }
}

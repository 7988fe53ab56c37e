//! What the console needs of the API: operators act in a school, everybody reads notices, administrators' actions are logged,
//! and no room loosens what its school decided.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::{Browser, TestServer, client::Client, course::Course};
use kmz_meet_core::signal::{RefusalReason, ServerMessage};
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::{Contract, MAX_NOTICES, Notice, NoticeKind, Room, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

/// Two schools with an administrator each (frida of `a`, erna of `b`), an operator of `b` (otto), a teacher of `a` (berta).
async fn two_schools() -> TestServer {
    let server = TestServer::start().await;
    for school in ["a", "b"] {
        server.school(school, Contract::Signed).await;
    }
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server.person("b", "erna", UserRole::SchoolAdmin).await;
    server.person("b", "otto", UserRole::Operator).await;
    server.teacher("a", "berta").await;
    server
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect()
}

async fn put(browser: &Browser, path: &str, body: Value) -> crate::common::Answer {
    crate::common::Answer::of(browser.request(Method::PUT, path).json(&body)).await
}

/// The text of an answer that is no JSON.
async fn text(browser: &Browser, path: &str) -> String {
    let answer = browser.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

#[tokio::test]
async fn operator_who_names_a_school_acts_in_it() {
    let server = two_schools().await;
    let otto = server.signed_in("otto").await;
    let key = json!({"name": "portal", "scopes": ["rooms:read"]});
    let made = otto.post("/api/v1/keys?school=a", key).await;
    assert_eq!(made.status, 201, "{made:?}");
    let there = otto.get("/api/v1/keys?school=a&limit=5").await;
    assert_eq!(names(&there.body["keys"]), ["portal"]);
    let own = otto.get("/api/v1/keys").await;
    assert_eq!(own.body["keys"], json!([]));
    let school = otto.get("/api/v1/school?school=a").await;
    assert_eq!(school.body["name"], "School a");
    let path = format!("/api/v1/keys/{}", made.body["id"].as_str().unwrap());
    otto.delete(&path).await.is_problem(404, "not_found");
    assert_eq!(otto.delete(&format!("{path}?school=a")).await.status, 204);
    otto.get("/api/v1/keys?school=none")
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn room_that_an_operator_makes_in_another_school_opens_by_that_schools_contract_alone() {
    let server = two_schools().await;
    let otto = server.signed_in("otto").await;
    let made = otto.post("/api/v1/rooms?school=a", json!({})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let store = &server.app.store;
    let room = store.room(made.body["id"].as_str().unwrap()).await;
    let room = room.unwrap().unwrap();
    assert_eq!((room.school.as_str(), room.owner.as_deref()), ("a", None));
    // One that is from before, and whose owner is of another school.
    let old = Room {
        id: "old".to_owned(),
        name: "old".to_owned(),
        owner: Some("id-otto".to_owned()),
        ..room
    };
    server.add_room(&old).await.unwrap();
    server.set_contract("a", Contract::Ended, None).await;
    let join = json!({"type": "join", "room": "old", "name": ""});
    let (_, answer) = Client::arrive(&otto, join.clone()).await;
    let reason = RefusalReason::NoContract;
    assert!(
        matches!(answer, ServerMessage::Refused { reason: told, .. } if told == reason),
        "{answer:?}"
    );
    server.set_contract("a", Contract::Signed, None).await;
    server.set_contract("b", Contract::Ended, None).await;
    let (_, answer) = Client::arrive(&otto, join).await;
    assert!(matches!(answer, ServerMessage::Joined { .. }), "{answer:?}");
}

#[tokio::test]
async fn school_that_is_not_ones_own_is_not_found() {
    let server = two_schools().await;
    let erna = server.signed_in("erna").await;
    for path in [
        "/api/v1/keys?school=a",
        "/api/v1/school?school=a",
        "/api/v1/audit?school=a",
        "/api/v1/school-activity?school=a",
        "/api/v1/conferences?school=a",
    ] {
        erna.get(path).await.is_problem(404, "not_found");
        let key = server.key("b", &[]).await;
        key.get(path).await.is_problem(404, "not_found");
    }
    assert_eq!(erna.get("/api/v1/keys?school=b").await.status, 200);
    for path in [
        "/api/v1/keys?school=",
        "/api/v1/keys?school=a&school=b",
        "/api/v1/keys?school=%2e%2e",
        &format!("/api/v1/keys?school={}", "a".repeat(65)),
    ] {
        erna.get(path).await.is_problem(400, "bad_request");
    }
}

#[tokio::test]
async fn schools_are_listed_to_operators_and_their_own_to_others() {
    let server = two_schools().await;
    let berta = server.signed_in("berta").await;
    let room = berta.post("/api/v1/rooms", json!({})).await.body;
    let _inside = Client::join(&berta, room["name"].as_str().unwrap(), "x").await;
    let otto = server.signed_in("otto").await;
    let all = otto.get("/api/v1/school-activity").await.body;
    assert_eq!(names(&all["schools"]), ["School a", "School b"]);
    let of_a = &all["schools"][0];
    assert_eq!(
        (&of_a["open"], &of_a["conferences"], &of_a["people"]),
        (&json!(true), &json!(1), &json!(1))
    );
    let first = otto.get("/api/v1/school-activity?limit=1").await.body;
    assert_eq!(names(&first["schools"]), ["School a"]);
    let next = format!(
        "/api/v1/school-activity?after={}",
        first["next"].as_str().unwrap()
    );
    assert_eq!(names(&otto.get(&next).await.body["schools"]), ["School b"]);
    let frida = server.signed_in("frida").await;
    let own = frida.get("/api/v1/school-activity").await.body;
    assert_eq!(names(&own["schools"]), ["School a"]);
    berta
        .get("/api/v1/school-activity")
        .await
        .is_problem(403, "not_permitted");
    server.set_contract("a", Contract::Ended, None).await;
    let after = frida.get("/api/v1/school-activity").await.body;
    assert_eq!(after["schools"][0]["open"], false);
}

#[tokio::test]
async fn school_activity_of_a_contract_with_an_end_names_its_last_day() {
    let server = two_schools().await;
    // Midnight in Berlin: the moment itself belongs to the first of August.
    let until = Some(1_817_071_200_000);
    server.set_contract("a", Contract::Signed, until).await;
    let frida = server.signed_in("frida").await;
    let own = frida.get("/api/v1/school-activity").await.body;
    assert_eq!(own["schools"][0]["last_day"], "2027-07-31");
    let erna = server.signed_in("erna").await;
    let endless = erna.get("/api/v1/school-activity").await.body;
    assert_eq!(endless["schools"][0].get("last_day"), None);
}

fn notice(german: &str) -> Value {
    json!({"kind": "maintenance", "german": german, "english": "Soon"})
}

#[tokio::test]
async fn notice_is_read_by_everybody_while_it_holds() {
    let server = two_schools().await;
    let otto = server.signed_in("otto").await;
    let stranger = server.browser();
    let now = server.clock.now();
    let mut later = notice("Später");
    later["english"] = json!(" Soon\n");
    later["from"] = json!(now + 60_000);
    later["until"] = json!(now + 120_000);
    let made = otto.post("/api/v1/notices", later).await;
    assert_eq!(made.status, 201, "{made:?}");
    let current = async || {
        let found = stranger.get("/api/v1/current-notices").await.body;
        let found = found["notices"].as_array().unwrap().clone();
        let german = |one: &Value| one["german"].as_str().unwrap().to_owned();
        found.iter().map(german).collect::<Vec<_>>()
    };
    assert!(current().await.is_empty());
    server.clock.advance(Duration::from_mins(1));
    assert_eq!(current().await, ["Später"]);
    assert_eq!(made.body["english"], "Soon", "one line");
    let id = made.body["id"].as_str().unwrap();
    let path = format!("/api/v1/notices/{id}");
    let changed = put(&otto, &path, notice("Jetzt")).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(current().await, ["Jetzt"]);
    server.clock.advance(Duration::from_hours(1));
    assert_eq!(current().await, ["Jetzt"], "it has no end any more");
    assert_eq!(otto.delete(&path).await.status, 204);
    assert!(current().await.is_empty());
    otto.delete(&path).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn notice_is_written_by_operators_alone() {
    let server = two_schools().await;
    let key = server.key("a", &[]).await;
    for name in ["frida", "berta"] {
        let browser = server.signed_in(name).await;
        let answer = browser.post("/api/v1/notices", notice("x")).await;
        answer.is_problem(403, "not_permitted");
        let list = browser.get("/api/v1/notices").await;
        list.is_problem(403, "not_permitted");
        let gone = browser.delete("/api/v1/notices/1").await;
        gone.is_problem(403, "not_permitted");
        let changed = put(&browser, "/api/v1/notices/1", notice("x")).await;
        changed.is_problem(403, "not_permitted");
    }
    let by_key = key.post("/api/v1/notices", notice("x")).await;
    by_key.is_problem(403, "not_permitted");
    let nobody = server.browser().post("/api/v1/notices", notice("x")).await;
    nobody.is_problem(401, "not_signed_in");
}

#[tokio::test]
async fn notice_that_is_too_long_or_ends_before_it_begins_is_refused() {
    let server = two_schools().await;
    let otto = server.signed_in("otto").await;
    let refused = async |field: &str, value: Value| {
        let mut body = notice("x");
        body["from"] = json!(1_000);
        body[field] = value;
        let answer = otto.post("/api/v1/notices", body).await;
        answer.is_problem(422, "invalid");
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("{field}: ")), "{detail}");
    };
    refused("german", json!("x".repeat(501))).await;
    refused("english", json!(" ")).await;
    refused("until", json!(1_000)).await;
    refused("from", json!(-1)).await;
    refused("until", json!(i64::MAX)).await;
    // No more than so many.
    for number in 0..MAX_NOTICES {
        let one = Notice {
            id: format!("{number}"),
            kind: NoticeKind::News,
            german: "x".into(),
            english: "x".into(),
            from: 0,
            until: None,
            created_at: 0,
        };
        server.app.store.add_notice(&one).await.unwrap().unwrap();
    }
    let one_more = otto.post("/api/v1/notices", notice("x")).await;
    one_more.is_problem(409, "too_many");
    let shown = server.browser().get("/api/v1/current-notices").await.body;
    assert_eq!(shown["notices"].as_array().unwrap().len(), 5);
}

fn actions(list: &Value) -> Vec<&str> {
    let entries = list["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|one| one["action"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn actions_of_administrators_are_logged_without_contents() {
    let server = two_schools().await;
    let frida = server.signed_in("frida").await;
    let made = frida
        .post(
            "/api/v1/keys",
            json!({"name": "geheimer Name", "scopes": ["rooms:read"]}),
        )
        .await;
    let id = made.body["id"].as_str().unwrap();
    frida.delete(&format!("/api/v1/keys/{id}")).await;
    let hook = json!({"url": "https://example.com/geheim", "events": ["conference.ended"]});
    let hook = frida.post("/api/v1/webhooks", hook).await;
    let hook = format!("/api/v1/webhooks/{}", hook.body["id"].as_str().unwrap());
    frida.patch(&hook, json!({"active": false})).await;
    frida.delete(&hook).await;
    let secret = frida.post("/api/v1/bbb/secrets", Value::Null).await;
    let secret = secret.body["id"].as_str().unwrap();
    frida.delete(&format!("/api/v1/bbb/secrets/{secret}")).await;
    let app = json!({"app_id": "x", "algorithm": "HS256", "key": "geheim-0123456789"});
    let app = frida.post("/api/v1/jitsi/apps", app).await;
    let app = app.body["id"].as_str().unwrap();
    frida.delete(&format!("/api/v1/jitsi/apps/{app}")).await;
    frida.post("/api/v1/lti/invitations", Value::Null).await;
    frida
        .patch("/api/v1/school", json!({"attendance_days": 20}))
        .await;
    let log = frida.get("/api/v1/audit").await.body;
    assert_eq!(
        actions(&log),
        [
            "school.changed",
            "platform.invited",
            "jitsi_app.deleted",
            "jitsi_app.made",
            "bbb_secret.deleted",
            "bbb_secret.made",
            "webhook.deleted",
            "webhook.changed",
            "webhook.made",
            "key.deleted",
            "key.made"
        ]
    );
    let first = &log["entries"][10];
    assert_eq!(
        (&first["actor_name"], &first["actor_kind"], &first["target"]),
        (&json!("Frau frida"), &json!("account"), &json!(id))
    );
    assert!(!log.to_string().contains("geheim"), "{log}");
    // What was refused, or only looked at, is not there; a refused one neither.
    frida.get("/api/v1/keys").await;
    frida
        .patch("/api/v1/school", json!({"attendance_days": 0}))
        .await;
    assert_eq!(frida.get("/api/v1/audit").await.body, log);
    // A program is named by its key.
    let key = server.key("a", &["school:write"]).await;
    key.patch("/api/v1/school", json!({"attendance_days": 21}))
        .await;
    let newest = frida.get("/api/v1/audit?limit=1").await.body;
    assert_eq!(newest["entries"][0]["actor_kind"], "key");
    let next = newest["next"].as_str().unwrap();
    let rest = frida.get(&format!("/api/v1/audit?after={next}")).await.body;
    assert_eq!(rest["entries"], log["entries"]);
    let only = frida.get("/api/v1/audit?action=key.made").await.body;
    assert_eq!(actions(&only), ["key.made"]);
    frida
        .get("/api/v1/audit?action=nothing")
        .await
        .is_problem(400, "bad_request");
}

#[tokio::test]
async fn log_of_a_school_is_shown_to_its_administrators_and_operators() {
    let server = two_schools().await;
    let otto = server.signed_in("otto").await;
    for school in ["a", "b"] {
        let key = json!({"name": "x", "scopes": ["rooms:read"]});
        let path = format!("/api/v1/keys?school={school}");
        assert_eq!(otto.post(&path, key).await.status, 201);
    }
    otto.post("/api/v1/notices", notice("x")).await;
    let seen = async |name: &str, path: &str| {
        let browser = server.signed_in(name).await;
        let list = browser.get(path).await.body;
        let entries = list["entries"].as_array().unwrap().clone();
        let school = |one: &Value| one["school_id"].as_str().unwrap_or("service").to_owned();
        entries.iter().map(school).collect::<Vec<_>>()
    };
    assert_eq!(seen("otto", "/api/v1/audit").await, ["service", "b", "a"]);
    assert_eq!(seen("otto", "/api/v1/audit?school=a").await, ["a"]);
    assert_eq!(seen("frida", "/api/v1/audit").await, ["a"]);
    assert_eq!(seen("erna", "/api/v1/audit").await, ["b"]);
    let frida = server.signed_in("frida").await;
    let table = text(&frida, "/api/v1/audit/csv").await;
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("\"key.made\""), "{table}");
    let berta = server.signed_in("berta").await;
    for path in ["/api/v1/audit", "/api/v1/audit/csv"] {
        berta.get(path).await.is_problem(403, "not_permitted");
        server
            .browser()
            .get(path)
            .await
            .is_problem(401, "not_signed_in");
    }
    // After 400 days it is gone.
    server.clock.advance(Duration::from_hours(399 * 24));
    let now = server.clock.now();
    server.app.store.delete_expired(now).await.unwrap();
    server.clock.advance(Duration::from_hours(2 * 24));
    let otto = server.signed_in("otto").await;
    let kept = otto.get("/api/v1/audit").await.body;
    assert_eq!(actions(&kept).len(), 3);
    let now = server.clock.now();
    server.app.store.delete_expired(now).await.unwrap();
    let kept = otto.get("/api/v1/audit").await.body;
    assert_eq!(actions(&kept).len(), 0);
}

#[tokio::test]
async fn room_cannot_loosen_what_its_school_decided() {
    let server = two_schools().await;
    let frida = server.signed_in("frida").await;
    let limits = json!({"door": "knock", "chat": "moderators", "screen": "moderators"});
    let berta = server.signed_in("berta").await;
    // One from before is narrowed as soon as it runs.
    let before = berta.post("/api/v1/rooms", json!({})).await.body;
    assert_eq!(before["policy"]["door"], "open");
    let changed = frida
        .patch("/api/v1/school", json!({"room_limits": limits}))
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.body["room_limits"]["door"], "knock");
    assert_eq!(changed.body["room_limits"]["camera"], "everyone");
    let open = json!({"policy": {"door": "open", "chat": "everyone"}});
    let made = berta.post("/api/v1/rooms", open.clone()).await.body;
    let strict = |room: &Value| {
        let policy = &room["policy"];
        (policy["door"].clone(), policy["chat"].clone())
    };
    let expected = (json!("knock"), json!("moderators"));
    assert_eq!(strict(&made), expected);
    let id = made["id"].as_str().unwrap();
    let patched = berta
        .patch(&format!("/api/v1/rooms/{id}"), open.clone())
        .await;
    assert_eq!(strict(&patched.body), expected);
    let _inside = Client::join(&berta, before["name"].as_str().unwrap(), "x").await;
    let running = format!(
        "/api/v1/rooms/{}/conference",
        before["id"].as_str().unwrap()
    );
    assert_eq!(strict(&berta.get(&running).await.body), expected);
    assert_eq!(strict(&berta.patch(&running, open).await.body), expected);
    // Stricter is the room's own decision.
    let closed = json!({"policy": {"door": "closed"}});
    let closed = berta.patch(&running, closed).await.body;
    assert_eq!(closed["policy"]["door"], "closed");
    // Another school decides for itself.
    let erna = server.signed_in("erna").await;
    let theirs = erna.get("/api/v1/school").await.body;
    assert_eq!(theirs["room_limits"]["door"], "open");
    berta
        .patch("/api/v1/school", json!({"room_limits": {}}))
        .await
        .is_problem(403, "not_permitted");
}

#[tokio::test]
async fn failed_launches_are_counted_by_their_reason() {
    let server = two_schools().await;
    let frida = server.signed_in("frida").await;
    let platform = json!({"issuer": "https://moodle.example", "client_id": "x", "deployment_ids": ["1"],
        "jwks_uri": "https://moodle.example/certs.php", "authorization_endpoint": "https://moodle.example/auth.php",
        "token_endpoint": "https://moodle.example/token.php"});
    let made = frida.post("/api/v1/lti/platforms", platform).await;
    let id = made.body["id"].as_str().unwrap();
    let store = &server.app.store;
    for (code, after) in [
        ("lti_signature", 1),
        ("lti_deployment_unknown", 2),
        ("lti_signature", 3),
    ] {
        let at = server.clock.now() + after;
        store.count_launch_failure(id, code, at).await.unwrap();
    }
    let path = format!("/api/v1/lti/platforms/{id}/failures");
    let found = frida.get(&path).await.body;
    let brief = |one: &Value| {
        (
            one["code"].as_str().unwrap().to_owned(),
            one["count"].as_u64().unwrap(),
        )
    };
    let found: Vec<_> = found["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(brief)
        .collect();
    let expected = [
        ("lti_signature".to_owned(), 2),
        ("lti_deployment_unknown".to_owned(), 1),
    ];
    assert_eq!(found, expected);
    // They go with the platform, and after a month.
    server.clock.advance(Duration::from_hours(31 * 24));
    store.delete_expired(server.clock.now()).await.unwrap();
    let frida = server.signed_in("frida").await;
    assert_eq!(frida.get(&path).await.body["failures"], json!([]));
    store
        .count_launch_failure(id, "lti_signature", 1)
        .await
        .unwrap();
    let gone = frida.delete(&format!("/api/v1/lti/platforms/{id}")).await;
    assert_eq!(gone.status, 204);
    assert!(store.launch_failures(id).await.unwrap().is_empty());
    // Somebody's login there had begun before.
    let counted = store.count_launch_failure(id, "lti_platform_disabled", 1);
    assert!(counted.await.is_ok(), "nothing to count is no failure");
    assert!(store.launch_failures(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn launch_that_fails_before_its_platform_is_looked_at_is_counted() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let course = Course::start().await;
    let platform = course.register(&key, "c").await;
    let path = format!("/api/v1/lti/platforms/{}", platform["id"].as_str().unwrap());
    let count = async |code: &str| {
        let found = key.get(&format!("{path}/failures")).await.body;
        let all = found["failures"].as_array().unwrap();
        let one = all.iter().find(|one| one["code"] == code);
        one.map_or(0, |one| one["count"].as_u64().unwrap())
    };
    // The same answer once more.
    let begun = course.begin(&server, "c").await;
    course.finish(&server, "c", &begun, |_| ()).await;
    let again = course.finish(&server, "c", &begun, |_| ()).await;
    assert_eq!(again.status(), 400);
    assert_eq!(count("lti_state_unknown").await, 1);
    // Too late.
    let begun = course.begin(&server, "c").await;
    server.clock.advance(Duration::from_hours(1));
    course.finish(&server, "c", &begun, |_| ()).await;
    assert_eq!(count("lti_state_expired").await, 1);
    // While the platform is disabled.
    let begun = course.begin(&server, "c").await;
    key.patch(&path, json!({"state": "disabled"})).await;
    course.finish(&server, "c", &begun, |_| ()).await;
    assert_eq!(count("lti_platform_disabled").await, 1);
    // After it was deleted the person still reads why.
    key.patch(&path, json!({"state": "active"})).await;
    let begun = course.begin(&server, "c").await;
    assert_eq!(key.delete(&path).await.status, 204);
    let late = course.finish(&server, "c", &begun, |_| ()).await;
    assert_eq!(late.status(), 403);
}

#[tokio::test]
async fn pages_of_the_console_stand_in_no_frame_and_are_no_rooms() {
    let server = two_schools().await;
    let browser = server.browser();
    for path in [
        "/console",
        "/console/schools/a/keys",
        "/console/nothing/at/all",
    ] {
        let answer = browser.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(
            answer.headers()["cross-origin-opener-policy"],
            "same-origin"
        );
    }
    for path in ["/console.html", "/apart/none.js", "/console/none.js"] {
        browser.get(path).await.is_problem(404, "not_found");
    }
}

//! Self tests: anybody may try the media paths, nobody pays for it, and nothing personal is kept.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::common::{Answer, Browser, TestServer};
use kmz_meet_core::sfu::testing::Offering;
use kmz_meet_server::store::{Contract, UserRole};
use serde_json::{Value, json};

async fn begin(browser: &Browser) -> Answer {
    browser.post("/api/v1/self-tests", json!({})).await
}

fn id(answer: &Answer) -> &str {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"].as_str().unwrap()
}

fn tested() -> Value {
    json!({"browser": "firefox", "camera": "refused", "microphone": "works", "speaker": "untried"})
}

/// A report of these paths.
fn report(paths: Value) -> Value {
    json!({"tested": tested(), "paths": paths})
}

fn nothing_reached() -> Value {
    report(json!([{"kind": "udp", "port": 10_000}, {"kind": "relay", "port": 443}]))
}

async fn finish(browser: &Browser, test: &Answer, report: Value) -> Answer {
    let path = format!("/api/v1/self-tests/{}/report", id(test));
    browser.post(&path, report).await
}

/// Offers of both places; `None`: there was no answer.
async fn connect(browser: &Browser, test: &str) -> (Answer, Offering, Offering) {
    let (sender, receiver) = (Offering::new(1), Offering::new(1));
    let offer = |one: &Offering| {
        let sections = &one.sections;
        let sections = json!({"microphone": sections.microphone, "camera": sections.camera,
            "audio_slots": sections.audio_slots[..1], "video_slots": sections.video_slots});
        json!({"sdp": one.sdp, "sections": sections})
    };
    let body = json!({"sender": offer(&sender), "receiver": offer(&receiver)});
    let path = format!("/api/v1/self-tests/{test}/connections");
    (browser.post(&path, body).await, sender, receiver)
}

/// Goes through ICE and DTLS with both places, as a browser does.
async fn connected(browser: &Browser, test: &str) -> u64 {
    let (answer, sender, receiver) = connect(browser, test).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let sdp = |end: &str| answer.body[end].as_str().unwrap().to_owned();
    let (one, other) = (sdp("sender"), sdp("receiver"));
    tokio::task::spawn_blocking(move || {
        let (_one, _other) = (sender.connect(&one), receiver.connect(&other));
    })
    .await
    .unwrap();
    answer.body["number"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_that_connects_is_found_again_by_its_code() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let test = begin(&browser).await;
    let network = &test.body["network"];
    assert_eq!(network["host"], "localhost");
    assert_eq!(network["media"][0]["address"], "127.0.0.1");
    assert_eq!(network["media"][0]["port"], server.app.media.port());
    let number = connected(&browser, id(&test)).await;
    // What was not connected does not count as reached, whatever the report says.
    let measured = json!({"connect_ms": 120, "lost_up_permille": 3, "up_kbps": 1_700});
    let paths = json!([
        {"kind": "udp", "port": 10_000, "connection": number, "measured": measured},
        {"kind": "relay", "port": 443, "connection": 7},
    ]);
    // The server notes the connection a moment after the browser, which goes on to measure.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let made = finish(&browser, &test, report(paths)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let code = made.body["code"].as_str().unwrap();
    assert_eq!(code.len(), 8);
    let stranger = server.browser();
    let typed = format!("{}-{}", &code[..4], code[4..].to_lowercase());
    let found = stranger
        .get(&format!("/api/v1/self-test-results/{typed}"))
        .await;
    assert_eq!(found.status, 200);
    assert_eq!(found.body, made.body);
    let report = &found.body["report"];
    assert_eq!(report["outcome"], "direct");
    assert_eq!(report["paths"][0]["reached"], true);
    assert_eq!(report["paths"][0]["measured"], measured);
    assert_eq!(report["paths"][1]["reached"], false);
    assert_eq!(report["tested"], tested());
    // There is one report of a test.
    finish(&browser, &test, nothing_reached())
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn report_keeps_no_address_and_no_name() {
    let server = TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let berta = server.signed_in("berta").await;
    let address = "203.0.113.77";
    let ask = |path: &str, body: Value| {
        let request = berta.request(reqwest::Method::POST, path);
        Answer::of(request.header("x-forwarded-for", address).json(&body))
    };
    let test = ask("/api/v1/self-tests", json!({"room": "mutiger-dachs"})).await;
    let path = format!("/api/v1/self-tests/{}/report", id(&test));
    let made = ask(&path, nothing_reached()).await;
    assert_eq!(made.status, 201);
    let kept = std::fs::read_dir(&server.app.config.data_dir).unwrap();
    for file in kept {
        let file = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&file) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        for personal in [address, "mutiger-dachs"] {
            assert!(
                !text.contains(personal),
                "{} has {personal}",
                file.display()
            );
        }
    }
    // Who it was is not in the answer either.
    let code = made.body["code"].as_str().unwrap();
    let found = server
        .browser()
        .get(&format!("/api/v1/self-test-results/{code}"))
        .await;
    assert!(!found.body.to_string().contains("erta"), "{found:?}");
}

#[tokio::test]
async fn result_after_30_days_is_gone() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let test = begin(&browser).await;
    let made = finish(&browser, &test, nothing_reached()).await;
    let path = format!(
        "/api/v1/self-test-results/{}",
        made.body["code"].as_str().unwrap()
    );
    server.clock.advance(Duration::from_hours(30 * 24 - 1));
    assert_eq!(browser.get(&path).await.status, 200);
    server.clock.advance(Duration::from_hours(1));
    browser.get(&path).await.is_problem(404, "not_found");
    // The row goes, too.
    assert!(
        server
            .app
            .store
            .delete_expired(kmz_meet_server::clock::Clock::now(&*server.clock))
            .await
            .unwrap()
            > 0
    );
}

#[tokio::test]
async fn code_that_is_none_or_unknown_is_not_found() {
    let server = TestServer::start().await;
    let browser = server.browser();
    for code in ["BCDFGHJK", "nonsense", "BCDFGHJKL", "%00", "..."] {
        let found = browser
            .get(&format!("/api/v1/self-test-results/{code}"))
            .await;
        found.is_problem(404, "not_found");
    }
    // The page for people says so by itself, whatever they typed.
    for path in ["/test", "/test/", "/test/BCDFGHJK", "/test/x", "/test/note"] {
        let page = browser
            .request(reqwest::Method::GET, path)
            .header("accept", "text/html")
            .send()
            .await
            .unwrap();
        assert_eq!(page.status(), 200, "{path}");
        let text = page.text().await.unwrap();
        assert!(text.contains("<html"), "{path}");
    }
}

#[tokio::test]
async fn tests_at_one_address_are_bounded_and_others_go_on() {
    let server = TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let browser = server.browser();
    let begin_at = |address: String| {
        let request = browser.request(reqwest::Method::POST, "/api/v1/self-tests");
        let request = request.header("x-forwarded-for", address);
        Answer::of(request.json(&json!({})))
    };
    let mut running = Vec::new();
    for _ in 0..4 {
        running.push(begin_at("198.51.100.1".into()).await);
        assert_eq!(running.last().unwrap().status, 201);
    }
    begin_at("198.51.100.1".into())
        .await
        .is_problem(429, "too_many_requests");
    // One that ends makes room at once.
    finish(&browser, &running[0], nothing_reached()).await;
    assert_eq!(begin_at("198.51.100.1".into()).await.status, 201);
    // All together: who has most gives way, until everybody has one.
    for other in 2..=8 {
        let test = begin_at(format!("198.51.100.{other}")).await;
        assert_eq!(test.status, 201, "{other}");
    }
    begin_at("198.51.100.9".into())
        .await
        .is_problem(429, "too_many_requests");
    let (gone, _, _) = connect(&browser, id(&running[3])).await;
    gone.is_problem(404, "not_found");
    let (first, _, _) = connect(&browser, id(&running[1])).await;
    assert_eq!(first.status, 201, "the oldest has its place");
}

#[tokio::test]
async fn tests_in_a_row_at_one_address_have_a_rate() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let mut made = 0;
    for _ in 0..60 {
        let test = begin(&browser).await;
        if test.status == 429 {
            break;
        }
        finish(&browser, &test, nothing_reached()).await;
        made += 1;
    }
    assert!((40..50).contains(&made), "{made}");
}

#[tokio::test]
async fn test_ends_by_itself() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let mut tests = Vec::new();
    for _ in 0..4 {
        tests.push(begin(&browser).await);
    }
    assert_eq!(begin(&browser).await.status, 429);
    let path = format!("/api/v1/self-tests/{}", id(&tests[0]));
    // From here on time passes as fast as nobody does anything.
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(31)).await;
    tokio::time::resume();
    let (answer, _, _) = connect(&browser, id(&tests[0])).await;
    answer.is_problem(404, "not_found");
    assert_eq!(begin(&browser).await.status, 201, "there is room again");
    let late = browser
        .post(&format!("{path}/report"), nothing_reached())
        .await;
    assert_eq!(late.status, 201, "what was found is still taken");
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(61)).await;
    tokio::time::resume();
    finish(&browser, &tests[1], nothing_reached())
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn connections_of_a_test_are_bounded() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let test = begin(&browser).await;
    for number in 0..8 {
        let (answer, _, _) = connect(&browser, id(&test)).await;
        assert_eq!(answer.body["number"], number, "{answer:?}");
    }
    let (answer, _, _) = connect(&browser, id(&test)).await;
    answer.is_problem(422, "invalid");
    let (answer, _, _) = connect(&browser, "unknown").await;
    answer.is_problem(404, "not_found");
}

#[tokio::test]
async fn report_that_cannot_be_one_is_refused_and_the_test_goes_on() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let test = begin(&browser).await;
    let path = |measured: Value| json!([{"kind": "udp", "port": 1, "measured": measured}]);
    let many: Vec<Value> = (1..=9)
        .map(|port| json!({"kind": "udp", "port": port}))
        .collect();
    for wrong in [
        json!([]),
        Value::from(many),
        path(json!({"connect_ms": 60_001})),
        path(json!({"lost_up_permille": 1_001})),
        path(json!({"up_kbps": 1_000_001})),
    ] {
        let refused = finish(&browser, &test, report(wrong)).await;
        refused.is_problem(422, "invalid");
    }
    for wrong in [
        path(json!({"connect_ms": -1})),
        path(json!({"name": "Anna"})),
        json!([{"kind": "udp", "port": 70_000}]),
        json!([{"kind": "other", "port": 1}]),
    ] {
        let refused = finish(&browser, &test, report(wrong)).await;
        refused.is_problem(400, "bad_request");
    }
    let made = finish(&browser, &test, nothing_reached()).await;
    assert_eq!(made.status, 201, "{made:?}");
}

#[tokio::test]
async fn offer_that_cannot_be_answered_is_refused() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let test = begin(&browser).await;
    let offer = json!({"sdp": "v=0", "sections": {}});
    let path = format!("/api/v1/self-tests/{}/connections", id(&test));
    let refused = browser
        .post(&path, json!({"sender": offer, "receiver": offer}))
        .await;
    refused.is_problem(422, "invalid");
}

#[tokio::test]
async fn counts_are_a_schools_own_and_operators_see_all() {
    let server = TestServer::start().await;
    for school in ["a", "b"] {
        server.school(school, Contract::Signed).await;
    }
    server.teacher("a", "berta").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server.person("b", "erna", UserRole::SchoolAdmin).await;
    server.person("b", "otto", UserRole::Operator).await;
    let berta = server.signed_in("berta").await;
    // Somebody signed in, somebody from a school's room, and a stranger.
    let room = berta.post("/api/v1/rooms", json!({})).await.body;
    let test = begin(&berta).await;
    finish(&berta, &test, nothing_reached()).await;
    let guest = server.browser();
    let room = json!({"room": room["name"]});
    let test = guest.post("/api/v1/self-tests", room).await;
    finish(&guest, &test, nothing_reached()).await;
    for room in [
        json!({}),
        json!({"room": "nobodys-room"}),
        json!({"room": "/"}),
    ] {
        let test = guest.post("/api/v1/self-tests", room).await;
        finish(&guest, &test, nothing_reached()).await;
    }

    let of = async |name: &str| {
        let browser = server.signed_in(name).await;
        browser.get("/api/v1/self-test-counts").await
    };
    let row = |school: Option<&str>, nothing: u32| {
        let mut row = json!({"month": "2027-01", "direct": 0, "relay": 0, "nothing": nothing});
        if let Some(school) = school {
            row["school"] = school.into();
        }
        row
    };
    assert_eq!(
        of("frida").await.body["counts"],
        json!([row(Some("School a"), 2)])
    );
    assert_eq!(of("erna").await.body["counts"], json!([]));
    let all = of("otto").await.body["counts"].clone();
    assert_eq!(all, json!([row(None, 3), row(Some("School a"), 2)]));
    of("berta").await.is_problem(403, "not_permitted");
    guest
        .get("/api/v1/self-test-counts")
        .await
        .is_problem(401, "not_signed_in");
}

#[tokio::test]
async fn results_beyond_the_limit_push_out_the_oldest() {
    let server = TestServer::start().await;
    let store = &server.app.store;
    // Housekeeping runs meanwhile, and deletes what is older than its time.
    let now = 1_800_000_000_000;
    let first = store
        .add_self_test_result("FIRST", now, &"x")
        .await
        .unwrap();
    assert!(first.is_ok());
    // The rest in one statement.
    server
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
             INSERT INTO self_test_results (code, created_at, expires_at, data) \
             SELECT 'c' || i, 1800000000001, 9000000000000, '1' FROM n",
        )
        .await;
    assert!(
        store
            .add_self_test_result("LAST", now + 2, &"x")
            .await
            .unwrap()
            .is_ok()
    );
    let found = store
        .self_test_result::<String>("FIRST", now)
        .await
        .unwrap();
    assert_eq!(found, None);
    let found = store.self_test_result::<String>("LAST", now).await.unwrap();
    assert!(found.is_some());
    let again = store
        .add_self_test_result("LAST", now + 2, &"x")
        .await
        .unwrap();
    assert!(again.is_err(), "a code is given once");
}

#[tokio::test]
async fn network_that_makes_many_results_replaces_its_own() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let other = begin(&browser).await;
    let kept = finish(&browser, &other, nothing_reached()).await;
    let (stranger, now) = ("203.0.113.7".parse().unwrap(), Instant::now());
    let mut codes = Vec::new();
    for step in 0..302 {
        // As fast as the rate allows.
        let at = now + Duration::from_secs(2) * step;
        let begun = server.app.self_tests.begin(stranger, at).unwrap();
        let path = format!("/api/v1/self-tests/{}/report", begun.id);
        let made = browser.post(&path, nothing_reached()).await;
        assert_eq!(made.status, 201, "{made:?}");
        codes.push(made.body["code"].as_str().unwrap().to_owned());
    }
    codes.push(kept.body["code"].as_str().unwrap().to_owned());
    let mut found = Vec::new();
    for code in &codes {
        let path = format!("/api/v1/self-test-results/{code}");
        found.push(browser.get(&path).await.status);
    }
    let gone = found.iter().filter(|status| **status == 404).count();
    assert_eq!((gone, &found[..3]), (2, &[404, 404, 200][..]));
    assert_eq!(found.last(), Some(&200), "another network's");
}

#[tokio::test]
async fn counts_beyond_a_page_go_on_after_it() {
    let server = TestServer::start().await;
    server.school("b", Contract::Signed).await;
    server.person("b", "otto", UserRole::Operator).await;
    // More than one statement would want to read at once.
    server
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) \
             INSERT INTO schools (id, name, contract) SELECT 's-' || i, 'School ' || i, 'signed' FROM n",
        )
        .await;
    server
        .execute(
            "INSERT INTO self_test_counts (id, school_id, month, direct, relay, \"nothing\", expires_at) \
             SELECT month || ' ' || id, id, month, 1, 0, 0, 9000000000000 FROM schools \
             CROSS JOIN (SELECT '2027-01' AS month UNION SELECT '2026-12' UNION SELECT '2026-11') AS months",
        )
        .await;
    let stranger = server.browser();
    let test = begin(&stranger).await;
    finish(&stranger, &test, nothing_reached()).await;
    let otto = server.signed_in("otto").await;
    let mut rows = Vec::new();
    let mut path = "/api/v1/self-test-counts?limit=200".to_owned();
    loop {
        let page = otto.get(&path).await;
        let counts = page.body["counts"].as_array().unwrap();
        assert!((1..=200).contains(&counts.len()), "{page:?}");
        for count in counts {
            let text = |key: &str| count[key].as_str().unwrap_or_default().to_owned();
            rows.push((text("month"), text("school")));
        }
        let Some(next) = page.body["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/self-test-counts?limit=200&after={next}");
    }
    assert_eq!(rows.len(), 3 * 901 + 1);
    let unknown = rows.iter().position(|(_, school)| school.is_empty());
    assert_eq!(unknown, Some(0), "of the newest month");
    assert!(rows.is_sorted_by(|one, other| one.0 >= other.0));
    let all: HashSet<_> = rows.into_iter().collect();
    assert_eq!(all.len(), 3 * 901 + 1, "each once");
    // What is no `next` is answered like any other: there is nothing behind it, or it cannot be one.
    let odd = otto.get("/api/v1/self-test-counts?after=x").await;
    assert_eq!(odd.status, 200);
    otto.get("/api/v1/self-test-counts?after=%20")
        .await
        .is_problem(400, "bad_request");
}

//! What strangers can store, and whom they can block.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::common::TestServer;
use crate::common::lesson::World;
use crate::common::platform::{Platform, element};
use kmz_meet_core::conference::{ConferenceEvent, Visitor};
use kmz_meet_core::signal::{ConferenceId, ParticipantId, Role};
use kmz_meet_server::deliveries::{Delivery, Event, Webhook};
use kmz_meet_server::store::{Contract, Record, RecordFilter};
use kmz_meet_server::webhooks::{self, Webhooks};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::json;

#[tokio::test]
async fn metrics_through_a_proxy_are_not_found() {
    let server = TestServer::start().await;
    let browser = server.browser();
    assert_eq!(browser.get("/metrics").await.status, 200);
    let request = browser.request(Method::GET, "/metrics");
    let brought = request.header("x-forwarded-for", "192.0.2.1").send().await;
    assert_eq!(brought.unwrap().status(), 404);
}

#[tokio::test]
async fn metrics_with_a_token_configured_require_it() {
    let token = "0123456789abcdef";
    let server =
        TestServer::start_with(|config| config.metrics_token = Some(token.parse().unwrap())).await;
    let asked = |value: Option<String>| {
        let mut request = server.browser().request(Method::GET, "/metrics");
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        async { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(asked(None).await, 401);
    assert_eq!(asked(Some("Bearer 0123456789abcdee".to_owned())).await, 401);
    assert_eq!(asked(Some(format!("Bearer {token}"))).await, 200);
}

#[tokio::test]
async fn invented_credentials_are_limited_and_valid_ones_are_not() {
    let server = TestServer::start_with(|config| config.api_requests_per_minute = 10).await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "maier").await;
    let key = server.key("a", &[]).await;
    let teacher = server.signed_in("maier").await;
    let stranger = server.browser();
    let mut refused = 0;
    for number in 0..40 {
        let request = stranger.request(Method::GET, "/api/v1/rooms");
        let request = match number % 2 {
            0 => request.header("authorization", format!("Bearer invented-{number}")),
            _ => request.header("cookie", format!("__Host-kmz_session=invented-{number}")),
        };
        refused += u32::from(request.send().await.unwrap().status() == 429);
    }
    assert!(refused >= 30, "{refused} of 40");
    assert_eq!(key.get("/api/v1/rooms").await.status, 200);
    assert_eq!(teacher.get("/api/v1/rooms").await.status, 200);
}

/// How many records of this kind the database has.
async fn rows(server: &TestServer, kind: &str) -> i64 {
    let path = server.app.config.data_dir.join("kmz-meet.sqlite");
    let url = server
        .app
        .config
        .database_url
        .clone()
        .unwrap_or_else(|| format!("sqlite://{}", path.display()));
    let connection = Database::connect(url).await.unwrap();
    let statement = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT COUNT(*) AS number FROM records WHERE kind = $1",
        [kind.into()],
    );
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "number").unwrap()
}

#[tokio::test]
async fn logins_of_others_store_nothing_and_end_no_launch() {
    let World {
        server,
        course: moodle,
        ..
    } = World::new().await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let login = |length: usize| {
        let target = format!("{}/lti/launch?{}", server.origin, "x".repeat(length));
        http.post(format!("{}/lti/login", server.origin)).form(&[
            ("iss", moodle.url.clone()),
            ("target_link_uri", target),
            ("login_hint", "4".to_owned()),
            ("client_id", "c".to_owned()),
        ])
    };
    assert_eq!(login(4_000).send().await.unwrap().status(), 400);
    // The teacher signs in at the platform first. Meanwhile somebody at the same address starts thousands of logins.
    let teachers = moodle.begin(&server, "c").await;
    for _ in 0..75 {
        let logins = (0..40).map(|_| login(0).send());
        for answer in futures_util::future::join_all(logins).await {
            assert_eq!(answer.unwrap().status(), 302);
        }
    }
    assert_eq!(rows(&server, "lti_used").await, 0);
    let launched = moodle.finish(&server, "c", &teachers, |claims| {
        moodle.teacher(claims);
    });
    assert_eq!(launched.await.status(), 303);
    assert_eq!(rows(&server, "lti_used").await, 1);
    // A state is used once, also after a restart.
    let again = moodle.finish(&server, "c", &teachers, |claims| {
        moodle.teacher(claims);
    });
    is_used_up(again.await).await;
    let other = moodle.begin(&server, "c").await;
    let server = server.restarted().await;
    let again = moodle.finish(&server, "c", &teachers, |claims| {
        moodle.teacher(claims);
    });
    is_used_up(again.await).await;
    let launched = moodle.finish(&server, "c", &other, |claims| moodle.teacher(claims));
    assert_eq!(launched.await.status(), 303);
}

async fn is_used_up(answer: reqwest::Response) {
    assert_eq!(answer.status(), 400);
    let page = answer.text().await.unwrap();
    assert!(page.contains("lti_state_unknown"), "{page}");
}

#[tokio::test]
async fn launch_and_call_after_failures_of_others_are_accepted() {
    let World {
        server,
        course: moodle,
        ..
    } = World::new().await;
    let platform = Platform::of(&server, "a").await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    // More requests than an address was ever allowed.
    for _ in 0..60 {
        let requests = (0..40).map(|number| match number % 4 {
            0 => http.get(format!("{}/lti/jwks", server.origin)),
            1 => http.get(format!("{}/lti", server.origin)),
            2 => http
                .post(format!("{}/lti/launch", server.origin))
                .form(&[("state", "x"), ("id_token", "x")]),
            _ => http.get(format!(
                "{}/getMeetings?checksum={}",
                platform.base,
                "0".repeat(64)
            )),
        });
        let answers = requests.map(|request| async {
            let status = request.send().await.unwrap().status().as_u16();
            assert!(matches!(status, 200 | 400), "{status}");
        });
        futures_util::future::join_all(answers).await;
    }
    let launched = moodle.launch(&server, "c", |claims| moodle.teacher(claims));
    assert_eq!(launched.await.status(), 303);
    let right = platform.call("getMeetings", "").await;
    assert_eq!(element(&right, "returncode"), Some("SUCCESS"), "{right}");
}

#[tokio::test]
async fn call_with_a_right_checksum_during_a_flood_is_answered() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    let long = format!(
        "meetingID={}&checksum={}",
        "x%27".repeat(10_000),
        "0".repeat(64)
    );
    let wrong = format!("{}/create?{long}", platform.base);
    let flood = (0..600).map(|_| {
        let (http, url) = (platform.http.clone(), wrong.clone());
        async move { http.get(&url).send().await.unwrap().text().await.unwrap() }
    });
    let flood = tokio::spawn(futures_util::future::join_all(flood.map(tokio::spawn)));
    let welcome = "W%C3%B6rter+".repeat(600);
    assert!(welcome.len() > 5_000);
    for number in 0..20 {
        let query = format!("meetingID=m{number}&name=n&welcome={welcome}");
        let right = platform.call("create", &query).await;
        assert_eq!(element(&right, "returncode"), Some("SUCCESS"), "{right}");
        let short = platform.call("getMeetings", "").await;
        assert_eq!(element(&short, "returncode"), Some("SUCCESS"), "{short}");
    }
    let mut busy = 0;
    for answer in flood.await.unwrap() {
        let xml = answer.unwrap();
        match element(&xml, "messageKey") {
            Some("checksumError") => {}
            Some("tooManyWrongCalls") => {
                let message = element(&xml, "message").unwrap();
                assert!(message.ends_with("Try again in 5 seconds."), "{message}");
                assert!(!message.contains("secret"), "{message}");
                busy += 1;
            }
            _ => panic!("{xml}"),
        }
    }
    assert!(busy > 0);
    // A link that a browser rewrote waits for its turn, and gets it.
    let name = "Ann-O'Brien";
    let url = platform.url("isMeetingRunning", &format!("meetingID=m1&x={name}"));
    let rewritten = platform.get(&url.replace('\'', "%27")).await;
    assert_eq!(
        element(&rewritten, "returncode"),
        Some("SUCCESS"),
        "{rewritten}"
    );
}

#[tokio::test]
async fn join_that_cannot_wait_shows_a_page_that_reloads_itself() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let platform = Platform::of(&server, "a").await;
    // This address did a second of work in vain and has to rest, while much work waits.
    let from = "127.0.0.1".parse().unwrap();
    let slow = || {
        std::thread::sleep(std::time::Duration::from_secs(1));
        None::<()>
    };
    let in_turn = &server.app.in_turn;
    assert_eq!(in_turn.run(from, 0, slow).await, Ok(None));
    for _ in 0..300 {
        let in_turn = in_turn.clone();
        tokio::spawn(async move { in_turn.run(from, 1_000, || None::<()>).await });
    }
    tokio::task::yield_now().await;
    let url = format!(
        "{}/join?meetingID=m&fullName=O%27Brien&checksum={}",
        platform.base,
        "0".repeat(64)
    );
    let asked = |accept: &'static str| {
        let request = platform.http.get(&url).header("accept", accept);
        async {
            request
                .header("accept-language", "de")
                .send()
                .await
                .unwrap()
        }
    };
    let page = asked("text/html").await;
    assert_eq!(
        (page.status().as_u16(), &page.headers()["refresh"]),
        (429, &"5".parse().unwrap())
    );
    assert_eq!(page.headers()["retry-after"], "5");
    let page = page.text().await.unwrap();
    assert!(page.contains("Gerade ist viel los"), "{page}");
    let program = asked("*/*").await.text().await.unwrap();
    assert_eq!(
        element(&program, "messageKey"),
        Some("tooManyWrongCalls"),
        "{program}"
    );
    // A right call does not wait, however long it is.
    let right = platform.call("getMeetings", "").await;
    assert_eq!(element(&right, "returncode"), Some("SUCCESS"), "{right}");
    let welcome = "W%C3%B6rter+".repeat(5_000);
    let create = format!("meetingID=m&name=n&welcome={welcome}");
    let right = platform.call("create", &create).await;
    assert_eq!(element(&right, "returncode"), Some("SUCCESS"), "{right}");
    // The form is signed in the order of its names and sent in another order.
    let form = format!(
        "name=n&{}",
        platform.url("create", &create).replace("&name=n", "")
    );
    let (name, signed) = form.split_once('&').unwrap();
    let (url, rest) = signed.split_once('?').unwrap();
    let post = platform.http.post(url).body(format!("{name}&{rest}"));
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    let right = post.send().await.unwrap().text().await.unwrap();
    assert_eq!(element(&right, "returncode"), Some("SUCCESS"), "{right}");
}

#[tokio::test]
async fn webhook_with_a_long_queue_gets_no_more_participant_events() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    let room = key.post("/api/v1/rooms", json!({})).await.body;
    let store = &server.app.store;
    let room = store
        .room(room["id"].as_str().unwrap())
        .await
        .unwrap()
        .unwrap();
    let webhook = Webhook {
        url: "https://192.0.2.1/".to_owned(),
        events: vec![Event::ParticipantJoined, Event::ConferenceEnded],
        secret: kmz_meet_server::deliveries::new_secret(),
        active: true,
    };
    let webhook = Record::new("a".to_owned(), 0, webhook);
    webhook.add(store, 20).await.unwrap().unwrap();
    for _ in 0..5_000 {
        let mut delivery = Delivery::new("x", "POST", "https://192.0.2.1/");
        delivery.webhook = Some(webhook.id.clone());
        let mut waiting = Record::new("a".to_owned(), 0, delivery);
        // Not due yet: a try failed.
        waiting.due_at = Some(i64::MAX);
        waiting.add(store).await.unwrap().unwrap();
    }
    let joined = ConferenceEvent::Joined(Visitor {
        participant: ParticipantId("p".to_owned()),
        user: None,
        name: "Anna".to_owned(),
        role: Role::Participant,
    });
    let conference = ConferenceId("c".to_owned());
    let reached = Webhooks::from(&*server.app);
    webhooks::on_event(&reached, &room, &conference, &joined)
        .await
        .unwrap();
    webhooks::ended(&reached, &room, &conference, 7)
        .await
        .unwrap();
    let filter = RecordFilter {
        parent: Some(&webhook.id),
        newest_first: true,
        limit: 2,
        ..RecordFilter::default()
    };
    let newest = Record::<Delivery>::list(store, filter).await.unwrap();
    let events: Vec<&str> = newest.iter().map(|one| one.data.event.as_str()).collect();
    assert_eq!(events, ["conference.ended", "x"]);
    let body: serde_json::Value =
        serde_json::from_str(newest[0].data.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["data"]["participant_events_left_out"], 7);
}

//! Passkeys: registered, used, replayed, forged, copied, and removed.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::app_code::app_code;
use crate::common::authenticator::Authenticator;
use crate::common::{Answer, Browser, TestServer};
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

const PASSKEYS: &str = "/api/v1/account/passkeys";
const FACTOR: &str = "/api/v1/account/second-factor";

fn password() -> Value {
    json!({"current_password": "bertaberta"})
}

/// The password with a recovery code.
fn both(code: &str) -> Value {
    json!({"current_password": "bertaberta", "code": code})
}

fn authenticator(server: &TestServer) -> Authenticator {
    Authenticator::new(server.app.public_url.as_str())
}

async fn question(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.post(path, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["public_key"].clone()
}

async fn to_register(browser: &Browser, password: Value) -> Value {
    question(browser, &format!("{PASSKEYS}/options"), password).await
}

async fn add(browser: &Browser, name: &str, credential: Value) -> Answer {
    let body = json!({"name": name, "credential": credential});
    browser.post(PASSKEYS, body).await
}

/// Registers a passkey; gives the recovery codes.
async fn register(browser: &Browser, key: &Authenticator, password: Value) -> Vec<String> {
    let question = to_register(browser, password).await;
    let done = add(browser, "Schul-Laptop", key.create(&question)).await;
    assert_eq!(done.status, 200, "{done:?}");
    let codes = done.body["recovery_codes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
    codes.collect()
}

/// A teacher with one passkey.
async fn berta() -> (TestServer, Browser, Authenticator, Vec<String>) {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let key = authenticator(&server);
    let codes = register(&browser, &key, password()).await;
    (server, browser, key, codes)
}

/// The first step of signing in; gives its token.
async fn first_step(server: &TestServer, username: &str) -> String {
    let answer = server
        .browser()
        .sign_in(username, &username.repeat(2))
        .await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["step"], "code", "{body}");
    body["step_token"].as_str().unwrap().to_owned()
}

/// As far as the question.
async fn asked(server: &TestServer, username: &str) -> (String, Value) {
    let step = first_step(server, username).await;
    let path = "/api/v1/session/passkey/options";
    let question = question(&server.browser(), path, json!({"step_token": step})).await;
    (step, question)
}

async fn answer(server: &TestServer, step: &str, assertion: Value) -> Answer {
    let body = json!({"step_token": step, "assertion": assertion});
    server.browser().post("/api/v1/session/passkey", body).await
}

async fn sign_in(server: &TestServer, key: &mut Authenticator) -> Answer {
    let (step, question) = asked(server, "berta").await;
    answer(server, &step, key.get(&question)).await
}

async fn by_code(server: &TestServer, step: &str, code: &str) -> Answer {
    let body = json!({"step_token": step, "code": code});
    server.browser().post("/api/v1/session/code", body).await
}

/// Sets an authenticator app up; gives what it says of the recovery codes.
async fn with_app(server: &TestServer, browser: &Browser, proof: Value) -> usize {
    let setup = browser.post(FACTOR, proof).await.body;
    let code = json!({"code": app_code(server, &setup)});
    let done = Answer::of(browser.request(Method::PUT, FACTOR).json(&code)).await;
    assert_eq!(done.status, 200, "{done:?}");
    done.body["recovery_codes"].as_array().unwrap().len()
}

#[tokio::test]
async fn passkey_is_registered_and_signs_in() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let other = server.signed_in("berta").await;
    let mut key = authenticator(&server);
    let wrong = json!({"current_password": "wrong"});
    browser
        .post(&format!("{PASSKEYS}/options"), wrong)
        .await
        .is_problem(403, "wrong_password");
    let question = to_register(&browser, password()).await;
    assert_eq!(question["rp"]["id"], "localhost");
    assert_eq!(question["attestation"], "none");
    assert_eq!(
        question["authenticatorSelection"]["userVerification"],
        "preferred"
    );
    for name in ["", " ", "a\nb", &"x".repeat(61)] {
        add(&browser, name, key.create(&question))
            .await
            .is_problem(422, "invalid");
    }
    let done = add(&browser, "Schul-Laptop", key.create(&question)).await;
    let codes = done.body["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    assert_eq!(other.get("/api/v1/session").await.body["user"], Value::Null);
    let account = browser.get("/api/v1/account").await.body;
    assert_eq!(
        account["second_factor"],
        json!({"on": true, "app": false, "passkeys": 1, "required": false, "recovery_codes": 10})
    );
    let list = browser.get(PASSKEYS).await.body;
    assert_eq!(list["possible"], true);
    assert_eq!(list["passkeys"][0]["name"], "Schul-Laptop");
    assert_eq!(list["passkeys"][0]["used_at"], Value::Null);

    let first = server.browser().sign_in("berta", "bertaberta").await;
    let first: Value = first.json().await.unwrap();
    assert_eq!(
        (&first["user"], &first["factors"]),
        (&Value::Null, &json!(["passkey"]))
    );
    // Discoverable ones say whose they are.
    key.handle = question["user"]["id"].as_str().map(str::to_owned);
    let (step, asked) = asked(&server, "berta").await;
    assert_eq!(asked["allowCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(asked["rpId"], "localhost");
    let assertion = key.get(&asked);
    let done = answer(&server, &step, assertion.clone()).await;
    assert_eq!(done.body["user"]["username"], "berta", "{done:?}");
    // The same answer again opens nothing.
    answer(&server, &step, assertion)
        .await
        .is_problem(401, "wrong_passkey");
    let list = browser.get(PASSKEYS).await.body;
    assert_eq!(list["passkeys"][0]["used_at"], server.app.clock.now());
    // Without the key at hand a recovery code does, once, and no code of an app.
    let step = first_step(&server, "berta").await;
    by_code(&server, &step, "000000")
        .await
        .is_problem(401, "wrong_code");
    let code = codes[0].as_str().unwrap();
    assert_eq!(by_code(&server, &step, code).await.status, 200);
    by_code(&server, &step, code)
        .await
        .is_problem(401, "wrong_code");
}

type Change = fn(&mut Authenticator);

#[tokio::test]
async fn assertion_that_is_not_for_this_server_or_person_is_refused() {
    let (server, _, mut key, _) = berta().await;
    let good = key.origin.clone();
    let wrong: [(&str, Change); 7] = [
        ("another origin", |key| {
            key.origin = "https://evil.example".into();
        }),
        ("another port", |key| {
            key.origin = "http://localhost:1".into();
        }),
        ("another RP ID", |key| {
            key.rp_id = Some("evil.example".into());
        }),
        ("a registration", |key| key.kind = Some("webauthn.create")),
        ("nobody there", |key| key.flags = 0),
        ("another user handle", |key| {
            key.handle = Some("A".repeat(43));
        }),
        ("a credential that nobody knows", |key| key.id[0] ^= 1),
    ];
    for (what, change) in wrong {
        server.clock.advance(Duration::from_hours(2));
        let id = key.id.clone();
        change(&mut key);
        let refused = sign_in(&server, &mut key).await;
        let code = &refused.body["code"];
        assert_eq!(
            (refused.status, code),
            (401, &json!("wrong_passkey")),
            "{what}"
        );
        key.origin.clone_from(&good);
        (key.rp_id, key.kind, key.flags, key.handle, key.id) = (None, None, 5, None, id);
    }
    let mut stranger = authenticator(&server);
    stranger.id.clone_from(&key.id);
    stranger.counter = 1_000;
    server.clock.advance(Duration::from_hours(2));
    sign_in(&server, &mut stranger)
        .await
        .is_problem(401, "wrong_passkey");
    server.clock.advance(Duration::from_hours(2));
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
}

#[tokio::test]
async fn answer_to_another_question_is_refused() {
    let (server, browser, mut key, codes) = berta().await;
    let after = |hours| server.clock.advance(Duration::from_hours(hours));
    // Too late.
    let (_, late) = asked(&server, "berta").await;
    server.clock.advance(Duration::from_mins(5));
    let step = first_step(&server, "berta").await;
    answer(&server, &step, key.get(&late))
        .await
        .is_problem(401, "wrong_passkey");
    after(2);
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
    // What was asked for a registration, and for a proof.
    let mut registration = to_register(&browser, both(&codes[0])).await;
    registration["rpId"] = registration["rp"]["id"].clone();
    let proof = question(&browser, &format!("{PASSKEYS}/proof"), json!({})).await;
    for other in [registration, proof] {
        let step = first_step(&server, "berta").await;
        answer(&server, &step, key.get(&other))
            .await
            .is_problem(401, "wrong_passkey");
    }
    // What was asked for another account.
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    let mut of_carla = authenticator(&server);
    register(&carla, &of_carla, json!({"current_password": "carlacarla"})).await;
    let (step_of_carla, for_carla) = asked(&server, "carla").await;
    let step = first_step(&server, "berta").await;
    answer(&server, &step, key.get(&for_carla))
        .await
        .is_problem(401, "wrong_passkey");
    // Another account's key, for a question to this one.
    let (step, for_berta) = asked(&server, "berta").await;
    answer(&server, &step, of_carla.get(&for_berta))
        .await
        .is_problem(401, "wrong_passkey");
    let done = answer(&server, &step_of_carla, of_carla.get(&for_carla)).await;
    assert_eq!(done.status, 200, "{done:?}");
    // None of this is a first step.
    let path = "/api/v1/session/passkey/options";
    let forged = json!({"step_token": "x"});
    server
        .browser()
        .post(path, forged)
        .await
        .is_problem(401, "second_step_over");
    // Things that are no answer at all.
    let step = first_step(&server, "berta").await;
    answer(&server, &step, json!("x"))
        .await
        .is_problem(400, "bad_request");
    for nothing in [json!({}), json!({"id": 1})] {
        after(2);
        let step = first_step(&server, "berta").await;
        answer(&server, &step, nothing)
            .await
            .is_problem(401, "wrong_passkey");
    }
}

#[tokio::test]
async fn wrong_assertions_are_few_and_counted_as_wrong_codes() {
    let (server, _, mut key, codes) = berta().await;
    let mut stranger = authenticator(&server);
    stranger.id.clone_from(&key.id);
    stranger.counter = 1_000;
    let mut refused = 0;
    for _ in 0..12 {
        refused += u32::from(sign_in(&server, &mut stranger).await.status == 429);
    }
    assert!(refused >= 5, "{refused}");
    // Also the right one waits, and a right code.
    sign_in(&server, &mut key)
        .await
        .is_problem(429, "too_many_attempts");
    let step = first_step(&server, "berta").await;
    by_code(&server, &step, &codes[0])
        .await
        .is_problem(429, "too_many_attempts");
    server.clock.advance(Duration::from_mins(2));
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
    // Then it is counted from the beginning.
    for _ in 0..5 {
        sign_in(&server, &mut stranger)
            .await
            .is_problem(401, "wrong_passkey");
    }
}

#[tokio::test]
async fn assertion_by_many_at_the_same_time_counts_once() {
    let (server, _, mut key, _) = berta().await;
    let (step, question) = asked(&server, "berta").await;
    let assertion = key.get(&question);
    let tries = (0..6).map(|_| answer(&server, &step, assertion.clone()));
    let done = futures_util::future::join_all(tries).await;
    let in_now = done.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(in_now, 1, "{done:?}");
}

#[tokio::test]
async fn counter_that_goes_back_refuses_and_tells_the_owner() {
    let (server, browser) = TestServer::with_mailed_teacher("berta").await;
    let mut key = authenticator(&server);
    register(&browser, &key, password()).await;
    key.counter = 10;
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
    // The copy was made before.
    for counter in [5, 10] {
        key.counter = counter;
        sign_in(&server, &mut key)
            .await
            .is_problem(401, "passkey_doubtful");
    }
    key.counter = 11;
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
    let mails = server.mails(3).await;
    let subjects = mails.iter().map(|mail| mail["subject"].to_string());
    let subjects: Vec<String> = subjects.collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    let of = |part: &str| subjects.iter().filter(|one| one.contains(part)).count();
    assert_eq!(
        (of("abgewiesen"), of("dazugekommen")),
        (2, 1),
        "{subjects:?}"
    );
}

#[tokio::test]
async fn registration_that_does_not_fit_is_refused() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let mut key = authenticator(&server);
    let good = key.origin.clone();
    for what in 0..4 {
        match what {
            0 => key.origin = "https://evil.example".to_owned(),
            1 => key.rp_id = Some("evil.example".to_owned()),
            2 => key.kind = Some("webauthn.get"),
            _ => {}
        }
        let question = to_register(&browser, password()).await;
        if what == 3 {
            server.clock.advance(Duration::from_mins(5));
        }
        let answer = key.create(&question);
        add(&browser, "x", answer)
            .await
            .is_problem(401, "wrong_passkey");
        (key.origin, key.rp_id, key.kind) = (good.clone(), None, None);
    }
    // Another account's question, and one that was answered.
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    let question = to_register(&browser, password()).await;
    add(&carla, "x", key.create(&question))
        .await
        .is_problem(401, "wrong_passkey");
    assert_eq!(add(&browser, "x", key.create(&question)).await.status, 200);
    add(&browser, "x", key.create(&question))
        .await
        .is_problem(401, "wrong_passkey");
    // A key is one account's.
    let of_carla = json!({"current_password": "carlacarla"});
    let question = to_register(&carla, of_carla).await;
    add(&carla, "x", key.create(&question))
        .await
        .is_problem(409, "passkey_exists");
    assert!(
        carla.get(PASSKEYS).await.body["passkeys"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    // Nor did that leave a second factor.
    server.signed_in("carla").await;
}

#[tokio::test]
async fn account_has_five_passkeys_at_most() {
    let (server, browser, _, codes) = berta().await;
    assert_eq!(codes.len(), 10);
    let early = to_register(&browser, both(&codes[0])).await;
    for (number, code) in codes.iter().enumerate().take(5).skip(1) {
        let question = to_register(&browser, both(code)).await;
        assert_eq!(
            question["excludeCredentials"].as_array().unwrap().len(),
            number
        );
        let key = authenticator(&server);
        let done = add(&browser, "Ersatz", key.create(&question)).await;
        assert_eq!(done.body, json!({"recovery_codes": []}), "only the first");
    }
    browser
        .post(&format!("{PASSKEYS}/options"), both(&codes[5]))
        .await
        .is_problem(409, "too_many");
    let account = browser.get("/api/v1/account").await.body;
    assert_eq!(account["second_factor"]["recovery_codes"], 5);
    add(&browser, "x", authenticator(&server).create(&early))
        .await
        .is_problem(409, "too_many");
    let list = browser.get(PASSKEYS).await.body;
    assert_eq!(list["passkeys"].as_array().unwrap().len(), 5);
}

async fn proof(browser: &Browser, key: &mut Authenticator) -> Value {
    let question = question(browser, &format!("{PASSKEYS}/proof"), json!({})).await;
    json!({"current_password": "bertaberta", "assertion": key.get(&question)})
}

async fn id_of(browser: &Browser, at: usize) -> String {
    let list = browser.get(PASSKEYS).await.body;
    list["passkeys"][at]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn passkey_is_removed_with_both_factors() {
    let (server, browser, mut key, codes) = berta().await;
    let mut spare = authenticator(&server);
    register(&browser, &spare, both(&codes[2])).await;
    let first = id_of(&browser, 0).await;
    let path = format!("{PASSKEYS}/{first}/removal");
    for (body, status, code) in [
        (password(), 422, "invalid"),
        (
            json!({"current_password": "bertaberta", "code": "1", "assertion": {}}),
            422,
            "invalid",
        ),
        (
            json!({"current_password": "wrong", "code": codes[0]}),
            403,
            "wrong_password",
        ),
        (
            json!({"current_password": "bertaberta", "code": "000000"}),
            401,
            "wrong_code",
        ),
        (
            json!({"current_password": "bertaberta", "assertion": {}}),
            401,
            "wrong_passkey",
        ),
    ] {
        browser.post(&path, body).await.is_problem(status, code);
    }
    // A question for signing in is none for this.
    let (_, question) = asked(&server, "berta").await;
    let body = json!({"current_password": "bertaberta", "assertion": key.get(&question)});
    browser
        .post(&path, body)
        .await
        .is_problem(401, "wrong_passkey");
    // Nobody else's.
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    let of_carla = json!({"current_password": "carlacarla"});
    let carlas = authenticator(&server);
    let codes_of_carla = register(&carla, &carlas, of_carla).await;
    let body = json!({"current_password": "carlacarla", "code": codes_of_carla[0]});
    carla.post(&path, body).await.is_problem(404, "not_found");
    // By the key itself, and the last one by a recovery code.
    let body = proof(&browser, &mut key).await;
    assert_eq!(browser.post(&path, body).await.status, 204);
    sign_in(&server, &mut key)
        .await
        .is_problem(401, "wrong_passkey");
    assert_eq!(sign_in(&server, &mut spare).await.status, 200);
    let path = format!("{PASSKEYS}/{}/removal", id_of(&browser, 0).await);
    let body = json!({"current_password": "bertaberta", "code": codes[1]});
    assert_eq!(browser.post(&path, body).await.status, 204);
    let account = browser.get("/api/v1/account").await.body;
    assert_eq!(
        account["second_factor"],
        json!({"on": false, "app": false, "passkeys": 0, "required": false, "recovery_codes": 0})
    );
    assert!(server.signed_in("berta").await.cookie.is_some());
}

#[tokio::test]
async fn app_and_passkey_of_one_account_stand_beside_each_other() {
    let (server, browser, mut key, codes) = berta().await;
    // A recovery code does not set an app up.
    browser.post(FACTOR, both(&codes[6])).await;
    let body = json!({"code": codes[5]});
    let answer = Answer::of(browser.request(Method::PUT, FACTOR).json(&body)).await;
    answer.is_problem(401, "wrong_code");
    // The recovery codes are those that came with the first.
    assert_eq!(with_app(&server, &browser, both(&codes[7])).await, 0);
    let first = server.browser().sign_in("berta", "bertaberta").await;
    let first: Value = first.json().await.unwrap();
    assert_eq!(first["factors"], json!(["passkey", "app"]));
    let step = first_step(&server, "berta").await;
    assert_eq!(by_code(&server, &step, &codes[0]).await.status, 200);
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
    // New codes by a passkey.
    let body = proof(&browser, &mut key).await;
    let new = browser
        .post(&format!("{FACTOR}/recovery-codes"), body)
        .await;
    assert_eq!(new.body["recovery_codes"].as_array().unwrap().len(), 10);
    // Without the app there is the passkey still.
    let body = proof(&browser, &mut key).await;
    let removal = format!("{FACTOR}/removal");
    assert_eq!(browser.post(&removal, body).await.status, 204);
    assert_eq!(sign_in(&server, &mut key).await.status, 200);
    let body = proof(&browser, &mut key).await;
    browser
        .post(&removal, body)
        .await
        .is_problem(409, "no_second_factor");
    let account = browser.get("/api/v1/account").await.body;
    assert_eq!(
        account["second_factor"],
        json!({"on": true, "app": false, "passkeys": 1, "required": false, "recovery_codes": 10})
    );
    // And the other way round.
    let body = proof(&browser, &mut key).await;
    with_app(&server, &browser, body).await;
    let path = format!("{PASSKEYS}/{}/removal", id_of(&browser, 0).await);
    let body = proof(&browser, &mut key).await;
    assert_eq!(browser.post(&path, body).await.status, 204);
    let first = server.browser().sign_in("berta", "bertaberta").await;
    let first: Value = first.json().await.unwrap();
    assert_eq!(first["factors"], json!(["app"]));
}

#[tokio::test]
async fn passkey_is_the_second_factor_that_is_required() {
    let (server, early) = TestServer::with_teacher("berta").await;
    server.person("a", "anton", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("anton").await;
    let rule = json!({"second_factor": "required"});
    assert_eq!(admin.patch("/api/v1/school", rule).await.status, 200);
    // Two browsers that have given the password only.
    let mut limited = Vec::new();
    for _ in 0..2 {
        let answer = server.browser().sign_in("berta", "bertaberta").await;
        let cookie = crate::common::set_cookie(&answer).unwrap();
        let mut browser = server.browser();
        browser.cookie = cookie.split(';').next().map(str::to_owned);
        limited.push(browser);
    }
    let browser = limited.remove(0);
    let path = format!("{PASSKEYS}/proof");
    browser
        .post(&path, json!({}))
        .await
        .is_problem(401, "not_signed_in");
    let mut key = authenticator(&server);
    assert_eq!(register(&browser, &key, json!({})).await.len(), 10);
    assert_eq!(browser.get("/api/v1/rooms").await.status, 200);
    // What was opened by the password alone is over.
    for over in [&limited[0], &early] {
        over.post(&format!("{PASSKEYS}/options"), json!({}))
            .await
            .is_problem(401, "not_signed_in");
    }
    let path = format!("{PASSKEYS}/{}/removal", id_of(&browser, 0).await);
    let body = proof(&browser, &mut key).await;
    browser
        .post(&path, body)
        .await
        .is_problem(409, "second_factor_required");
    // One of two may go.
    let mut spare = authenticator(&server);
    let body = proof(&browser, &mut key).await;
    register(&browser, &spare, body).await;
    let body = proof(&browser, &mut key).await;
    assert_eq!(browser.post(&path, body).await.status, 204);
    // An administrator takes all away.
    let of = "/api/v1/schools/a/users/id-berta/second-factor";
    let body = proof(&browser, &mut spare).await;
    register(&browser, &authenticator(&server), body).await;
    let kept = server.app.store.passkeys_of("id-berta").await.unwrap();
    assert_eq!(kept.len(), 2);
    // Whoever administers has to have one, too, when they sign in the next time; this session was there before.
    assert_eq!(admin.delete(of).await.status, 204);
    let kept = server.app.store.passkeys_of("id-berta").await.unwrap();
    assert!(kept.is_empty());
    let answer = server.browser().sign_in("berta", "bertaberta").await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["step"], "set_up");
}

#[tokio::test]
async fn second_step_by_passkey_is_not_refused_for_what_others_at_the_address_asked() {
    let server = TestServer::start_with(|config| config.api_requests_per_minute = 4).await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let browser = server.signed_in("berta").await;
    let mut key = authenticator(&server);
    register(&browser, &key, password()).await;
    let others = server.browser();
    let mut last = 200;
    for _ in 0..5 {
        last = others.get("/api/v1/sign-in-providers").await.status;
    }
    assert_eq!(last, 429);
    let signed_in = sign_in(&server, &mut key).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
}

#[tokio::test]
async fn second_factor_beside_another_one_takes_both_factors() {
    let (server, browser, mut key, codes) = berta().await;
    let options = format!("{PASSKEYS}/options");
    for path in [FACTOR, &options] {
        // The password alone is what somebody else may know.
        let refused = browser.post(path, password()).await;
        refused.is_problem(422, "invalid");
        let refused = browser.post(path, both("000000")).await;
        refused.is_problem(401, "wrong_code");
        let wrong = json!({"current_password": "wrong", "code": codes[0]});
        let refused = browser.post(path, wrong).await;
        refused.is_problem(403, "wrong_password");
    }
    let by_key = proof(&browser, &mut key).await;
    assert_eq!(browser.post(&options, by_key).await.status, 200);
    let by_key = proof(&browser, &mut key).await;
    with_app(&server, &browser, by_key).await;
    // Beside an app alone, too.
    let removal = format!("{PASSKEYS}/{}/removal", id_of(&browser, 0).await);
    let removed = browser.post(&removal, both(&codes[0])).await;
    assert_eq!(removed.status, 204);
    let refused = browser.post(&options, password()).await;
    refused.is_problem(422, "invalid");
    // An app that is there takes no code for nothing.
    let refused = browser.post(FACTOR, both(&codes[1])).await;
    refused.is_problem(409, "second_factor_exists");
    assert_eq!(browser.post(&options, both(&codes[1])).await.status, 200);
}

#[tokio::test]
async fn app_begun_by_the_password_alone_is_over_with_the_first_passkey() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let setup = browser.post(FACTOR, password()).await.body;
    register(&browser, &authenticator(&server), password()).await;
    let code = json!({"code": app_code(&server, &setup)});
    let refused = Answer::of(browser.request(Method::PUT, FACTOR).json(&code)).await;
    refused.is_problem(409, "no_second_factor");
}

#[tokio::test]
async fn account_with_a_passkey_alone_is_listed_with_a_second_factor() {
    let (server, _, _, _) = berta().await;
    server.teacher("a", "carla").await;
    let key = server.key("a", &["teachers:read"]).await;
    let list = key.get("/api/v1/schools/a/teachers").await.body;
    let teachers = list["teachers"].as_array().unwrap().iter();
    let listed = teachers.map(|one| (&one["username"], &one["has_second_factor"]));
    let listed: Vec<_> = listed.collect();
    assert_eq!(
        listed,
        [
            (&json!("berta"), &json!(true)),
            (&json!("carla"), &json!(false))
        ]
    );
}

#[tokio::test]
async fn removal_of_a_passkey_that_is_refused_uses_no_recovery_code_up() {
    let (server, browser, _, codes) = berta().await;
    let left = async || {
        let account = browser.get("/api/v1/account").await.body;
        account["second_factor"]["recovery_codes"].clone()
    };
    for unknown in ["nothing", "a%00b"] {
        let path = format!("{PASSKEYS}/{unknown}/removal");
        let refused = browser.post(&path, both(&codes[0])).await;
        refused.is_problem(404, "not_found");
    }
    assert_eq!(left().await, 10);
    server.person("a", "anton", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("anton").await;
    let rule = json!({"second_factor": "required"});
    assert_eq!(admin.patch("/api/v1/school", rule).await.status, 200);
    let path = format!("{PASSKEYS}/{}/removal", id_of(&browser, 0).await);
    let refused = browser.post(&path, both(&codes[0])).await;
    refused.is_problem(409, "second_factor_required");
    assert_eq!(left().await, 10);
}

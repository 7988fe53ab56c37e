//! The second factor: set up, asked for, guessed at, replayed, recovered, required and removed.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::app_code::app_code;
use crate::common::key::Key;
use crate::common::{Answer, Browser, TestServer};
use kmz_meet_server::admin::Admin;
use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

const FACTOR: &str = "/api/v1/account/second-factor";

async fn put(browser: &Browser, path: &str, body: Value) -> Answer {
    Answer::of(browser.request(Method::PUT, path).json(&body)).await
}

/// Sets one up; gives what the server told when it was begun, and the recovery codes.
async fn set_up(server: &TestServer, browser: &Browser, password: Value) -> (Value, Vec<String>) {
    let setup = browser.post(FACTOR, password).await;
    assert_eq!(setup.status, 200, "{setup:?}");
    let code = json!({"code": app_code(server, &setup.body)});
    let done = put(browser, FACTOR, code).await;
    assert_eq!(done.status, 200, "{done:?}");
    let codes = done.body["recovery_codes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
    (setup.body, codes.collect())
}

/// The first step; gives its token.
async fn first_step(server: &TestServer, username: &str) -> String {
    let answer = server
        .browser()
        .sign_in(username, &username.repeat(2))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        crate::common::set_cookie(&answer),
        None,
        "no session, no known browser"
    );
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        (&body["user"], &body["step"]),
        (&Value::Null, &json!("code"))
    );
    body["step_token"].as_str().unwrap().to_owned()
}

async fn second_step(server: &TestServer, token: &str, code: &str) -> Answer {
    let body = json!({"step_token": token, "code": code});
    server.browser().post("/api/v1/session/code", body).await
}

#[tokio::test]
async fn second_factor_is_asked_for_after_the_password_and_its_code_counts_once() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let other = server.signed_in("berta").await;
    let wrong = json!({"current_password": "wrong"});
    browser
        .post(FACTOR, wrong)
        .await
        .is_problem(403, "wrong_password");
    let password = json!({"current_password": "bertaberta"});
    let setup = browser.post(FACTOR, password.clone()).await.body;
    assert!(
        setup["url"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/localhost:berta?"),
        "{setup}"
    );
    assert!(setup["qr"]["path"].as_str().unwrap().starts_with("M4 4h7"));
    // Until it is confirmed it does not count.
    server.signed_in("berta").await;
    put(&browser, FACTOR, json!({"code": "000000"}))
        .await
        .is_problem(401, "wrong_code");
    let (setup, codes) = set_up(&server, &browser, password.clone()).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(other.get("/api/v1/session").await.body["user"], Value::Null);
    let account = browser.get("/api/v1/account").await.body;
    assert_eq!(
        account["second_factor"],
        json!({"on": true, "app": true, "passkeys": 0, "required": false, "recovery_codes": 10})
    );
    browser
        .post(FACTOR, password)
        .await
        .is_problem(409, "second_factor_exists");
    put(&browser, FACTOR, json!({"code": "000000"}))
        .await
        .is_problem(409, "no_second_factor");

    // The code of the setting up is used.
    let step = first_step(&server, "berta").await;
    second_step(&server, &step, &app_code(&server, &setup))
        .await
        .is_problem(401, "wrong_code");
    server.clock.advance(Duration::from_secs(30));
    let right = app_code(&server, &setup);
    let done = second_step(&server, &step, &right).await;
    assert_eq!(done.body["user"]["username"], "berta");
    // Nobody who looked over the shoulder comes in by it, also not with a step of their own.
    let step = first_step(&server, "berta").await;
    second_step(&server, &step, &right)
        .await
        .is_problem(401, "wrong_code");
    // The database does not have the secret.
    let kept = server
        .app
        .store
        .second_factor("id-berta")
        .await
        .unwrap()
        .unwrap();
    assert!(!kept.secret.contains(setup["secret"].as_str().unwrap()));
}

#[tokio::test]
async fn code_by_many_at_the_same_time_counts_once() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let password = json!({"current_password": "bertaberta"});
    let (setup, codes) = set_up(&server, &browser, password).await;
    for is_recovery in [false, true] {
        // Beyond every wait that the wrong ones of before brought.
        server.clock.advance(Duration::from_hours(2));
        let step = first_step(&server, "berta").await;
        let right = if is_recovery {
            codes[3].clone()
        } else {
            app_code(&server, &setup)
        };
        let tries = (0..8).map(|_| second_step(&server, &step, &right));
        let done = futures_util::future::join_all(tries).await;
        let in_now = done.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(in_now, 1, "{done:?}");
    }
}

#[tokio::test]
async fn code_of_a_factor_that_was_begun_anew_confirms_nothing() {
    let (server, _) = TestServer::with_teacher("berta").await;
    let store = &server.app.store;
    let user = "id-berta";
    assert!(store.begin_second_factor(user, "first", 1).await.unwrap());
    let first = store.second_factor(user).await.unwrap().unwrap();
    // Another window begins while the code of the first one is looked at.
    assert!(store.begin_second_factor(user, "other", 2).await.unwrap());
    let hashes = ["hash".to_owned()];
    assert!(!store.try_second_factor(&first, 0, 3).await.unwrap());
    assert!(!store.accept_step(&first, 7).await.unwrap());
    let confirmed = store.confirm_second_factor(&first, &hashes, 3);
    assert!(!confirmed.await.unwrap());
    let other = store.second_factor(user).await.unwrap().unwrap();
    assert_eq!((other.confirmed_at, other.last_step), (None, 0));
    assert_eq!(store.recovery_codes_of(user).await.unwrap(), 0);
    // And nothing is confirmed twice.
    for is_first in [true, false] {
        let confirmed = store.confirm_second_factor(&other, &hashes, 4);
        assert_eq!(confirmed.await.unwrap(), is_first);
    }
}

#[tokio::test]
async fn second_step_is_not_refused_for_what_others_at_the_address_asked() {
    let server = TestServer::start_with(|config| config.api_requests_per_minute = 4).await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    let browser = server.signed_in("berta").await;
    let password = json!({"current_password": "bertaberta"});
    let (setup, _) = set_up(&server, &browser, password).await;
    server.clock.advance(Duration::from_secs(30));
    let others = server.browser();
    let mut last = 200;
    for _ in 0..5 {
        last = others.get("/api/v1/sign-in-providers").await.status;
    }
    assert_eq!(last, 429);
    let step = first_step(&server, "berta").await;
    let signed_in = second_step(&server, &step, &app_code(&server, &setup)).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
}

#[tokio::test]
async fn wrong_codes_are_few_and_counted_by_account() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let password = json!({"current_password": "bertaberta"});
    let (setup, codes) = set_up(&server, &browser, password).await;
    server.clock.advance(Duration::from_secs(30));
    let mut refused = 0;
    for number in 0..12 {
        // Each by a step of its own: a new password does not help either.
        let step = first_step(&server, "berta").await;
        let answer = second_step(&server, &step, &format!("{number:06}")).await;
        if answer.status == 429 {
            refused += 1;
            answer.is_problem(429, "too_many_attempts");
        }
    }
    assert!(refused >= 5, "{refused}");
    // Also the right ones wait, so that nobody tries on.
    let step = first_step(&server, "berta").await;
    let right = app_code(&server, &setup);
    second_step(&server, &step, &right)
        .await
        .is_problem(429, "too_many_attempts");
    second_step(&server, &step, &codes[0])
        .await
        .is_problem(429, "too_many_attempts");
    server.clock.advance(Duration::from_mins(2));
    let right = app_code(&server, &setup);
    assert_eq!(second_step(&server, &step, &right).await.status, 200);
}

#[tokio::test]
async fn recovery_code_opens_the_account_once() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let password = json!({"current_password": "bertaberta"});
    let (setup, codes) = set_up(&server, &browser, password).await;
    let step = first_step(&server, "berta").await;
    let spelled = codes[0].to_uppercase().replace('-', " ");
    assert_eq!(second_step(&server, &step, &spelled).await.status, 200);
    second_step(&server, &step, &codes[0])
        .await
        .is_problem(401, "wrong_code");
    let account = browser.get("/api/v1/account").await.body;
    assert_eq!(account["second_factor"]["recovery_codes"], 9);
    // New ones end the former ones.
    server.clock.advance(Duration::from_mins(1));
    let both = json!({"current_password": "bertaberta", "code": app_code(&server, &setup)});
    let path = format!("{FACTOR}/recovery-codes");
    let wrong = json!({"current_password": "bertaberta", "code": "1"});
    browser
        .post(&path, wrong)
        .await
        .is_problem(401, "wrong_code");
    let new = browser.post(&path, both).await.body;
    assert_eq!(new["recovery_codes"].as_array().unwrap().len(), 10);
    let step = first_step(&server, "berta").await;
    second_step(&server, &step, &codes[1])
        .await
        .is_problem(401, "wrong_code");
    let fresh = new["recovery_codes"][0].as_str().unwrap();
    assert_eq!(second_step(&server, &step, fresh).await.status, 200);
    // Of another account they open nothing.
    server.teacher("a", "carla").await;
    let carla = server.signed_in("carla").await;
    set_up(&server, &carla, json!({"current_password": "carlacarla"})).await;
    let step = first_step(&server, "carla").await;
    let other = new["recovery_codes"][1].as_str().unwrap();
    second_step(&server, &step, other)
        .await
        .is_problem(401, "wrong_code");
}

#[tokio::test]
async fn second_step_needs_a_first_one_of_this_moment_and_password() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let password = json!({"current_password": "bertaberta"});
    let (setup, _) = set_up(&server, &browser, password).await;
    server.clock.advance(Duration::from_secs(30));
    let step = first_step(&server, "berta").await;
    for forged in ["", "x", &step[..step.len() - 2], "a.b.c"] {
        second_step(&server, forged, &app_code(&server, &setup))
            .await
            .is_problem(401, "second_step_over");
    }
    // A seat or a ticket is no step, and a step is no session.
    let ask = server.browser();
    let request = ask
        .request(Method::GET, "/api/v1/account")
        .bearer_auth(&step);
    assert_eq!(Answer::of(request).await.status, 401);
    server.clock.advance(Duration::from_mins(5));
    second_step(&server, &step, &app_code(&server, &setup))
        .await
        .is_problem(401, "second_step_over");
    let step = first_step(&server, "berta").await;
    let change = json!({"current_password": "bertaberta", "new_password": "Zwiebel Kran 7 lila"});
    assert_eq!(
        put(&browser, "/api/v1/account/password", change)
            .await
            .status,
        204
    );
    second_step(&server, &step, &app_code(&server, &setup))
        .await
        .is_problem(401, "second_step_over");
}

#[tokio::test]
async fn second_factor_that_is_required_comes_before_anything_else() {
    let (server, _) = TestServer::with_teacher("berta").await;
    server.person("a", "anton", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("anton").await;
    let rule = json!({"second_factor": "required"});
    let school = admin.patch("/api/v1/school", rule).await;
    assert_eq!(school.body["second_factor"], "required");
    let answer = server.browser().sign_in("berta", "bertaberta").await;
    let cookie = crate::common::set_cookie(&answer).unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        (&body["user"], &body["step"]),
        (&Value::Null, &json!("set_up"))
    );
    let mut browser = server.browser();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    // Nothing but that.
    for path in [
        "/api/v1/rooms",
        "/api/v1/account",
        "/api/v1/account/sessions",
        "/api/v1/school",
    ] {
        browser.get(path).await.is_problem(401, "not_signed_in");
    }
    assert_eq!(browser.post("/api/v1/rooms", json!({})).await.status, 401);
    let change = json!({"current_password": "bertaberta", "new_password": "Zwiebel Kran 7 lila"});
    assert_eq!(
        put(&browser, "/api/v1/account/password", change)
            .await
            .status,
        401
    );
    let session = browser.get("/api/v1/session").await.body;
    assert_eq!(
        (&session["user"], &session["step"]),
        (&Value::Null, &json!("set_up"))
    );
    let (setup, _) = set_up(&server, &browser, json!({})).await;
    assert_eq!(browser.get("/api/v1/rooms").await.status, 200);
    assert_eq!(
        browser.get("/api/v1/session").await.body["user"]["username"],
        "berta"
    );
    server.clock.advance(Duration::from_secs(30));
    let both = json!({"current_password": "bertaberta", "code": app_code(&server, &setup)});
    browser
        .post(&format!("{FACTOR}/removal"), both)
        .await
        .is_problem(409, "second_factor_required");
    // Keys and tickets need none.
    let key: Key = server.key("a", &["rooms:read"]).await;
    assert_eq!(key.get("/api/v1/rooms").await.status, 200);
}

#[tokio::test]
async fn key_changes_nothing_of_how_people_sign_in() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    set_up(&server, &browser, json!({"current_password": "bertaberta"})).await;
    server.person("a", "anton", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("anton").await;
    let required = json!({"second_factor": "required"});
    assert_eq!(admin.patch("/api/v1/school", required).await.status, 200);
    let key: Key = server.key("a", &[]).await;
    let optional = json!({"second_factor": "optional", "attendance_days": 3});
    let refused = key.patch("/api/v1/school", optional).await;
    refused.is_problem(403, "not_permitted");
    let school = key.get("/api/v1/school").await.body;
    assert_eq!(school["second_factor"], "required");
    assert_ne!(school["attendance_days"], 3);
    let of = "/api/v1/schools/a/users/id-berta/second-factor";
    key.delete(of).await.is_problem(403, "not_permitted");
    let kept = server.app.store.second_factor("id-berta").await;
    assert!(kept.unwrap().is_some());
}

#[tokio::test]
async fn second_factor_of_operators_is_required_by_the_configuration() {
    let server = TestServer::start_with(|config| config.operators_need_second_factor = true).await;
    server.school("a", Contract::Signed).await;
    server.person("a", "olga", UserRole::Operator).await;
    server.teacher("a", "berta").await;
    let answer = server.browser().sign_in("olga", "olgaolga").await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["step"], "set_up");
    server.signed_in("berta").await;
}

#[tokio::test]
async fn second_factor_is_removed_by_its_owner_or_an_administrator() {
    let (server, browser) = TestServer::with_teacher("berta").await;
    let password = json!({"current_password": "bertaberta"});
    let (setup, _) = set_up(&server, &browser, password.clone()).await;
    server.clock.advance(Duration::from_secs(30));
    let path = format!("{FACTOR}/removal");
    let half = json!({"current_password": "wrong", "code": app_code(&server, &setup)});
    browser
        .post(&path, half)
        .await
        .is_problem(403, "wrong_password");
    let both = json!({"current_password": "bertaberta", "code": app_code(&server, &setup)});
    assert_eq!(browser.post(&path, both).await.status, 204);
    assert!(server.signed_in("berta").await.cookie.is_some());

    set_up(&server, &browser, password.clone()).await;
    server.school("b", Contract::Signed).await;
    for (school, name, role) in [
        ("a", "anton", UserRole::SchoolAdmin),
        ("b", "bruno", UserRole::SchoolAdmin),
        ("b", "olga", UserRole::Operator),
    ] {
        server.person(school, name, role).await;
    }
    let of = "/api/v1/schools/a/users/id-berta/second-factor";
    let foreign = server.signed_in("bruno").await;
    foreign.delete(of).await.is_problem(404, "not_found");
    foreign
        .delete("/api/v1/schools/b/users/id-berta/second-factor")
        .await
        .is_problem(404, "not_found");
    assert_eq!(browser.delete(of).await.status, 403);
    let admin = server.signed_in("anton").await;
    assert_eq!(admin.delete(of).await.status, 204);
    admin.delete(of).await.is_problem(404, "not_found");
    set_up(&server, &browser, password.clone()).await;
    let operator = server.signed_in("olga").await;
    assert_eq!(operator.delete(of).await.status, 204);
    set_up(&server, &browser, password).await;
    let admin = Admin::open(&server.app.config).await.unwrap();
    admin.remove_second_factor("berta").await.unwrap();
    assert!(admin.remove_second_factor("berta").await.is_err());
    assert!(server.signed_in("berta").await.cookie.is_some());
}

#[tokio::test]
async fn own_second_factor_of_an_administrator_is_not_removed_without_proof() {
    let (server, _) = TestServer::with_teacher("berta").await;
    for (name, role) in [
        ("anton", UserRole::SchoolAdmin),
        ("olga", UserRole::Operator),
    ] {
        server.person("a", name, role).await;
        let browser = server.signed_in(name).await;
        set_up(
            &server,
            &browser,
            json!({"current_password": name.repeat(2)}),
        )
        .await;
        let own = format!("/api/v1/schools/a/users/id-{name}/second-factor");
        browser.delete(&own).await.is_problem(409, "not_now");
        let kept = server.app.store.second_factor(&format!("id-{name}")).await;
        assert!(kept.unwrap().is_some(), "{name}");
    }
}

#[tokio::test]
async fn app_that_was_added_is_told_to_the_owner_by_mail() {
    let (server, browser) = TestServer::with_mailed_teacher("berta").await;
    set_up(&server, &browser, json!({"current_password": "bertaberta"})).await;
    let mails = server.mails(1).await;
    assert_eq!(mails[0]["kind"], "app_added", "{mails:?}");
    assert_eq!(mails[0]["to"], "berta@school.example");
}

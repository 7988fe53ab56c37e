//! Passwords and addresses by one-time links: what they open, once, and what nobody learns by asking for them.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::time::Duration;

use crate::common::{Answer, Browser, TestServer};
use kmz_meet_server::accounts::{NoPassword, NotInvited, invite, paper_link};
use kmz_meet_server::language::Language;
use kmz_meet_server::store::{
    Contract, FormerLinks, KeptLink, LinkPurpose, SignInLink, User, UserRole,
};
use reqwest::Method;
use serde_json::{Value, json};

const GOOD: &str = "Zwiebel Kran 7 lila";

/// A teacher with an address, and with a password or none.
async fn teacher(server: &TestServer, school: &str, username: &str, password: bool) -> User {
    let hash = server
        .app
        .passwords
        .hash(&username.repeat(2))
        .await
        .unwrap();
    let user = User {
        id: format!("id-{username}"),
        school: school.to_owned(),
        username: username.to_owned(),
        name: format!("Frau {username}"),
        role: UserRole::Moderator,
        password_hash: if password { hash } else { String::new() },
        email: format!("{username}@school.example").parse().ok(),
        created_at: 0,
    };
    let school = server.open_school(school).await;
    let added = server.app.store.add_user(&school, &user).await;
    added.unwrap().unwrap();
    user
}

fn token_of(mail: &Value, page: &str) -> String {
    let text = mail["text"].as_str().unwrap();
    let link = text.lines().find(|line| line.contains(page)).unwrap();
    link.split_once('#').unwrap().1.to_owned()
}

async fn forgot(browser: &Browser, user: &str) -> Answer {
    browser
        .post("/api/v1/password/forgotten", json!({"user": user}))
        .await
}

async fn choose(browser: &Browser, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    Answer::of(browser.request(Method::PUT, "/api/v1/password").json(&body)).await
}

#[tokio::test]
async fn forgotten_password_is_replaced_by_a_link_that_opens_once() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    let signed_in = server.signed_in("berta").await;
    let nobody = server.browser();
    assert_eq!(forgot(&nobody, " Berta ").await.status, 202);
    let mail = server.mails(1).await.remove(0);
    assert_eq!(mail["to"], "berta@school.example");
    let token = token_of(&mail, "/password#");
    let opened = nobody
        .post("/api/v1/password/link", json!({"token": token}))
        .await;
    assert_eq!(opened.body["username"], "berta");
    assert_eq!(opened.body["purpose"], "password_reset");
    // A bad choice does not use it up.
    choose(&nobody, &token, "bertaberta12")
        .await
        .is_problem(422, "weak_password");
    assert_eq!(choose(&nobody, &token, GOOD).await.status, 204);
    choose(&nobody, &token, "Andere Worte 9 gut")
        .await
        .is_problem(410, "link_over");
    assert_eq!(nobody.sign_in("berta", GOOD).await.status(), 200);
    assert_eq!(nobody.sign_in("berta", "bertaberta").await.status(), 401);
    // Whoever was in is out, and the owner hears of it.
    assert_eq!(
        signed_in.get("/api/v1/session").await.body["user"],
        Value::Null
    );
    assert_eq!(server.mails_so_far().await[0]["kind"], "password_changed");
    // The database has a fingerprint of the token, and the mail is sealed there.
    let kept = server.app.store.mail(mail["id"].as_str().unwrap()).await;
    assert!(!kept.unwrap().unwrap().content.unwrap().contains(&token));
}

#[tokio::test]
async fn link_is_used_once_by_many_at_the_same_time() {
    let server = TestServer::with_shown_mails().await;
    let user = teacher(&server, "a", "berta", true).await;
    forgot(&server.browser(), "berta@school.example").await;
    let mail = server.mails(1).await.remove(0);
    let token = token_of(&mail, "/password#");
    let store = server.app.store.clone();
    let traces = store.traces_of_person(&user.id).await.unwrap();
    assert_eq!(traces.links.len(), 1);
    let tries = (0..8).map(|number| {
        let (browser, token) = (server.browser(), token.clone());
        async move {
            choose(&browser, &token, &format!("{GOOD} {number}"))
                .await
                .status
        }
    });
    let done = futures_util::future::join_all(tries).await;
    assert_eq!(
        done.iter().filter(|status| **status == 204).count(),
        1,
        "{done:?}"
    );
    assert!(
        done.iter().all(|status| matches!(status, 204 | 410)),
        "{done:?}"
    );
}

#[tokio::test]
async fn link_ends_with_its_time_and_with_the_password() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    forgot(&server.browser(), "berta").await;
    let first = token_of(&server.mails(1).await[0], "/password#");
    server.clock.advance(Duration::from_mins(59));
    forgot(&server.browser(), "berta").await;
    let second = token_of(&server.mails(2).await[0], "/password#");
    server.clock.advance(Duration::from_mins(1));
    let nobody = server.browser();
    choose(&nobody, &first, GOOD)
        .await
        .is_problem(410, "link_over");
    // The owner remembers the password and changes it: what is on its way opens nothing.
    let own = server.signed_in("berta").await;
    let body = json!({"current_password": "bertaberta", "new_password": GOOD});
    let changed = own
        .request(Method::PUT, "/api/v1/account/password")
        .json(&body);
    assert_eq!(Answer::of(changed).await.status, 204);
    choose(&nobody, &second, "Andere Worte 9 gut")
        .await
        .is_problem(410, "link_over");
    for token in ["", "x", &"x".repeat(65), "\u{0}"] {
        choose(&nobody, token, GOOD)
            .await
            .is_problem(410, "link_over");
    }
}

#[tokio::test]
async fn forgotten_password_tells_nobody_whether_there_is_an_account() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    server.teacher("a", "carla").await;
    let locked = teacher(&server, "a", "doris", true).await;
    server
        .app
        .store
        .set_locked(&locked.id, Some(1))
        .await
        .unwrap();
    let nobody = server.browser();
    let mut answers = Vec::new();
    // With an account, without one, without an address, locked, and no name at all.
    for who in [
        "berta",
        "nobody",
        "carla",
        "doris",
        "nobody@school.example",
        "a\u{0}b",
    ] {
        let request = nobody.request(Method::POST, "/api/v1/password/forgotten");
        let answer = request.json(&json!({"user": who})).send().await.unwrap();
        let mut names: Vec<String> = answer.headers().keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((
            answer.status().as_u16(),
            names,
            answer.text().await.unwrap(),
        ));
    }
    assert!(
        answers.iter().all(|answer| answer == &answers[0]),
        "{answers:?}"
    );
    assert_eq!(answers[0].0, 202);
    let sent = server.mails(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.mails_so_far().await.len(), 1, "{sent:?}");
}

#[tokio::test]
async fn forgotten_password_fills_no_mailbox_and_no_network_asks_for_many() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    let nobody = server.browser();
    for _ in 0..6 {
        assert_eq!(forgot(&nobody, "berta").await.status, 202);
    }
    server.mails(2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.mails_so_far().await.len(), 2);
    server.clock.advance(Duration::from_hours(1));
    assert_eq!(forgot(&nobody, "berta").await.status, 202);
    server.mails(3).await;
    for _ in 0..13 {
        assert_eq!(forgot(&nobody, "nobody").await.status, 202);
    }
    forgot(&nobody, "nobody")
        .await
        .is_problem(429, "too_many_attempts");
    forgot(&nobody, "berta")
        .await
        .is_problem(429, "too_many_attempts");
}

#[tokio::test]
async fn invitation_leads_to_a_first_password_if_the_school_has_a_contract() {
    let server = TestServer::with_shown_mails().await;
    server.school("b", Contract::Signed).await;
    let berta = teacher(&server, "a", "berta", false).await;
    let doris = teacher(&server, "b", "doris", false).await;
    server.set_contract("b", Contract::Ended, None).await;
    let (app, now) = (&server.app, server.app.clock.now());
    let nobody = server.browser();
    // Without a password nobody signs in, and it looks as for an unknown name.
    for password in ["", "berta", "bertaberta"] {
        assert_eq!(nobody.sign_in("berta", password).await.status(), 401);
    }
    let invited = invite(&app.store, &app.mailer, now, &berta, Language::English).await;
    assert!(invited.is_ok());
    let mail = server.mails(1).await.remove(0);
    assert!(mail["text"].as_str().unwrap().contains("berta"), "{mail}");
    assert!(
        mail["text"].as_str().unwrap().contains("School a"),
        "{mail}"
    );
    server.clock.advance(Duration::from_hours(13 * 24));
    let token = token_of(&mail, "/password#");
    assert_eq!(choose(&nobody, &token, GOOD).await.status, 204);
    assert_eq!(nobody.sign_in("berta", GOOD).await.status(), 200);
    let told = server.mails_so_far().await;
    let is_change = |mail: &Value| mail["kind"] == "password_changed";
    assert!(!told.iter().any(is_change), "a first password is no change");

    let refused = invite(&app.store, &app.mailer, now, &doris, Language::German).await;
    assert!(matches!(
        refused,
        Err(NotInvited::NoPassword(NoPassword::NoContract))
    ));
    let refused = paper_link(
        &app.store,
        &app.public_url,
        now,
        &doris,
        LinkPurpose::FirstPassword,
    )
    .await;
    assert!(matches!(
        refused,
        Err(NotInvited::NoPassword(NoPassword::NoContract))
    ));
    forgot(&nobody, "doris").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let to_doris = |mail: &Value| mail["to"] == "doris@school.example";
    assert!(!server.mails_so_far().await.iter().any(to_doris));
}

#[tokio::test]
async fn invitation_is_void_once_the_contract_has_ended() {
    let server = TestServer::with_shown_mails().await;
    let berta = teacher(&server, "a", "berta", false).await;
    let (app, now) = (&server.app, server.app.clock.now());
    let link = paper_link(
        &app.store,
        &app.public_url,
        now,
        &berta,
        LinkPurpose::FirstPassword,
    )
    .await
    .unwrap();
    assert!(
        link.starts_with(&format!("{}/password#", server.origin)),
        "{link}"
    );
    let token = link.split_once('#').unwrap().1;
    server
        .execute("UPDATE schools SET contract = 'ended'")
        .await;
    let nobody = server.browser();
    choose(&nobody, token, GOOD)
        .await
        .is_problem(403, "no_contract");
    server
        .execute("UPDATE schools SET contract = 'signed'")
        .await;
    assert_eq!(choose(&nobody, token, GOOD).await.status, 204);
}

async fn wish(browser: &Browser, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "current_password": password});
    Answer::of(
        browser
            .request(Method::PUT, "/api/v1/account/address")
            .json(&body),
    )
    .await
}

#[tokio::test]
async fn address_counts_when_its_owner_followed_the_link_and_the_former_one_is_told() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    teacher(&server, "a", "carla", true).await;
    let own = server.signed_in("berta").await;
    wish(&own, "new@school.example", "wrong")
        .await
        .is_problem(403, "wrong_password");
    wish(&own, "new@school.example\r\nBcc: x@y.example", "bertaberta")
        .await
        .is_problem(422, "invalid");
    // One of another account: the same answer, and no mail.
    assert_eq!(
        wish(&own, "Carla@school.example", "bertaberta")
            .await
            .status,
        202
    );
    assert_eq!(server.mails_so_far().await.len(), 0);
    assert_eq!(
        wish(&own, "New@School.example", "bertaberta").await.status,
        202
    );
    let mail = server.mails(1).await.remove(0);
    assert_eq!(mail["to"], "new@school.example");
    let account = own.get("/api/v1/account").await.body;
    assert_eq!(account["email"], "berta@school.example");
    let token = token_of(&mail, "/confirm-address#");
    let nobody = server.browser();
    // It opens no password.
    choose(&nobody, &token, GOOD)
        .await
        .is_problem(410, "link_over");
    let confirmation = "/api/v1/account/address/confirmation";
    assert_eq!(
        nobody
            .post(confirmation, json!({"token": token}))
            .await
            .status,
        204
    );
    nobody
        .post(confirmation, json!({"token": token}))
        .await
        .is_problem(410, "link_over");
    let account = own.get("/api/v1/account").await.body;
    assert_eq!(account["email"], "new@school.example");
    let told = server.mails_so_far().await.remove(0);
    assert_eq!(told["to"], "berta@school.example");
    assert_eq!(told["kind"], "address_changed");
    let text = told["text"].as_str().unwrap();
    assert!(
        text.contains("n…@school.example") && !text.contains("new@"),
        "{text}"
    );
    // A reset link opens no address either.
    forgot(&nobody, "berta").await;
    let token = token_of(&server.mails(3).await[0], "/password#");
    nobody
        .post(confirmation, json!({"token": token}))
        .await
        .is_problem(410, "link_over");
    for _ in 0..3 {
        assert_eq!(
            wish(&own, "x@school.example", "bertaberta").await.status,
            202
        );
    }
    wish(&own, "x@school.example", "bertaberta")
        .await
        .is_problem(429, "too_many_attempts");
}

#[tokio::test]
async fn other_links_are_over_once_an_address_was_changed_by_one() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    let own = server.signed_in("berta").await;
    let nobody = server.browser();
    forgot(&nobody, "berta@school.example").await;
    let reset = token_of(&server.mails(1).await[0], "/password#");
    let mut wished = Vec::new();
    for (number, email) in [(2, "one@school.example"), (3, "two@school.example")] {
        wish(&own, email, "bertaberta").await;
        let mails = server.mails(number).await;
        wished.push(token_of(&mails[0], "/confirm-address#"));
    }
    let confirmation = "/api/v1/account/address/confirmation";
    let confirm = async |token: &str| nobody.post(confirmation, json!({"token": token})).await;
    assert_eq!(confirm(&wished[1]).await.status, 204);
    confirm(&wished[0]).await.is_problem(410, "link_over");
    // It went to the former address.
    choose(&nobody, &reset, GOOD)
        .await
        .is_problem(410, "link_over");
    let account = own.get("/api/v1/account").await.body;
    assert_eq!(account["email"], "two@school.example");
}

#[tokio::test]
async fn account_that_a_provider_made_gets_no_password_by_a_link() {
    let server = TestServer::with_shown_mails().await;
    let berta = teacher(&server, "a", "berta", false).await;
    let app = &server.app;
    let link = paper_link(
        &app.store,
        &app.public_url,
        app.clock.now(),
        &berta,
        LinkPurpose::FirstPassword,
    )
    .await;
    let token = link.unwrap().split_once('#').unwrap().1.to_owned();
    let link = SignInLink {
        provider: "provider".to_owned(),
        subject: "1".to_owned(),
        user: berta.id,
        made: true,
        created_at: 1,
    };
    let store = &server.app.store;
    store.add_sign_in_link(&link).await.unwrap().unwrap();
    let nobody = server.browser();
    assert_eq!(forgot(&nobody, "berta").await.status, 202);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let key = server.key("a", &[]).await;
    let path = "/api/v1/schools/a/teachers/id-berta";
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("frida").await;
    for way in ["letter", "mail"] {
        let refused = admin.post(&format!("{path}/{way}"), json!({})).await;
        refused.is_problem(409, "not_now");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("provider"), "{detail}");
    }
    assert_eq!(server.mails_so_far().await, [Value::Null; 0]);
    // A link from before it was linked opens nothing.
    choose(&nobody, &token, GOOD)
        .await
        .is_problem(410, "link_over");
    let listed = key.get("/api/v1/schools/a/teachers").await.body;
    assert_eq!(listed["teachers"][0]["made_by_provider"], true, "{listed}");
    assert_eq!(listed["teachers"][1]["made_by_provider"], false, "{listed}");
    // Nothing else opens it once the provider is gone.
    store
        .delete_with_sign_in_links("sign_in_provider", "provider")
        .await
        .unwrap();
    forgot(&nobody, "berta").await;
    server.mails(1).await;
}

#[tokio::test]
async fn password_mails_of_administrators_and_strangers_to_one_account_are_few_in_an_hour() {
    let server = TestServer::with_shown_mails().await;
    teacher(&server, "a", "berta", true).await;
    let key = server.key("a", &[]).await;
    let path = "/api/v1/schools/a/teachers/id-berta/mail";
    let ask = || Answer::of(key.request(Method::POST, path));
    // All at once, so that none counts before another is there.
    let all = futures_util::future::join_all((0..8).map(|_| ask())).await;
    let sent = all.iter().filter(|answer| answer.status == 204);
    assert_eq!(sent.count(), 2, "{all:?}");
    let mut refused = all.iter().filter(|answer| answer.status != 204);
    assert!(refused.all(|answer| answer.body["code"] == "not_now"));
    assert_eq!(forgot(&server.browser(), "berta").await.status, 202);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.mails_so_far().await.len(), 2);
    server.clock.advance(Duration::from_hours(1));
    let key = server.key("a", &[]).await;
    let again = Answer::of(key.request(Method::POST, path)).await;
    assert_eq!(again.status, 204, "{again:?}");
}

#[tokio::test]
async fn link_by_an_administrator_ends_all_former_ones_of_the_account() {
    let server = TestServer::with_shown_mails().await;
    let (store, now) = (&server.app.store, server.app.clock.now());
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("frida").await;
    for (way, has_password) in [
        ("letter", true),
        ("mail", true),
        ("letter", false),
        ("mail", false),
    ] {
        let username = format!("{way}{has_password}");
        let user = teacher(&server, "a", &username, has_password).await;
        let mut former = Vec::new();
        for purpose in [
            LinkPurpose::FirstPassword,
            LinkPurpose::PasswordReset,
            LinkPurpose::ConfirmAddress,
        ] {
            let link = KeptLink {
                token_hash: format!("{username} {}", purpose.as_str()),
                user: user.id.clone(),
                purpose,
                address: None,
                created_at: now,
                expires_at: now + 1_000,
            };
            let added = store.add_link(&link, None, FormerLinks::Stay, None);
            added.await.unwrap().unwrap();
            former.push(link.token_hash);
        }
        let path = format!("/api/v1/schools/a/teachers/{}/{way}", user.id);
        let given = admin.request(Method::POST, &path).send().await.unwrap();
        assert!(given.status().is_success(), "{username}: {given:?}");
        for hash in former {
            let link = store.link(&hash, now).await.unwrap();
            assert_eq!(link, None, "{hash}");
        }
    }
    // Nobody ends the link of an administrator by asking for one.
    let newest = server.mails_so_far().await.remove(0);
    let token = token_of(&newest, "/password#");
    forgot(&server.browser(), "mailfalse").await;
    server.mails(3).await;
    let path = "/api/v1/password/link";
    let browser = server.browser();
    let opened = browser.post(path, json!({"token": token})).await;
    assert_eq!(opened.status, 200);
}

#[tokio::test]
async fn without_mail_nothing_is_promised() {
    let (server, own) = TestServer::with_teacher("berta").await;
    forgot(&server.browser(), "berta")
        .await
        .is_problem(409, "no_mail");
    wish(&own, "x@school.example", "bertaberta")
        .await
        .is_problem(409, "no_mail");
    assert_eq!(own.get("/api/v1/config").await.body["mail"], false);
}

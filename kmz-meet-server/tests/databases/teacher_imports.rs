//! Imports of teachers: nothing happens before they are confirmed, once is enough, and a day long they can be taken back.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use crate::common::key::Key;
use crate::common::{Answer, TestServer};
use kmz_meet_server::audit::Actor;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::{Contract, ImportState, SignInLink};
use kmz_meet_server::teacher_imports;
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/schools/a/teacher-imports";
const LIST: &str = "Vorname;Nachname;Dienst-Mail\r\nJörg;Müller;j.mueller@schule.example\r\nJoerg;Mueller;j2@schule.example\r\nAnna;Au;anna@schule.example\r\nAnna;Au;anna@schule.example\r\n=1;Au;x@schule.example\r\n";

async fn sent(key: &Key, bytes: &[u8], password: Option<&str>) -> Answer {
    let mut request = key
        .request(Method::POST, PATH)
        .header("content-type", "application/octet-stream")
        .body(bytes.to_vec());
    if let Some(password) = password {
        request = request.header("list-password", password);
    }
    Answer::of(request).await
}

async fn act(key: &Key, import: &Value, action: &str) -> Answer {
    let path = format!("{PATH}/{}/{action}", import["id"].as_str().unwrap());
    Answer::of(key.request(Method::POST, &path)).await
}

async fn checked(key: &Key) -> Value {
    let answer = sent(key, LIST.as_bytes(), None).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body
}

/// Waits until no account is being made any more.
async fn done(key: &Key, import: &Value) -> Value {
    let path = format!("{PATH}/{}", import["id"].as_str().unwrap());
    loop {
        let answer = key.get(&path).await;
        if answer.body["state"] != "running" {
            return answer.body;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn rows(key: &Key, import: &Value, query: &str) -> Vec<Value> {
    let path = format!("{PATH}/{}/rows{query}", import["id"].as_str().unwrap());
    let answer = key.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["rows"].as_array().unwrap().clone()
}

#[tokio::test]
async fn list_that_is_looked_at_makes_nothing_until_it_is_confirmed() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    assert_eq!(import["state"], "checked");
    assert_eq!(
        import["verdicts"],
        json!({"new": 3, "duplicate": 1, "unreadable": 1})
    );
    assert_eq!(import["source"]["separator"], ";");
    assert_eq!(import["total"], 3);
    let store = &server.app.store;
    assert!(store.user_by_username("anna.au").await.unwrap().is_none());

    let all = rows(&key, &import, "").await;
    let verdicts: Vec<_> = all.iter().map(|row| &row["verdict"]).collect();
    assert_eq!(verdicts, ["new", "new", "new", "duplicate", "unreadable"]);
    assert_eq!(all[3]["duplicate_of"], 4);
    assert_eq!(all[4]["fault"], "formula");
    assert!(all[4]["german"].as_str().unwrap().contains("Formel"));
    let page = rows(&key, &import, "?verdict=new&limit=1&after=2").await;
    assert_eq!(page.len(), 1);
    assert_eq!(page[0]["number"], 3);

    let confirmed = act(&key, &import, "confirm").await;
    assert_eq!(confirmed.status, 202, "{confirmed:?}");
    let import = done(&key, &import).await;
    assert_eq!(import["state"], "done");
    assert_eq!(import["done"], 3);
    let made = rows(&key, &import, "?state=made").await;
    let names: Vec<_> = made.iter().map(|row| &row["username"]).collect();
    assert_eq!(names, ["joerg.mueller", "joerg.mueller2", "anna.au"]);
    let anna = store.user_by_username("anna.au").await.unwrap().unwrap();
    assert_eq!(
        (anna.name.as_str(), anna.password_hash.as_str()),
        ("Anna Au", "")
    );

    // Once is enough, and the same list makes nobody new.
    assert_eq!(act(&key, &import, "confirm").await.status, 202);
    let again = checked(&key).await;
    assert_eq!(again["verdicts"]["known"], 3);
    assert_eq!(again["total"], 0);
}

#[tokio::test]
async fn import_that_is_taken_back_keeps_the_accounts_that_are_used() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    assert_eq!(act(&key, &import, "undo").await.status, 409);
    act(&key, &import, "confirm").await;
    done(&key, &import).await;
    let store = &server.app.store;
    let anna = store.user_by_username("anna.au").await.unwrap().unwrap();
    store.set_password_hash(&anna.id, "x").await.unwrap();
    // Another one comes in by a provider, without a password.
    let of_provider = store.user_by_username("joerg.mueller2").await.unwrap();
    let of_provider = of_provider.unwrap().id;
    linked(&server, &of_provider).await;

    let undone = act(&key, &import, "undo").await;
    assert_eq!(undone.status, 200, "{undone:?}");
    assert_eq!(undone.body["rows"], json!({"kept": 2, "removed": 1}));
    assert!(store.user(&of_provider).await.unwrap().is_some());
    let kept = rows(&key, &import, "?state=kept").await;
    assert_eq!(kept[1]["username"], "anna.au");
    assert!(store.user(&anna.id).await.unwrap().is_some());
    let other = store.user_by_username("joerg.mueller").await.unwrap();
    assert!(other.is_none());
    assert_eq!(act(&key, &import, "confirm").await.status, 409);
}

/// A provider signs somebody in.
async fn linked(server: &TestServer, user: &str) {
    let link = SignInLink {
        provider: "provider".to_owned(),
        subject: user.to_owned(),
        user: user.to_owned(),
        made: false,
        created_at: 1,
    };
    let added = server.app.store.add_sign_in_link(&link).await;
    added.unwrap().unwrap();
}

#[tokio::test]
async fn letters_are_for_those_who_have_not_come_in_however_many_others_have() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let mut list = "Vorname;Nachname;E-Mail\r\n".to_owned();
    for number in 0..502 {
        write!(list, "Anna;Au;anna{number}@schule.example\r\n").unwrap();
    }
    let import = sent(&key, list.as_bytes(), None).await.body;
    act(&key, &import, "confirm").await;
    done(&key, &import).await;
    let last = "('anna500@schule.example', 'anna501@schule.example')";
    let used = format!("UPDATE users SET password_hash = 'x' WHERE email NOT IN {last}");
    server.execute(&used).await;
    let by_provider = "anna500@schule.example".parse().unwrap();
    let store = &server.app.store;
    let by_provider = store.user_by_email(&by_provider).await.unwrap().unwrap();
    linked(&server, &by_provider.id).await;
    let path = format!("{PATH}/{}/letters", import["id"].as_str().unwrap());
    let letters = key.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(letters.status(), 200);
    assert_eq!(letters.headers().get("letters-next"), None);
    let id = import["id"].as_str().unwrap();
    let kept = store.teacher_import(id).await.unwrap().unwrap();
    let (now, url) = (server.clock.now(), &server.app.public_url);
    let given =
        teacher_imports::credentials::hand_out(store, url, now, &kept, 0, &Actor::CommandLine)
            .await;
    let (given, next) = given.unwrap();
    assert_eq!((given.len(), next), (1, None));
    assert_eq!(given[0].number, 503);
    // Nobody is left.
    server.execute("UPDATE users SET password_hash = 'x'").await;
    key.post(&path, json!({})).await.is_problem(409, "not_now");
}

#[tokio::test]
async fn import_after_a_day_is_not_taken_back_any_more() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    act(&key, &import, "confirm").await;
    done(&key, &import).await;
    server.clock.advance(teacher_imports::UNDO_TIME);
    assert_eq!(act(&key, &import, "undo").await.status, 409);
}

#[tokio::test]
async fn import_without_a_contract_stays_unconfirmed() {
    let server = TestServer::start().await;
    server.school("a", Contract::Requested).await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    let refused = act(&key, &import, "confirm").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["code"], "no_contract");
    assert_eq!(done(&key, &import).await["state"], "checked");
}

#[tokio::test]
async fn import_that_a_restart_interrupts_goes_on() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    // Confirmed, and killed before anything was made.
    let store = &server.app.store;
    let id = import["id"].as_str().unwrap();
    let kept = store.teacher_import(id).await.unwrap().unwrap();
    let now = server.clock.now();
    teacher_imports::confirm(store, now, &kept, &Actor::CommandLine)
        .await
        .unwrap();
    let server = server.restarted().await;
    let key = server.with_token(&key.token);
    assert_eq!(done(&key, &import).await["state"], "done");
    let account = server.app.store.user_by_username("anna.au").await.unwrap();
    assert!(account.is_some());
}

#[tokio::test]
async fn import_that_nobody_confirms_is_deleted_after_a_day() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    let id = import["id"].as_str().unwrap();
    let store = &server.app.store;
    let almost = server.clock.now() + 24 * 3_600_000 - 1;
    store.delete_expired(almost).await.unwrap();
    assert!(store.teacher_import(id).await.unwrap().is_some());
    store.delete_expired(almost + 1).await.unwrap();
    assert!(store.teacher_import(id).await.unwrap().is_none());
    let left = store
        .teacher_import_rows(id, (None, &[]), 0, 10)
        .await
        .unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn school_has_no_more_imports_than_it_may() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let first = checked(&key).await;
    for _ in 1..teacher_imports::MAX_IMPORTS {
        checked(&key).await;
    }
    assert_eq!(sent(&key, LIST.as_bytes(), None).await.status, 409);
    let path = format!("{PATH}/{}", first["id"].as_str().unwrap());
    let deleted = Answer::of(key.request(Method::DELETE, &path)).await;
    assert_eq!(deleted.status, 204);
    checked(&key).await;
    assert_eq!(
        key.get(PATH).await.body["imports"]
            .as_array()
            .unwrap()
            .len(),
        20
    );
}

#[tokio::test]
async fn list_that_cannot_be_read_is_refused_in_words() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let locked = include_bytes!("../fixtures/lists/agile-msoffcrypto.xlsx");
    for (bytes, password, reason) in [
        (&b""[..], None, "empty"),
        (b"%PDF-1.7", None, "other_format"),
        (locked, None, "password_needed"),
        (locked, Some("falsch"), "wrong_password"),
    ] {
        let refused = sent(&key, bytes, password).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(refused.body["code"], "unreadable_list");
        assert_eq!(refused.body["reason"], reason);
    }
    // A password is percent-encoded, because headers are ASCII.
    let read = sent(&key, locked, Some("Geheim-%C3%9F1")).await;
    assert_eq!(read.status, 201, "{read:?}");
    assert_eq!(read.body["source"]["sheet"], "Kollegium");
    let large = vec![b'a'; 10 * 1024 * 1024 + 1];
    assert_eq!(sent(&key, &large, None).await.status, 413);
}

#[tokio::test]
async fn letters_have_a_page_for_each_teacher_and_a_link_that_opens_the_account() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    act(&key, &import, "confirm").await;
    done(&key, &import).await;
    let path = format!("{PATH}/{}/letters", import["id"].as_str().unwrap());
    let answer = key.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));

    let store = &server.app.store;
    let kept = store
        .teacher_import(import["id"].as_str().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.state, ImportState::Done);
    let now = server.clock.now();
    let url = &server.app.public_url;
    let hand_out = teacher_imports::credentials::hand_out;
    let (first, next) = hand_out(store, url, now, &kept, 0, &Actor::CommandLine)
        .await
        .unwrap();
    assert_eq!((first.len(), next), (3, None));
    let (second, _) = hand_out(store, url, now, &kept, 0, &Actor::CommandLine)
        .await
        .unwrap();
    let open = async |link: &str| {
        let token = link.rsplit_once('#').unwrap().1;
        let path = "/api/v1/password/link";
        server.browser().post(path, json!({"token": token})).await
    };
    // A new letter makes the former one worthless.
    open(&first[0].link).await.is_problem(410, "link_over");
    let opened = open(&second[0].link).await;
    assert_eq!(opened.body["username"], second[0].username);
}

#[tokio::test]
async fn teacher_who_got_many_mails_today_is_named_as_left_out() {
    let show = |config: &mut kmz_meet_server::config::Config| {
        config.mail = Some(kmz_meet_server::config::MailConfig::Show);
    };
    let server = TestServer::start_with(show).await;
    server.school("a", Contract::Signed).await;
    let key = server.key("a", &[]).await;
    let import = checked(&key).await;
    act(&key, &import, "confirm").await;
    done(&key, &import).await;
    let mailed = act(&key, &import, "mails").await.body;
    assert_eq!(
        (&mailed["mails"], &mailed["left_out"]),
        (&json!(3), &json!([]))
    );
    for _ in 0..19 {
        act(&key, &import, "mails").await;
    }
    server
        .execute("UPDATE mails SET recipient = 'x' WHERE recipient <> 'anna@schule.example'")
        .await;
    let mailed = act(&key, &import, "mails").await.body;
    let made = rows(&key, &import, "?state=made").await;
    let anna = made
        .iter()
        .find(|row| row["username"] == "anna.au")
        .unwrap();
    assert_eq!(mailed["mails"], 2);
    assert_eq!(mailed["left_out"], json!([anna["number"]]));
}

#[tokio::test]
async fn teachers_of_one_name_get_different_user_names() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let mut list = "Vorname;Nachname;E-Mail\r\n".to_owned();
    for number in 0..130 {
        let _ = write!(list, "Anna;Au;a{number}@schule.example\r\n");
    }
    let import = sent(&key, list.as_bytes(), None).await.body;
    act(&key, &import, "confirm").await;
    assert_eq!(done(&key, &import).await["rows"]["made"], 130);
    let made = rows(&key, &import, "?state=made&limit=500").await;
    let names: HashSet<_> = made.iter().map(|row| row["username"].as_str()).collect();
    assert_eq!(names.len(), 130);
    assert!(names.contains(&Some("anna.au")) && names.contains(&Some("anna.au20")));
}

#[tokio::test]
async fn teacher_whose_address_got_an_account_meanwhile_is_overtaken() {
    let server = TestServer::with_school().await;
    let key = server.key("a", &[]).await;
    let (first, second) = (checked(&key).await, checked(&key).await);
    act(&key, &first, "confirm").await;
    done(&key, &first).await;
    act(&key, &second, "confirm").await;
    let second = done(&key, &second).await;
    assert_eq!(second["rows"], json!({"overtaken": 3}));
    assert_eq!(second["state"], "done");
    let store = &server.app.store;
    assert!(store.user_by_username("anna.au2").await.unwrap().is_none());
}

#[tokio::test]
async fn import_at_the_command_line_says_what_it_did_and_writes_letters() {
    use kmz_meet_server::teacher_imports::command::{CommandError, Wanted, import};
    use std::os::unix::fs::PermissionsExt;
    let server = TestServer::with_school().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("list.csv");
    std::fs::write(&file, LIST).unwrap();
    let letters = directory.path().join("letters.pdf");
    let (store, clock) = (&server.app.store, &*server.app.clock);
    let run = async |school: &str, dry_run: bool| {
        let wanted = Wanted {
            file: &file,
            password_file: None,
            school,
            dry_run,
            letters: Some(&letters),
        };
        import(store, clock, &server.app.public_url, &wanted).await
    };
    assert!(matches!(
        run("x", true).await,
        Err(CommandError::NoSchool(_))
    ));
    let said = run("School a", true).await.unwrap();
    assert!(said.contains("row 6: There is a formula."), "{said}");
    assert!(said.ends_with("dry run."), "{said}");
    assert!(store.user_by_username("anna.au").await.unwrap().is_none());
    assert!(!letters.exists());
    let said = run("School a", false).await.unwrap();
    assert!(said.contains("3 accounts are made."), "{said}");
    let mode = letters.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

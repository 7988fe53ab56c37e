//! Mails: a queue that outlives restarts, tries again and gives up, and sends nothing twice; what operators see of it.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

#[path = "../common/smtp.rs"]
mod smtp;

use std::time::Duration;

use crate::common::{Browser, TestServer, postgres};
use kmz_meet_server::config::{Config, Letterhead, MailConfig, Security, Smtp};
use kmz_meet_server::language::Language;
use kmz_meet_server::mail::{Field, Message, NotTaken, Template};
use kmz_meet_server::state::App;
use kmz_meet_server::store::{Contract, RecordFilter, UserRole};
use serde_json::{Value, json};
use smtp::MailServer;

const MAILS: &str = "/api/v1/mails";

fn sends(config: &mut Config, mail: &MailServer, security: Security) {
    let smtp = Smtp {
        host: "localhost".to_owned(),
        port: mail.port,
        security,
        credentials: (security == Security::StartTls)
            .then(|| ("kmz".to_owned(), "geheim".to_owned())),
    };
    let letterhead = Letterhead {
        from: "KMZ <noreply@school.example>".parse().unwrap(),
        reply_to: None,
        authorities: Some(mail.certificate.clone().into()),
    };
    config.mail = Some(MailConfig::Smtp(smtp, Box::new(letterhead)));
}

async fn operator(server: &TestServer) -> Browser {
    server.school("a", Contract::Signed).await;
    server.person("a", "olga", UserRole::Operator).await;
    server.signed_in("olga").await
}

fn message(to: &str, name: &str) -> Message {
    Message {
        to: to.parse().unwrap(),
        language: Language::German,
        template: Template::PasswordChanged,
        fields: vec![
            (Field::Name, name.to_owned()),
            (Field::Username, "berta".to_owned()),
        ],
        school: Some("a".to_owned()),
        user: None,
    }
}

async fn send(app: &App, message: Message) {
    app.mailer
        .send(&app.store, app.clock.now(), message)
        .await
        .unwrap();
}

/// Waits until the newest mail is as wanted.
async fn newest(browser: &Browser, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let newest = browser.get(MAILS).await.body["mails"][0].clone();
        if wanted(&newest) {
            return newest;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", browser.get(MAILS).await);
}

#[tokio::test]
async fn mail_goes_over_starttls_to_a_server_that_is_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let mail = MailServer::start(directory.path()).await;
    let server = TestServer::start_with(|config| sends(config, &mail, Security::StartTls)).await;
    let browser = operator(&server).await;
    send(
        &server.app,
        message("berta@school.example", "Berta https://evil.example"),
    )
    .await;
    let taken = mail.has_taken(1).await;
    assert_eq!(taken[0].to, "berta@school.example");
    assert!(taken[0].over_tls && taken[0].signed_in);
    let head = taken[0].data.split("\r\n\r\n").next().unwrap();
    assert!(
        head.contains("From: KMZ <noreply@school.example>"),
        "{head}"
    );
    assert!(!taken[0].data.contains("https://evil.example"));
    let sent = newest(&browser, |mail| mail["state"] == "sent").await;
    assert_eq!(sent["to"], "berta@school.example");
    assert_eq!(sent["kind"], "password_changed");
    // Only the fact is kept: not what it said.
    assert!(!sent.to_string().contains("Berta"));
    let kept = server.app.store.mail(sent["id"].as_str().unwrap()).await;
    assert_eq!(kept.unwrap().unwrap().content, None);
    server.clock.advance(Duration::from_hours(8 * 24));
    server
        .app
        .store
        .delete_expired(server.app.clock.now())
        .await
        .unwrap();
    let kept = server.app.store.mail(sent["id"].as_str().unwrap()).await;
    assert_eq!(kept.unwrap(), None);
}

#[tokio::test]
async fn mail_is_not_sent_where_the_connection_is_not_protected() {
    let directory = tempfile::tempdir().unwrap();
    let mail = MailServer::start(directory.path()).await;
    mail.without_starttls();
    let server = TestServer::start_with(|config| sends(config, &mail, Security::StartTls)).await;
    let browser = operator(&server).await;
    send(&server.app, message("berta@school.example", "Berta")).await;
    let waits = newest(&browser, |mail| mail["attempts"] == 1).await;
    assert_eq!(waits["state"], "waiting");
    assert!(
        waits["last_error"].as_str().unwrap().contains("STARTTLS"),
        "{waits}"
    );
    assert!(mail.taken().is_empty());

    // One whose certificate nobody vouches for gets none either.
    let other = tempfile::tempdir().unwrap();
    let stranger = MailServer::start(other.path()).await;
    let server = TestServer::start_with(|config| {
        sends(config, &stranger, Security::StartTls);
        let Some(MailConfig::Smtp(_, letterhead)) = &mut config.mail else {
            panic!("no mail server");
        };
        letterhead.authorities = None;
    })
    .await;
    let browser = operator(&server).await;
    send(&server.app, message("berta@school.example", "Berta")).await;
    let waits = newest(&browser, |mail| mail["attempts"] == 1).await;
    assert_eq!(waits["state"], "waiting");
    assert!(
        waits["last_error"]
            .as_str()
            .unwrap()
            .contains("certificate"),
        "{waits}"
    );
    assert!(stranger.taken().is_empty());
}

#[tokio::test]
async fn mail_that_is_put_off_is_sent_later_and_one_that_is_refused_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let mail = MailServer::start(directory.path()).await;
    let server = TestServer::start_with(|config| sends(config, &mail, Security::StartTls)).await;
    let browser = operator(&server).await;
    mail.answers_recipients(&["451 4.7.1 Greylisted, try again"]);
    send(&server.app, message("berta@school.example", "Berta")).await;
    let waits = newest(&browser, |mail| mail["attempts"] == 1).await;
    assert_eq!(
        (&waits["state"], &waits["last_status"]),
        (&json!("waiting"), &json!(451))
    );
    assert!(
        waits["last_error"].as_str().unwrap().contains("Greylisted"),
        "{waits}"
    );
    assert!(waits["next_at"].as_i64().unwrap() > server.app.clock.now());
    server.clock.advance(Duration::from_mins(2));
    server.app.mailer.wake();
    mail.has_taken(1).await;
    newest(&browser, |mail| mail["state"] == "sent").await;

    mail.answers_recipients(&["550 5.1.1 No such person"]);
    send(&server.app, message("carla@school.example", "Carla")).await;
    let failed = newest(&browser, |mail| mail["state"] == "failed").await;
    assert_eq!(
        (&failed["attempts"], &failed["last_status"]),
        (&json!(1), &json!(550))
    );
    assert!(
        failed["last_error"]
            .as_str()
            .unwrap()
            .contains("No such person")
    );

    // That our own password is wrong is no reason to give up.
    mail.answers_sign_in(&["535 5.7.8 Wrong password"]);
    send(&server.app, message("dora@school.example", "Dora")).await;
    let waits = newest(&browser, |mail| {
        mail["attempts"] == 1 && mail["to"] == "dora@school.example"
    })
    .await;
    assert_eq!(waits["state"], "waiting");
}

#[tokio::test]
async fn mail_outlives_a_restart_and_two_servers_send_it_once() {
    let directory = tempfile::tempdir().unwrap();
    let mail = MailServer::start(directory.path()).await;
    let server = TestServer::start_with(|config| sends(config, &mail, Security::StartTls)).await;
    operator(&server).await;
    mail.takes_its_time(Duration::from_millis(300));
    mail.answers_recipients(&["451 later"; 12]);
    for number in 0..12 {
        send(
            &server.app,
            message(&format!("t{number}@school.example"), "Berta"),
        )
        .await;
    }
    let app = server.app.clone();
    for _ in 0..600 {
        let all = RecordFilter {
            limit: 100,
            ..RecordFilter::default()
        };
        let mails = app.store.mails(all).await.unwrap();
        if mails.iter().all(|mail| mail.attempts == 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Both run now, on one database.
    let server = server.restarted().await;
    server.clock.advance(Duration::from_mins(2));
    app.mailer.wake();
    server.app.mailer.wake();
    let taken = mail.has_taken(12).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut to: Vec<String> = mail.taken().into_iter().map(|one| one.to).collect();
    assert_eq!(to.len(), 12, "{taken:?}");
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 12, "somebody got two");
    drop(app);
}

#[tokio::test]
async fn mails_to_one_address_are_few_in_a_day() {
    let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
    operator(&server).await;
    let link = format!("{}/confirm-address#x", server.origin);
    let confirm = |to: &str| {
        let mut message = message(to, "Berta");
        message.template = Template::ConfirmAddress;
        message.fields.push((Field::Link, link.clone()));
        message.fields.push((Field::Valid, "a day".to_owned()));
        message
    };
    for _ in 0..20 {
        send(&server.app, confirm("berta@school.example")).await;
    }
    let (app, now) = (&server.app, server.app.clock.now());
    let one_more = confirm("Berta@School.example");
    let refused = app.mailer.send(&app.store, now, one_more.clone()).await;
    assert!(matches!(refused, Err(NotTaken::TooMany)));
    send(app, confirm("carla@school.example")).await;
    // What tells of danger comes all the same, and so does what is of another kind.
    send(app, message("berta@school.example", "Berta")).await;
    let mut first = confirm("berta@school.example");
    first.template = Template::FirstPassword;
    let school = (Field::School, "A".to_owned());
    first.fields.push(school.clone());
    send(app, first).await;
    // An operator hears of each school.
    for _ in 0..25 {
        let mut runs_out = message("berta@school.example", "Berta");
        runs_out.template = Template::ContractRunsOut;
        let last_day = (Field::LastDay, "2027-07-31".to_owned());
        runs_out.fields = vec![school.clone(), last_day];
        send(app, runs_out).await;
    }
    server.clock.advance(Duration::from_hours(24));
    send(app, one_more).await;
}

#[tokio::test]
async fn mail_without_its_fields_or_with_a_foreign_link_is_not_written() {
    let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
    let (app, now) = (&server.app, server.app.clock.now());
    let mut reset = message("berta@school.example", "Berta");
    reset.template = Template::PasswordReset;
    for link in [
        "",
        "https://evil.example/password#x",
        &format!("{}.evil.example/x", server.origin),
    ] {
        let mut wrong = reset.clone();
        wrong.fields.push((Field::Link, link.to_owned()));
        wrong.fields.push((Field::Valid, "an hour".to_owned()));
        let refused = app.mailer.send(&app.store, now, wrong).await;
        assert!(matches!(refused, Err(NotTaken::Field("link"))), "{link}");
    }
    let off = TestServer::start().await;
    let message = message("berta@school.example", "Berta");
    let refused = off.app.mailer.send(&off.app.store, now, message).await;
    assert!(matches!(refused, Err(NotTaken::NoMailServer)));
}

#[tokio::test]
async fn mail_of_a_demo_is_shown_and_sent_to_nobody() {
    let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
    operator(&server).await;
    send(&server.app, message("berta@school.example", "Berta <b>")).await;
    let page = server.browser().request(reqwest::Method::GET, "/demo/mail");
    let page = page.send().await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(page.headers()["cache-control"], "no-store");
    let html = page.text().await.unwrap();
    assert!(html.contains("berta@school.example"), "{html}");
    assert!(
        html.contains("Berta &lt;b&gt;") && !html.contains("<b>"),
        "{html}"
    );
    let list = server.browser().get("/demo/mail.json").await.body;
    assert_eq!(list["mails"][0]["kind"], "password_changed");
    assert!(
        list["mails"][0]["text"]
            .as_str()
            .unwrap()
            .contains("Berta <b>")
    );

    let server = TestServer::start().await;
    server
        .browser()
        .get("/demo/mail.json")
        .await
        .is_problem(404, "not_found");
    let page = server.browser().request(reqwest::Method::GET, "/demo/mail");
    assert_eq!(page.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn list_of_mails_is_for_operators_and_that_of_a_school_for_its_administrators() {
    let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
    let operator = operator(&server).await;
    server.school("b", Contract::Signed).await;
    for (school, name, role) in [
        ("a", "anton", UserRole::SchoolAdmin),
        ("b", "berta", UserRole::SchoolAdmin),
        ("a", "carla", UserRole::Moderator),
    ] {
        server.person(school, name, role).await;
    }
    for number in 0..3 {
        send(
            &server.app,
            message(&format!("t{number}@school.example"), "Berta"),
        )
        .await;
    }
    let page = operator.get("/api/v1/mails?limit=2").await.body;
    assert_eq!(page["mails"][0]["to"], "t2@school.example");
    let next = page["next"].as_str().unwrap();
    let page = operator
        .get(&format!("/api/v1/mails?limit=2&after={next}"))
        .await
        .body;
    assert_eq!(page["mails"].as_array().unwrap().len(), 1);
    assert_eq!(page["next"], Value::Null);
    let own = server.signed_in("anton").await;
    let of_school = own.get("/api/v1/schools/a/mails").await;
    assert_eq!(of_school.body["mails"].as_array().unwrap().len(), 3);
    own.get("/api/v1/schools/b/mails")
        .await
        .is_problem(404, "not_found");
    own.get(MAILS).await.is_problem(403, "not_permitted");
    let foreign = server.signed_in("berta").await;
    foreign
        .get("/api/v1/schools/a/mails")
        .await
        .is_problem(404, "not_found");
    let of_b = operator.get("/api/v1/schools/b/mails").await.body;
    assert_eq!(of_b["mails"], json!([]));
    operator
        .get("/api/v1/schools/c/mails")
        .await
        .is_problem(404, "not_found");
    let teacher = server.signed_in("carla").await;
    assert_eq!(teacher.get("/api/v1/schools/a/mails").await.status, 403);
}

#[tokio::test]
async fn template_is_shown_with_examples_before_it_is_used() {
    let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
    let operator = operator(&server).await;
    let templates = operator.get("/api/v1/mail-templates").await.body;
    let first = &templates["templates"][0];
    assert_eq!(
        (&first["name"], &first["changed"]),
        (&json!("first_password"), &json!(false))
    );
    let path = "/api/v1/mail-templates/first_password/en";
    let shown = operator.get(path).await.body;
    assert!(shown["text"].as_str().unwrap().contains("Berta Beispiel"));
    assert!(
        shown["html"]
            .as_str()
            .unwrap()
            .contains("<a href=\"https://meet.school.example/password#example\"")
    );
    let preview = format!("{path}/preview");
    let text = json!({"text": "Subject: Hi {name}\n\n<b>{username}</b>\n\n{link}"});
    let shown = operator.post(&preview, text).await;
    assert_eq!(shown.body["subject"], "Hi Berta Beispiel");
    assert!(
        shown.body["html"]
            .as_str()
            .unwrap()
            .contains("&lt;b&gt;berta.beispiel")
    );
    let wrong = operator
        .post(
            &preview,
            json!({"text": "Subject: Hi\n\n{link}\n{password}"}),
        )
        .await;
    wrong.is_problem(422, "invalid");
    assert!(
        wrong.body["detail"]
            .as_str()
            .unwrap()
            .contains("{password}")
    );
    operator
        .get("/api/v1/mail-templates/nothing/en")
        .await
        .is_problem(404, "not_found");
    operator
        .get("/api/v1/mail-templates/first_password/fr")
        .await
        .is_problem(404, "not_found");

    // The operator's own.
    let folder = server.app.config.data_dir.join("mail");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("password_changed.de.txt"),
        "Betreff: Neu\n\nHallo {name}, anders.",
    )
    .unwrap();
    send(&server.app, message("berta@school.example", "Berta")).await;
    let list = server.browser().get("/demo/mail.json").await.body;
    assert_eq!(list["mails"][0]["text"], "Hallo Berta, anders.\n");
    // One that cannot be used keeps the server from starting, and says which.
    std::fs::write(folder.join("password_changed.de.txt"), "Hallo {name}").unwrap();
    if !postgres::is_wanted() {
        let config = Config {
            media_port: 0,
            ..(*server.app.config).clone()
        };
        let error = App::open(config, 1).await.err().unwrap().to_string();
        assert!(error.contains("password_changed.de.txt"), "{error}");
    }
}

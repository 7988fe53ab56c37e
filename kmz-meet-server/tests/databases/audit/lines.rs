//! What operators and a school's administrators do with providers, second factors, requests and drops: each action is exactly one
//! line, with who, what, when and in which school, and with nothing else.

use std::time::Duration;

use kmz_meet_server::admin::Admin;
use kmz_meet_server::clock::{self, Clock, Timestamp};
use kmz_meet_server::config::MailConfig;
use kmz_meet_server::store::{Contract, SignInLink, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::teacher_request::with_proof;
use crate::common::{Answer, Browser, TestServer};
use crate::sealed_drops::{RECIPIENTS, protected, sealed};

const PROVIDERS: &str = "/api/v1/schools/a/sign-in-providers";
const REQUESTS: &str = "/api/v1/schools/a/teacher-requests";

/// School `a` with an administrator and a teacher, and an operator of another school.
struct Office {
    server: TestServer,
    otto: Browser,
    frida: Browser,
    /// Lines that were there before.
    known: usize,
}

/// Who did something, as the log tells it.
struct By(&'static str, String, String);

fn person(username: &str) -> By {
    By(
        "account",
        format!("id-{username}"),
        format!("Frau {username}"),
    )
}

impl Office {
    async fn new() -> Self {
        let server = TestServer::start_with(|config| config.mail = Some(MailConfig::Show)).await;
        for school in ["a", "b"] {
            server.school(school, Contract::Signed).await;
        }
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        server.person("b", "otto", UserRole::Operator).await;
        server.teacher("a", "clara").await;
        Self {
            otto: server.signed_in("otto").await,
            frida: server.signed_in("frida").await,
            server,
            known: 0,
        }
    }

    async fn log(&self) -> Vec<Value> {
        let log = self.otto.get("/api/v1/audit?limit=200").await.body;
        log["entries"].as_array().unwrap().clone()
    }

    /// There is one line more than before, and it is this one.
    async fn wrote(&mut self, by: By, school: Option<&str>, what: &str, target: &str) {
        let now = self.server.clock.now();
        let written = self.newest(by, school, what, target).await;
        assert_eq!(written, now, "{what}: when?");
        // So that the next line has a time of its own.
        self.server.clock.advance(Duration::from_secs(1));
    }

    /// The same; gives when it was.
    async fn newest(
        &mut self,
        By(kind, id, name): By,
        school: Option<&str>,
        what: &str,
        target: &str,
    ) -> Timestamp {
        let mut log = self.log().await;
        assert_eq!(log.len(), self.known + 1, "{what}: {log:?}");
        self.known += 1;
        let line = log[0].as_object_mut().unwrap();
        assert!(line.remove("id").unwrap().is_string());
        let at = line.remove("created_at").unwrap().as_i64().unwrap();
        let mut expected = json!({
            "actor_kind": kind, "actor_id": id, "actor_name": name, "action": what, "target": target,
        });
        if let Some(school) = school {
            expected["school_id"] = json!(school);
        }
        assert_eq!(log[0], expected);
        at
    }

    async fn wrote_nothing(&self) {
        let log = self.log().await;
        assert_eq!(log.len(), self.known, "{log:?}");
    }
}

fn id(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    answer.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn action_on_a_provider_is_one_line() {
    let mut office = Office::new().await;
    let (frida, otto) = (office.frida.clone(), office.otto.clone());
    for (name, browser) in [("frida", frida), ("otto", otto)] {
        let new = json!({
            "issuer": "https://id.example", "client_id": "portal", "client_secret": "geheim",
            "label": {"de": "Schulkonto", "en": "School account"},
        });
        let made = id(&browser.post(PROVIDERS, new).await, 201);
        let provider = format!("{PROVIDERS}/{made}");
        let school = Some("a");
        office
            .wrote(person(name), school, "provider.made", &made)
            .await;
        let change = json!({"client_secret": "geheimer", "shown": false});
        id(&browser.patch(&provider, change).await, 200);
        office
            .wrote(person(name), school, "provider.changed", &made)
            .await;
        let link = SignInLink {
            provider: made.clone(),
            subject: "clara-1".to_owned(),
            user: "id-clara".to_owned(),
            made: false,
            created_at: 1,
        };
        let linked = office.server.app.store.add_sign_in_link(&link).await;
        linked.unwrap().unwrap();
        let link = format!("{provider}/links/id-clara");
        assert_eq!(browser.delete(&link).await.status, 204);
        office
            .wrote(person(name), school, "provider.unlinked", &made)
            .await;
        browser.delete(&link).await.is_problem(404, "not_found");
        office.wrote_nothing().await;
        assert_eq!(browser.delete(&provider).await.status, 204);
        office
            .wrote(person(name), school, "provider.deleted", &made)
            .await;
        browser.delete(&provider).await.is_problem(404, "not_found");
        office.wrote_nothing().await;
    }
}

#[tokio::test]
async fn second_factor_that_is_removed_is_one_line() {
    let mut office = Office::new().await;
    let store = office.server.app.store.clone();
    let factor = "/api/v1/schools/a/users/id-clara/second-factor";
    let (what, school) = ("second_factor.removed", Some("a"));
    let (frida, otto) = (office.frida.clone(), office.otto.clone());
    for (name, browser) in [("frida", frida), ("otto", otto)] {
        assert!(store.begin_second_factor("id-clara", "x", 1).await.unwrap());
        assert_eq!(browser.delete(factor).await.status, 204);
        office.wrote(person(name), school, what, "id-clara").await;
        browser.delete(factor).await.is_problem(404, "not_found");
        office.wrote_nothing().await;
    }
    // At the command line, which goes by the clock of the machine.
    let admin = Admin::open(&office.server.app.config).await.unwrap();
    assert!(store.begin_second_factor("id-clara", "x", 1).await.unwrap());
    let before = clock::system().now();
    admin.remove_second_factor("clara").await.unwrap();
    let by = By("command_line", String::new(), String::new());
    let at = office.newest(by, school, what, "id-clara").await;
    assert!((before..=clock::system().now()).contains(&at), "{at}");
    assert!(admin.remove_second_factor("clara").await.is_err());
    office.wrote_nothing().await;
}

#[tokio::test]
async fn decision_on_a_request_is_one_line() {
    let mut office = Office::new().await;
    let key = office.server.key("a", &["teachers:write"]).await;
    let keys = office.frida.get("/api/v1/keys").await.body;
    let key_id = keys["keys"][0]["id"].as_str().unwrap().to_owned();
    let (frida, otto) = (office.frida.clone(), office.otto.clone());
    let words = || json!({"text": "Not of our school."});
    for action in ["ask", "refuse", "accept"] {
        let done = match action {
            "ask" => "request.asked_back",
            "refuse" => "request.refused",
            _ => "request.accepted",
        };
        for (name, browser) in [
            ("frida", Some(&frida)),
            ("otto", Some(&otto)),
            ("key", None),
        ] {
            // The person who asks is no administrator, and their address and their proof are not the log's.
            let email = format!("gerda.{action}.{name}@schule.example");
            let request = with_proof(&office.server, "Gerda Gast", &email).await;
            office.wrote_nothing().await;
            let path = format!("{REQUESTS}/{request}/{action}");
            let (answer, by) = match browser {
                Some(browser) => (browser.post(&path, words()).await, person(name)),
                None => {
                    let by = By("key", key_id.clone(), String::new());
                    (key.post(&path, words()).await, by)
                }
            };
            assert_eq!(id(&answer, 200), request);
            office.wrote(by, Some("a"), done, &request).await;
        }
    }
    // One that was decided is not decided again.
    let request = with_proof(&office.server, "Gerda Gast", "gerda@schule.example").await;
    let path = format!("{REQUESTS}/{request}/refuse");
    id(&frida.post(&path, words()).await, 200);
    let by = person("frida");
    office
        .wrote(by, Some("a"), "request.refused", &request)
        .await;
    frida.post(&path, words()).await.is_problem(409, "not_now");
    office.wrote_nothing().await;
}

#[tokio::test]
async fn action_on_a_drop_or_its_key_is_one_line() {
    let mut office = Office::new().await;
    let otto = office.otto.clone();
    let by = || person("otto");
    let keys = "/api/v1/operator-keys";
    let new = json!({"label": "Schlüssel", "recipient": RECIPIENTS[0], "identity": protected()});
    let key = id(&otto.post(keys, new).await, 201);
    let of_key = format!("{keys}/{key}");
    office.wrote(by(), None, "operator_key.made", &key).await;
    for change in [
        json!({"label": "Neuer Name"}),
        json!({"retired": true}),
        json!({"retired": false}),
    ] {
        id(&otto.patch(&of_key, change).await, 200);
        office.wrote(by(), None, "operator_key.changed", &key).await;
    }
    // A link that is taken back, and one by which a list came.
    for is_used in [false, true] {
        let made = otto
            .post("/api/v1/schools/a/sealed-drops", Value::Null)
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let drop = made.body["drop"]["id"].as_str().unwrap();
        office.wrote(by(), Some("a"), "drop.invited", drop).await;
        if is_used {
            let (_, token) = made.body["url"].as_str().unwrap().split_once('#').unwrap();
            let path = format!("/api/v1/drop-link/content?keys={key}");
            let list = office.server.browser().request(Method::PUT, &path);
            let list = list.header("content-type", "application/octet-stream");
            let sent = Answer::of(list.header("drop-token", token).body(sealed(1, 70))).await;
            assert!(sent.status < 300, "{sent:?}");
            // Who sent it has no account, and is no administrator.
            office.wrote_nothing().await;
            otto.delete(&of_key).await.is_problem(409, "key_needed");
            office.wrote_nothing().await;
        }
        let path = format!("/api/v1/sealed-drops/{drop}");
        assert_eq!(otto.delete(&path).await.status, 204);
        office.wrote(by(), Some("a"), "drop.closed", drop).await;
        otto.delete(&path).await.is_problem(404, "not_found");
        office.wrote_nothing().await;
    }
    assert_eq!(otto.delete(&of_key).await.status, 204);
    office.wrote(by(), None, "operator_key.deleted", &key).await;
    otto.delete(&of_key).await.is_problem(404, "not_found");
    office.wrote_nothing().await;
}

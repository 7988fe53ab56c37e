//! Ways to accounts, and to lists of those who shall have one.

use std::sync::Arc;

use super::made;
use crate::common::key::Key;
use crate::common::teacher_request::with_proof;
use crate::common::{Answer, Browser, TestServer};
use crate::sealed_drops::{RECIPIENTS, protected};
use crate::single_sign_on::provider::Provider;
use crate::single_sign_on::register;
use crate::single_sign_on::visitor::Visitor;
use kmz_meet_server::accounts::paper_link;
use kmz_meet_server::clock::Clock;
use kmz_meet_server::store::{LinkPurpose, User, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

const IMPORTS: &str = "/api/v1/schools/a/teacher-imports";
const TEACHERS: &str = "/api/v1/schools/a/teachers";

/// A way to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A list is confirmed.
    Import,
    /// A teacher's own request is accepted.
    Request,
    /// Letters for accounts that were imported.
    Letters,
    /// The link of such a letter.
    FirstPassword,
    /// The first sign-in by a provider.
    SingleSignOn,
    /// A link by which a school sends its list.
    Drop,
    /// One account is made.
    New,
    /// A letter to one account, which has no password yet.
    Letter,
    /// A letter to an account in use.
    LetterOfUsed,
    /// A mail to one account, which has no password yet.
    Mail,
    /// A mail to an account in use.
    MailOfUsed,
    /// An account is unlocked.
    Unlock,
}

/// What was made while the contract held.
pub struct Accounts {
    requests: Vec<String>,
    import: String,
    first_password: String,
    provider: Arc<Provider>,
    provider_id: String,
    operator: Browser,
    admin: Browser,
    /// The id of an account without a password.
    unused: String,
    /// Ids of accounts in use: each gets few mails in an hour.
    used: Vec<String>,
}

/// Sends a list; gives the id of the import.
async fn sends_list(key: &Key, number: usize) -> String {
    let list = format!("Vorname;Nachname;E-Mail\r\nAnna;Au;anna{number}@schule.example\r\n");
    let sent = Answer::of(key.request(Method::POST, IMPORTS).body(list)).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    sent.body["id"].as_str().unwrap().to_owned()
}

async fn act(key: &Key, import: &str, action: &str) -> Answer {
    let path = format!("{IMPORTS}/{import}/{action}");
    Answer::of(key.request(Method::POST, &path)).await
}

/// An account with an address. Nobody signs in with the password that it may have.
async fn account(server: &TestServer, username: &str, password_hash: &str) -> User {
    let user = User {
        id: format!("id-{username}"),
        school: "a".to_owned(),
        username: username.to_owned(),
        name: "Frau Neu".to_owned(),
        role: UserRole::Moderator,
        password_hash: password_hash.to_owned(),
        email: format!("{username}@schule.example").parse().ok(),
        created_at: 0,
    };
    let school = server.open_school("a").await;
    let added = server.app.store.add_user(&school, &user).await;
    added.unwrap().unwrap();
    user
}

/// The token of a link to the first password of an account that has none.
async fn first_password(server: &TestServer) -> String {
    let (app, user) = (&server.app, account(server, "neu", "").await);
    let link = paper_link(
        &app.store,
        &app.public_url,
        app.clock.now(),
        &user,
        LinkPurpose::FirstPassword,
    )
    .await;
    link.unwrap().split_once('#').unwrap().1.to_owned()
}

impl Accounts {
    pub async fn new(server: &TestServer, key: &Key) -> Self {
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        server.person("b", "otto", UserRole::Operator).await;
        let operator = server.signed_in("otto").await;
        let operator_key =
            json!({"label": "Key", "recipient": RECIPIENTS[0], "identity": protected()});
        assert!(made(
            &operator.post("/api/v1/operator-keys", operator_key).await
        ));
        let import = sends_list(key, 0).await;
        assert_eq!(act(key, &import, "confirm").await.status, 202);
        let path = format!("{IMPORTS}/{import}");
        while key.get(&path).await.body["state"] == "running" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let provider = Provider::start().await;
        let admin = server.signed_in("frida").await;
        let mut requests = Vec::new();
        let mut used = Vec::new();
        for number in 0..5 {
            let email = format!("gerda{number}@schule.example");
            requests.push(with_proof(server, "Gerda Gast", &email).await);
            used.push(account(server, &format!("used{number}"), "hash").await.id);
        }
        Self {
            requests,
            import,
            first_password: first_password(server).await,
            provider_id: register(&admin, "a", &provider, json!({})).await,
            provider,
            operator,
            admin,
            unused: account(server, "unused", "").await.id,
            used,
        }
    }

    /// Goes this way. True: it led to what it is for.
    pub async fn lead(&mut self, server: &TestServer, key: &Key, way: Way, number: usize) -> bool {
        match way {
            Way::Import => {
                let import = sends_list(key, number).await;
                let confirmed = act(key, &import, "confirm").await;
                permitted(&confirmed, 202)
            }
            Way::Request => {
                let id = self.requests.last().unwrap();
                let path = format!("/api/v1/schools/a/teacher-requests/{id}/accept");
                let accepted = Answer::of(key.request(Method::POST, &path)).await;
                let leads = permitted(&accepted, 200);
                if leads {
                    self.requests.pop();
                }
                leads
            }
            Way::Letters => permitted(&act(key, &self.import, "letters").await, 200),
            Way::FirstPassword => {
                let link = json!({"token": self.first_password});
                let opened = server.browser().post("/api/v1/password/link", link).await;
                permitted(&opened, 200)
            }
            Way::SingleSignOn => {
                let claims = json!({"sub": format!("person-{number}"), "name": "Frau S"});
                let now = server.clock.now() / 1_000;
                self.provider.set(|book| {
                    book.more = claims.clone();
                    book.twist = Some(Box::new(move |token| {
                        (token["iat"], token["exp"]) = (json!(now), json!(now + 60));
                    }));
                });
                let mut visitor = Visitor::new(server);
                let page = visitor.goes(&self.provider_id, &self.provider, claims);
                let page = page.await;
                let leads = page.status.is_redirection();
                if !leads {
                    page.refuses("no_contract");
                }
                leads
            }
            Way::Drop => {
                let path = "/api/v1/schools/a/sealed-drops";
                let invited = self.operator.post(path, Value::Null).await;
                let leads = permitted(&invited, 201);
                if leads {
                    let id = invited.body["drop"]["id"].as_str().unwrap();
                    let drop = format!("/api/v1/sealed-drops/{id}");
                    assert_eq!(self.operator.delete(&drop).await.status, 204);
                }
                leads
            }
            Way::New => {
                let new = json!({"name": format!("Nina Neu {number}")});
                made(&key.post(TEACHERS, new).await)
            }
            Way::Letter => {
                let path = format!("{TEACHERS}/{}/letter", self.unused);
                permitted(&Answer::of(key.request(Method::POST, &path)).await, 200)
            }
            Way::LetterOfUsed => {
                let path = format!("{TEACHERS}/id-clara/letter");
                let letter = self.admin.request(Method::POST, &path);
                permitted(&Answer::of(letter).await, 200)
            }
            Way::Mail => {
                let path = format!("{TEACHERS}/{}/mail", self.unused);
                permitted(&Answer::of(key.request(Method::POST, &path)).await, 204)
            }
            Way::MailOfUsed => {
                let path = format!("{TEACHERS}/{}/mail", self.used.last().unwrap());
                let leads = permitted(&Answer::of(key.request(Method::POST, &path)).await, 204);
                if leads {
                    self.used.pop();
                }
                leads
            }
            Way::Unlock => {
                let path = format!("{TEACHERS}/id-clara");
                let locked = key.patch(&path, json!({"locked": true})).await;
                assert_eq!(locked.status, 200, "{locked:?}");
                permitted(&key.patch(&path, json!({"locked": false})).await, 200)
            }
        }
    }
}

fn permitted(answer: &Answer, status: u16) -> bool {
    if answer.status != status {
        answer.is_problem(403, "no_contract");
    }
    answer.status == status
}

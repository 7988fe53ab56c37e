//! Signing in by a provider of the school, and the many ways in which that must not work.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

pub mod provider;
mod settings;
pub mod visitor;

use std::sync::Arc;
use std::time::Duration;

use crate::common::app_code::app_code;
use crate::common::{Answer, Browser, TestServer};
use kmz_meet_server::store::{Contract, SignInLink, UserRole};
use provider::{CLIENT, Fails, Provider, SECRET, Signs};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use visitor::Visitor;

/// Changes the claims of a token.
type Twist = fn(&mut Value);

/// A school with a domain, its administrator, and a provider.
struct World {
    server: TestServer,
    provider: Arc<Provider>,
    admin: Browser,
    id: String,
}

impl World {
    async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// The same, with more in the registration of the provider.
    async fn with(more: Value) -> Self {
        let server = TestServer::with_school().await;
        server
            .execute("UPDATE schools SET domains = '[\"schule.example\"]' WHERE id = 'a'")
            .await;
        server.person("a", "frida", UserRole::SchoolAdmin).await;
        let admin = server.signed_in("frida").await;
        let provider = Provider::start().await;
        let id = register(&admin, "a", &provider, more).await;
        Self {
            server,
            provider,
            admin,
            id,
        }
    }

    fn visitor(&self) -> Visitor {
        Visitor::new(&self.server)
    }

    async fn goes(&self, visitor: &mut Visitor, claims: Value) -> visitor::Page {
        visitor.goes(&self.id, &self.provider, claims).await
    }

    async fn change(&self, change: Value) {
        let path = format!("/api/v1/schools/a/sign-in-providers/{}", self.id);
        let answer = self.admin.patch(&path, change).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

pub async fn register(admin: &Browser, school: &str, provider: &Provider, more: Value) -> String {
    let mut new = json!({
        "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET,
        "label": {"de": "Mit dem Schulkonto", "en": "With the school account"},
    });
    for (name, value) in more.as_object().unwrap() {
        new[name] = value.clone();
    }
    let path = format!("/api/v1/schools/{school}/sign-in-providers");
    let made = admin.post(&path, new).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["id"].as_str().unwrap().to_owned()
}

fn berta() -> Value {
    json!({
        "sub": "berta-1", "name": "Berta Beispiel", "email": "Berta@schule.example", "email_verified": true,
    })
}

#[tokio::test]
async fn first_sign_in_makes_an_account_and_the_second_finds_it() {
    let world = World::new().await;
    // Some providers say most of it only where they are asked.
    world.provider.set(|book| book.more = berta());
    let mut visitor = world.visitor();
    let page = visitor
        .open(&format!("/sign-in/oidc/{}?next=/account", world.id))
        .await;
    let page = page.location.unwrap().parse().unwrap();
    let query = world.provider.signed_in(&page, json!({"sub": "berta-1"}));
    visitor.comes_back(&query).await.leads_to("/account");
    let user = visitor.user().await;
    assert_eq!(user["name"], "Berta Beispiel");
    assert_eq!(user["username"], "berta@schule.example");
    assert_eq!(user["role"], "moderator");
    assert_eq!(user["school"]["id"], "a");
    assert!(!visitor.cookies.contains_key("__Host-kmz_login"));

    let mut again = world.visitor();
    // They are called differently now, and the provider says so.
    let mut married = berta();
    married["name"] = json!("Berta Neu");
    world.goes(&mut again, married).await.leads_to("/rooms");
    let second = again.user().await;
    assert_eq!(second["id"], user["id"]);
    assert_eq!(second["name"], "Berta Neu");
    // Nobody signs in to such an account by a password, not even by none.
    for password in ["", "berta@schule.example"] {
        let browser = world.server.browser();
        let answer = browser.sign_in("berta@schule.example", password).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let rooms = again.json(Method::POST, "/api/v1/rooms", Some(json!({})));
    assert!(rooms.await["id"].is_string());
}

#[tokio::test]
async fn id_token_that_is_wrong_signs_nobody_in() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let now = 1_800_000_000;
    let cases: [(&str, Signs, Twist); 17] = [
        ("token_nonce", Signs::Right, |claims| {
            claims["nonce"] = json!("another");
        }),
        ("token_nonce", Signs::Right, |claims| {
            claims.as_object_mut().unwrap().remove("nonce");
        }),
        ("token_issuer", Signs::Right, |claims| {
            claims["iss"] = json!("https://other.example");
        }),
        ("token_audience", Signs::Right, |claims| {
            claims["aud"] = json!("another client");
        }),
        ("token_audience", Signs::Right, |claims| {
            claims["aud"] = json!([CLIENT, "another client"]);
        }),
        ("token_audience", Signs::Right, |claims| {
            claims["azp"] = json!("another client");
        }),
        ("token_algorithm", Signs::ByRs512, |_| {}),
        ("token_algorithm", Signs::WithPublicKeyAsSecret, |_| {}),
        ("token_algorithm", Signs::WithClientSecret, |_| {}),
        ("token_unsigned", Signs::Not, |_| {}),
        ("token_signature", Signs::WithAnotherKey, |_| {}),
        ("token_unknown_key", Signs::WithUnknownKey, |_| {}),
        ("token_expired", Signs::Right, |claims| {
            claims["exp"] = json!(1_800_000_000 - 61);
        }),
        ("token_expired", Signs::Right, |claims| {
            claims["iat"] = json!(1_800_000_000 - 3_600);
        }),
        ("token_not_yet", Signs::Right, |claims| {
            claims["iat"] = json!(1_800_000_000 + 120);
        }),
        ("token_not_yet", Signs::Right, |claims| {
            claims["nbf"] = json!(1_800_000_000 + 120);
        }),
        ("token_at_hash", Signs::Right, |claims| {
            claims["at_hash"] = json!("of another token");
        }),
    ];
    for (code, signs, twist) in cases {
        world.provider.set(|book| {
            book.signs = signs;
            book.twist = Some(Box::new(twist));
        });
        let mut visitor = world.visitor();
        world.goes(&mut visitor, berta()).await.refuses(code);
        assert_eq!(visitor.user().await, Value::Null, "{code}");
        assert!(!visitor.cookies.contains_key("__Host-kmz_session"));
    }
    // A clock that is a little wrong is none of these.
    for skew in [-30, 30] {
        world.provider.set(|book| {
            book.signs = Signs::Right;
            book.twist = Some(Box::new(move |claims| {
                claims["iat"] = json!(now + skew);
                claims["exp"] = json!(now + skew + 1);
            }));
        });
        let page = world.goes(&mut world.visitor(), berta()).await;
        page.leads_to("/rooms");
    }
}

#[tokio::test]
async fn answer_that_is_not_of_this_login_signs_nobody_in() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    // The state of another browser: somebody leads a victim into their own account.
    let mut attacker = world.visitor();
    let page = attacker.begins(&world.id).await;
    let stolen = world.provider.signed_in(&page, berta());
    let mut victim = world.visitor();
    victim.comes_back(&stolen).await.refuses("no_login");
    let page = victim.begins(&world.id).await;
    victim.comes_back(&stolen).await.refuses("wrong_state");
    for query in ["", "state=", "state=x&code=y", "code=y"] {
        victim.comes_back(query).await.refuses("wrong_state");
    }
    let twice = world.provider.signed_in(&page, berta());
    let query = format!("{twice}&{twice}");
    victim.comes_back(&query).await.refuses("wrong_state");
    // None of that ends the login that is under way.
    victim.comes_back(&twice).await.leads_to("/rooms");
    assert_eq!(world.provider.book.lock().unwrap().codes_tried, 1);

    // A cookie that is not ours.
    let mut visitor = world.visitor();
    let page = visitor.begins(&world.id).await;
    let query = world.provider.signed_in(&page, berta());
    let mut changed = visitor.cookies["__Host-kmz_login"].clone();
    changed.replace_range(
        40..41,
        if changed.as_bytes()[40] == b'A' {
            "B"
        } else {
            "A"
        },
    );
    visitor
        .cookies
        .insert("__Host-kmz_login".to_owned(), changed);
    visitor.comes_back(&query).await.refuses("no_login");
}

#[tokio::test]
async fn answer_that_was_used_or_is_too_late_signs_nobody_in() {
    let world = World::new().await;
    let mut visitor = world.visitor();
    let page = visitor.begins(&world.id).await;
    let query = world.provider.signed_in(&page, berta());
    world.provider.set(|book| book.more = berta());
    let kept = visitor.cookies.clone();
    visitor.comes_back(&query).await.leads_to("/rooms");
    // Somebody who read both along: the state is spent.
    let mut thief = world.visitor();
    thief.cookies.clone_from(&kept);
    thief.comes_back(&query).await.refuses("used_state");
    assert_eq!(world.provider.book.lock().unwrap().codes_tried, 1);
    // The code in a login of one's own: the provider knows that it is used.
    let mut other = world.visitor();
    let page = other.begins(&world.id).await;
    let own = world.provider.signed_in(&page, berta());
    let code = |query: &str| query.split('&').next().unwrap().to_owned();
    let injected = own.replace(&code(&own), &code(&query));
    other.comes_back(&injected).await.refuses("code_refused");
    // And one that is not used belongs to the verifier of another login.
    let page = visitor.begins(&world.id).await;
    let fresh = world.provider.signed_in(&page, berta());
    let page = other.begins(&world.id).await;
    let own = world.provider.signed_in(&page, berta());
    let injected = own.replace(&code(&own), &code(&fresh));
    other.comes_back(&injected).await.refuses("code_refused");

    let page = visitor.begins(&world.id).await;
    let query = world.provider.signed_in(&page, berta());
    world.server.clock.advance(Duration::from_mins(10));
    visitor.comes_back(&query).await.refuses("no_login");
}

#[tokio::test]
async fn answer_of_another_provider_signs_nobody_in() {
    let world = World::new().await;
    world.provider.set(|book| {
        book.more = berta();
        book.names_issuer = true;
    });
    let other = Provider::start().await;
    let begun = async |visitor: &mut Visitor| {
        let page = visitor.begins(&world.id).await;
        world.provider.signed_in(&page, berta())
    };
    let mut visitor = world.visitor();
    let query = begun(&mut visitor).await;
    let (without, _) = query.split_once("&iss=").unwrap();
    visitor.comes_back(without).await.refuses("other_provider");
    let query = begun(&mut visitor).await;
    let (without, _) = query.split_once("&iss=").unwrap();
    let mixed = format!("{without}&iss={}", other.issuer);
    visitor.comes_back(&mixed).await.refuses("other_provider");
    assert_eq!(world.provider.book.lock().unwrap().codes_tried, 0);
    let query = begun(&mut visitor).await;
    visitor.comes_back(&query).await.leads_to("/rooms");
    // A provider that calls itself as another is called is none.
    let impostor = Provider::start().await;
    impostor.set(|book| book.calls_itself = Some(world.provider.issuer.clone()));
    let id = register(&world.admin, "a", &impostor, json!({})).await;
    let page = visitor.open(&format!("/sign-in/oidc/{id}")).await;
    page.refuses("provider_wrong_issuer");
    // What it says beside the token must be of the same person.
    world
        .provider
        .set(|book| book.more = json!({"sub": "clara-2"}));
    world
        .goes(&mut visitor, berta())
        .await
        .refuses("other_person");
}

#[tokio::test]
async fn sign_in_that_leads_to_a_foreign_page_is_refused() {
    let world = World::new().await;
    let mut visitor = world.visitor();
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "javascript:alert(1)",
        "/rooms&next=//evil.example",
        "",
    ] {
        let path = format!("/sign-in/oidc/{}?next={next}", world.id);
        visitor.open(&path).await.refuses("foreign_target");
    }
    assert!(!visitor.cookies.contains_key("__Host-kmz_login"));
    let unknown = visitor.open("/sign-in/oidc/nobody").await;
    unknown.refuses("unknown_provider");
    // A person who says no there.
    let page = visitor.begins(&world.id).await;
    let state = page
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap();
    let query = format!("error=access_denied&state={}", state.1);
    visitor.comes_back(&query).await.refuses("not_permitted");
}

#[tokio::test]
async fn address_that_is_not_confirmed_or_of_another_domain_makes_no_account() {
    let world = World::new().await;
    let of = |change: fn(&mut Value)| {
        let mut claims = berta();
        change(&mut claims);
        claims
    };
    let cases: [(&str, Twist); 5] = [
        ("address_unconfirmed", |claims| {
            claims["email_verified"] = json!(false);
        }),
        ("address_unconfirmed", |claims| {
            claims.as_object_mut().unwrap().remove("email_verified");
        }),
        ("address_domain", |claims| {
            claims["email"] = json!("berta@mail.example");
        }),
        ("address_domain", |claims| {
            claims["email"] = json!("berta@sub.schule.example");
        }),
        ("address_missing", |claims| {
            claims["email"] = json!("berta@schule.example, x@schule.example");
        }),
    ];
    for (code, change) in cases {
        world.provider.set(|book| book.more = of(change));
        let page = world.goes(&mut world.visitor(), of(change)).await;
        page.refuses(code);
    }
    // Where the school has no domains, the address decides nothing.
    world
        .server
        .execute("UPDATE schools SET domains = '[]' WHERE id = 'a'")
        .await;
    let nameless = json!({"sub": "pseudonym-7"});
    world.provider.set(|book| book.more = nameless.clone());
    let mut visitor = world.visitor();
    world.goes(&mut visitor, nameless).await.leads_to("/rooms");
    assert_eq!(visitor.user().await["name"], "N. N.");
}

#[tokio::test]
async fn school_without_a_contract_gets_no_account() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    for state in [Contract::Requested, Contract::FormSent, Contract::Ended] {
        world.server.set_contract("a", state, None).await;
        let page = world.goes(&mut world.visitor(), berta()).await;
        page.refuses("no_contract");
    }
    let expired = Some(1_800_000_000_000);
    world
        .server
        .set_contract("a", Contract::Signed, expired)
        .await;
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("no_contract");
    world.server.set_contract("a", Contract::Signed, None).await;
    world.change(json!({"makes_accounts": false})).await;
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("no_account");
    world.change(json!({"makes_accounts": true})).await;
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.leads_to("/rooms");
}

#[tokio::test]
async fn locked_account_stays_locked_and_an_operator_signs_in_by_the_password() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let mut visitor = world.visitor();
    world.goes(&mut visitor, berta()).await.leads_to("/rooms");
    let user = visitor.user().await["id"].as_str().unwrap().to_owned();
    let store = &world.server.app.store;
    store.set_locked(&user, Some(1)).await.unwrap();
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("account_locked");
    store.set_locked(&user, None).await.unwrap();
    // Somebody made them an operator since.
    let name = "Berta Beispiel";
    store
        .follow_provider(&user, name, UserRole::Operator)
        .await
        .unwrap();
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("operator");
    // An address of an operator links nothing either, whatever the school decided.
    world.change(json!({"links_by_address": true})).await;
    let claims = json!({
        "sub": "fake", "email": "otto@schule.example", "email_verified": true,
    });
    world
        .server
        .person("a", "otto@schule.example", UserRole::Operator)
        .await;
    world.provider.set(|book| book.more = claims.clone());
    let page = world.goes(&mut world.visitor(), claims).await;
    page.refuses("operator");
}

#[tokio::test]
async fn account_with_the_same_address_is_linked_after_its_password_only() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let name = "berta@schule.example";
    world.server.teacher("a", name).await;
    world.server.teacher("a", "clara").await;
    let mut visitor = world.visitor();
    let page = world.goes(&mut visitor, berta()).await;
    assert_eq!((page.status, page.code()), (StatusCode::OK, None));
    assert!(page.text.contains("Noch ein Schritt"), "{}", page.text);
    assert_eq!(visitor.user().await, Value::Null);
    // Another account at the same browser is not the one.
    let kept = visitor.cookies.clone();
    assert_eq!(
        visitor.signs_in("clara", "claraclara").await["username"],
        "clara"
    );
    let mut other = world.visitor();
    let page = world.goes(&mut other, berta()).await;
    assert!(page.text.contains("Noch ein Schritt"));
    // The right one, by its password.
    visitor.cookies = kept;
    assert_eq!(visitor.signs_in(name, "wrong").await, Value::Null);
    let user = visitor.signs_in(name, &name.repeat(2)).await;
    assert_eq!(user["username"], name);
    let mut again = world.visitor();
    world.goes(&mut again, berta()).await.leads_to("/rooms");
    let linked = again.user().await;
    assert_eq!(linked["id"], user["id"]);
    // It was not made by the provider, so it keeps its name.
    assert_eq!(linked["name"], user["name"]);
    // Somebody else with that address is not them: subjects are not given away.
    let mut impostor = berta();
    impostor["sub"] = json!("another");
    world.provider.set(|book| book.more = impostor.clone());
    world.change(json!({"links_by_address": true})).await;
    let page = world.goes(&mut world.visitor(), impostor.clone()).await;
    page.refuses("linked_otherwise");
    // The administrator may undo that.
    let path = format!(
        "/api/v1/schools/a/sign-in-providers/{}/links/{}",
        world.id,
        user["id"].as_str().unwrap()
    );
    assert_eq!(world.admin.delete(&path).await.status, 204);
    world.admin.delete(&path).await.is_problem(404, "not_found");
    let page = world.goes(&mut world.visitor(), impostor).await;
    page.leads_to("/rooms");
}

#[tokio::test]
async fn account_that_has_to_set_up_a_second_factor_is_linked_after_that() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let name = "berta@schule.example";
    world.server.teacher("a", name).await;
    let rule = json!({"second_factor": "required"});
    let required = world.admin.patch("/api/v1/school", rule).await;
    assert_eq!(required.status, 200, "{required:?}");
    let mut visitor = world.visitor();
    let page = world.goes(&mut visitor, berta()).await;
    assert!(page.text.contains("Noch ein Schritt"), "{}", page.text);
    let before = visitor.cookies.len();
    assert_eq!(visitor.signs_in(name, &name.repeat(2)).await, Value::Null);
    // The password alone links nothing.
    let id = format!("id-{name}");
    let links = async || {
        let list = world.server.app.store.traces_of_person(&id);
        list.await.unwrap().sign_in_links.len()
    };
    assert_eq!(links().await, 0);
    let path = "/api/v1/account/second-factor";
    let setup = visitor.json(Method::POST, path, Some(json!({}))).await;
    let code = json!({"code": app_code(&world.server, &setup)});
    let done = visitor.json(Method::PUT, path, Some(code)).await;
    assert_eq!(done["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(links().await, 1);
    assert_eq!(visitor.user().await["username"], name);
    // Two more, of the session and of the known browser, and the one of the link is gone.
    assert_eq!(visitor.cookies.len(), before + 1);
    let mut again = world.visitor();
    world.goes(&mut again, berta()).await.leads_to("/rooms");
}

#[tokio::test]
async fn account_of_another_school_is_never_linked() {
    let world = World::with(json!({"links_by_address": true})).await;
    world.server.school("b", Contract::Signed).await;
    world.provider.set(|book| book.more = berta());
    world.server.teacher("b", "berta@schule.example").await;
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("address_taken");
}

#[tokio::test]
async fn subject_of_one_provider_is_nobody_at_another() {
    let world = World::new().await;
    world.server.school("b", Contract::Signed).await;
    world
        .server
        .person("b", "erna", UserRole::SchoolAdmin)
        .await;
    let admin = world.server.signed_in("erna").await;
    let other = Provider::start().await;
    let id = register(&admin, "b", &other, json!({})).await;
    world.provider.set(|book| book.more = berta());
    let mut visitor = world.visitor();
    world.goes(&mut visitor, berta()).await.leads_to("/rooms");
    let first = visitor.user().await;
    let same = json!({"sub": "berta-1", "name": "Berta B"});
    other.set(|book| book.more = same.clone());
    let mut elsewhere = world.visitor();
    let page = elsewhere.goes(&id, &other, same).await;
    page.leads_to("/rooms");
    let second = elsewhere.user().await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["school"]["id"], "b");
}

#[tokio::test]
async fn role_and_school_come_from_the_claims_that_the_school_named() {
    let world = World::with(json!({"claims": {
        "role": "realm_access.roles", "teachers": ["lehrer"], "administrators": ["schulleitung"],
        "school": "schulkennung", "schools": ["DE-BY-1"],
    }}))
    .await;
    let of = |roles: Value, school: &str| {
        let mut claims = berta();
        claims["realm_access"] = json!({"roles": roles});
        claims["schulkennung"] = json!(school);
        claims
    };
    let goes = async |claims: Value| {
        world.provider.set(|book| book.more = claims.clone());
        let mut visitor = world.visitor();
        let page = world.goes(&mut visitor, claims).await;
        (page, visitor)
    };
    let (page, _) = goes(of(json!(["schueler"]), "DE-BY-1")).await;
    page.refuses("no_teacher");
    let (page, _) = goes(of(json!(["lehrer"]), "DE-BY-2")).await;
    page.refuses("other_school");
    let (page, mut visitor) = goes(of(json!(["lehrer"]), "DE-BY-1")).await;
    page.leads_to("/rooms");
    assert_eq!(visitor.user().await["role"], "moderator");
    let (_, mut visitor) = goes(of(json!(["lehrer", "schulleitung"]), "DE-BY-1")).await;
    assert_eq!(visitor.user().await["role"], "school_admin");
    // And not any more.
    let (_, mut visitor) = goes(of(json!(["lehrer"]), "DE-BY-1")).await;
    assert_eq!(visitor.user().await["role"], "moderator");
    let (page, _) = goes(of(json!([]), "DE-BY-1")).await;
    page.refuses("no_teacher");
}

#[tokio::test]
async fn provider_with_a_new_key_is_asked_for_it_and_not_too_often() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    world
        .goes(&mut world.visitor(), berta())
        .await
        .leads_to("/rooms");
    let read = || world.provider.book.lock().unwrap().keys_read;
    assert_eq!(read(), 1);
    world.provider.has_a_new_key();
    world.server.clock.advance(Duration::from_secs(10));
    world
        .goes(&mut world.visitor(), berta())
        .await
        .leads_to("/rooms");
    assert_eq!(read(), 2);
    world
        .provider
        .set(|book| book.signs = Signs::WithUnknownKey);
    for _ in 0..3 {
        let page = world.goes(&mut world.visitor(), berta()).await;
        page.refuses("token_unknown_key");
    }
    assert_eq!(read(), 2);
}

#[tokio::test]
async fn provider_that_fails_is_told_in_words_and_left_alone_for_a_while() {
    for (fails, code) in [
        (Fails::Down, "provider_down"),
        (Fails::Hangs, "provider_slow"),
        (Fails::Huge, "provider_answer_too_long"),
    ] {
        let world = World::new().await;
        world.provider.set(|book| book.discovery = fails);
        let mut visitor = world.visitor();
        let path = format!("/sign-in/oidc/{}", world.id);
        visitor.open(&path).await.refuses(code);
        // It is not asked again at once.
        world.provider.set(|book| book.discovery = Fails::Not);
        visitor.open(&path).await.refuses(code);
        world.server.clock.advance(Duration::from_secs(5));
        let page = visitor.begins(&world.id).await;
        let query = world.provider.signed_in(&page, berta());
        world.provider.set(|book| book.token = fails);
        visitor.comes_back(&query).await.refuses(code);
    }
}

#[tokio::test]
async fn signing_out_goes_on_at_the_provider() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let mut visitor = world.visitor();
    world.goes(&mut visitor, berta()).await.leads_to("/rooms");
    let session = visitor.json(Method::GET, "/api/v1/session", None).await;
    let path = session["sign_out_path"].as_str().unwrap().to_owned();
    visitor.json(Method::DELETE, "/api/v1/session", None).await;
    assert_eq!(visitor.user().await, Value::Null);
    let page = visitor.open(&path).await;
    let there = page.location.unwrap();
    let expected = format!("{}/end?", world.provider.issuer);
    assert!(there.starts_with(&expected), "{there}");
    assert!(there.contains("client_id=kmz-meet"), "{there}");
    assert!(
        there.contains("signed-out") && !there.contains("id_token_hint"),
        "{there}"
    );
    let back = visitor.open("/sign-in/oidc/signed-out").await;
    assert!(back.text.contains("Du bist abgemeldet"), "{}", back.text);
    // Who signs in by the password has nothing to do there.
    visitor
        .open(&path)
        .await
        .leads_to("/sign-in/oidc/signed-out");
    world.server.teacher("a", "clara").await;
    visitor.signs_in("clara", "claraclara").await;
    let session = visitor.json(Method::GET, "/api/v1/session", None).await;
    assert_eq!(session["sign_out_path"], Value::Null);
}

#[tokio::test]
async fn sign_ins_beyond_the_limit_of_an_address_wait() {
    let server = TestServer::start_with(|config| {
        config.outgoing_loopback = true;
        config.api_requests_per_minute = 4;
    })
    .await;
    server.school("a", Contract::Signed).await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("frida").await;
    let provider = Provider::start().await;
    let id = register(&admin, "a", &provider, json!({})).await;
    let mut visitor = Visitor::new(&server);
    for _ in 0..4 {
        visitor.begins(&id).await;
    }
    let page = visitor.open(&format!("/sign-in/oidc/{id}")).await;
    page.refuses("too_many_requests");
    // Who came so far comes back, and signs out.
    for _ in 0..4 {
        visitor.comes_back("").await.refuses("wrong_state");
    }
    visitor.comes_back("").await.refuses("too_many_requests");
    let sign_out = "/sign-in/oidc/sign-out";
    for _ in 0..4 {
        let page = visitor.open(sign_out).await;
        page.leads_to("/sign-in/oidc/signed-out");
    }
    visitor.open(sign_out).await.refuses("too_many_requests");
}

#[tokio::test]
async fn provider_that_took_long_to_fail_rests_from_then_on() {
    let world = World::new().await;
    world.provider.set(|book| book.discovery = Fails::Hangs);
    let path = format!("/sign-in/oidc/{}", world.id);
    let (mut first, first_path) = (world.visitor(), path.clone());
    let first = tokio::spawn(async move { first.open(&first_path).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.server.clock.advance(Duration::from_secs(30));
    first.await.unwrap().refuses("provider_slow");
    world.provider.set(|book| book.discovery = Fails::Not);
    world.visitor().open(&path).await.refuses("provider_slow");
    world.server.clock.advance(Duration::from_secs(5));
    world.visitor().begins(&world.id).await;
}

#[tokio::test]
async fn account_without_a_password_is_not_asked_for_it() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let name = "berta@schule.example";
    world.server.teacher("a", name).await;
    world
        .server
        .execute("UPDATE users SET password_hash = '' WHERE username = 'berta@schule.example'")
        .await;
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("no_password");
    // One that another provider of the school made is told so.
    let link = SignInLink {
        provider: "another".to_owned(),
        subject: "1".to_owned(),
        user: format!("id-{name}"),
        made: true,
        created_at: 1,
    };
    let linked = world.server.app.store.add_sign_in_link(&link).await;
    linked.unwrap().unwrap();
    let page = world.goes(&mut world.visitor(), berta()).await;
    page.refuses("linked_otherwise");
}

#[tokio::test]
async fn address_in_a_domain_of_another_school_makes_no_account_at_a_school_without_domains() {
    let world = World::new().await;
    let server = &world.server;
    server.school("b", Contract::Signed).await;
    server
        .execute("UPDATE schools SET domains = '[]' WHERE id = 'a'")
        .await;
    server
        .execute("UPDATE schools SET domains = '[\"andere.example\"]' WHERE id = 'b'")
        .await;
    let of = |subject: &str, address: &str| json!({"sub": subject, "email": address, "email_verified": true});
    let goes = async |claims: Value| {
        world.provider.set(|book| book.more = claims.clone());
        world.goes(&mut world.visitor(), claims).await
    };
    let foreign = of("1", "chefin@andere.example");
    goes(foreign).await.refuses("address_domain");
    goes(of("2", "anna@mail.example")).await.leads_to("/rooms");
    // Nor is it imported there.
    let list = "Vorname;Nachname;E-Mail\r\nA;B;a@andere.example\r\nC;D;c@mail.example\r\n";
    let path = "/api/v1/schools/a/teacher-imports";
    let import = world.admin.request(Method::POST, path).body(list);
    let import = Answer::of(import).await.body;
    assert_eq!(import["verdicts"], json!({"new": 1, "wrong_domain": 1}));
}

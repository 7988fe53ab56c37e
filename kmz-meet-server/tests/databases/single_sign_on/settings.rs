//! What a school sets of its providers, and what strangers see of them.

use crate::common::TestServer;
use kmz_meet_server::store::{Contract, UserRole};
use serde_json::json;

use super::provider::{Provider, SECRET};
use super::{World, berta, register};

#[tokio::test]
async fn provider_never_shows_its_secret_and_is_stored_sealed() {
    let world = World::new().await;
    let path = "/api/v1/schools/a/sign-in-providers";
    let list = world.admin.get(path).await.body;
    let one = world.admin.get(&format!("{path}/{}", world.id)).await.body;
    assert_eq!(list["providers"][0], one);
    assert_eq!(one["algorithms"], json!(["RS256"]));
    assert_eq!(one["scope"], "profile email");
    let redirect = format!("{}/sign-in/oidc/callback", world.server.origin);
    assert_eq!(one["redirect_uri"], redirect);
    let store = &world.server.app.store;
    let raw = store.raw("sign_in_provider", &world.id).await.unwrap();
    let raw = raw.unwrap().data;
    for text in [list.to_string(), one.to_string(), raw] {
        assert!(!text.contains(SECRET), "{text}");
    }
    let changed =
        json!({"client_secret": "another", "shown": false, "algorithms": ["ES256", "ES256"]});
    let changed = world
        .admin
        .patch(&format!("{path}/{}", world.id), changed)
        .await;
    assert_eq!(changed.body["algorithms"], json!(["ES256"]));
    assert_eq!(changed.body["shown"], false);
    assert!(!changed.body.to_string().contains("another"));
    for wrong in [
        json!({"algorithms": []}),
        json!({"scope": ""}),
        json!({"claims": {"teachers": vec!["x"; 21]}}),
        json!({"client_secret": " "}),
    ] {
        let answer = world
            .admin
            .patch(&format!("{path}/{}", world.id), wrong)
            .await;
        answer.is_problem(422, "invalid");
    }
    for wrong in [
        json!({"algorithms": ["none"]}),
        json!({"algorithms": ["HS256"]}),
    ] {
        let answer = world
            .admin
            .patch(&format!("{path}/{}", world.id), wrong)
            .await;
        assert!(matches!(answer.status, 400 | 422), "{answer:?}");
    }
}

#[tokio::test]
async fn provider_at_an_address_of_the_own_network_is_refused() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    let admin = server.signed_in("frida").await;
    for issuer in [
        "http://127.0.0.1:1",
        "https://10.0.0.7",
        "http://id.example",
        "file:///etc/passwd",
    ] {
        let new = json!({"issuer": issuer, "client_id": "c", "client_secret": "s", "label": {"de": "A", "en": "B"}});
        let answer = admin.post("/api/v1/schools/a/sign-in-providers", new).await;
        answer.is_problem(422, "invalid");
    }
}

#[tokio::test]
async fn school_has_five_providers_at_most_and_loses_one_with_its_links() {
    let world = World::new().await;
    let path = "/api/v1/schools/a/sign-in-providers";
    for _ in 1..5 {
        register(&world.admin, "a", &world.provider, json!({})).await;
    }
    let new = json!({"issuer": world.provider.issuer, "client_id": "c", "client_secret": "s", "label": {"de": "A", "en": "B"}});
    let answer = world.admin.post(path, new).await;
    answer.is_problem(409, "too_many");
    world.provider.set(|book| book.more = super::berta());
    let mut visitor = world.visitor();
    let page = world.goes(&mut visitor, super::berta()).await;
    page.leads_to("/rooms");
    let one = format!("{path}/{}", world.id);
    assert_eq!(world.admin.delete(&one).await.status, 204);
    world.admin.get(&one).await.is_problem(404, "not_found");
    let store = &world.server.app.store;
    let link = store.sign_in_link(&world.id, "berta-1").await.unwrap();
    assert_eq!(link, None);
    // The account is there, and so is its session.
    assert_eq!(visitor.user().await["username"], "berta@schule.example");
    let page = visitor.open(&format!("/sign-in/oidc/{}", world.id)).await;
    page.refuses("unknown_provider");
}

#[tokio::test]
async fn operator_sets_the_providers_of_any_school_and_an_administrator_those_of_their_own() {
    let world = World::new().await;
    world.server.school("b", Contract::Signed).await;
    world.server.person("b", "otto", UserRole::Operator).await;
    world
        .server
        .person("b", "erna", UserRole::SchoolAdmin)
        .await;
    let path = format!("/api/v1/schools/a/sign-in-providers/{}", world.id);
    let operator = world.server.signed_in("otto").await;
    let change = json!({"shown": false});
    assert_eq!(operator.patch(&path, change.clone()).await.status, 200);
    let other = world.server.signed_in("erna").await;
    other
        .patch(&path, change)
        .await
        .is_problem(404, "not_found");
    // By the path of their own school, neither.
    let own = path.replace("/schools/a/", "/schools/b/");
    other.get(&own).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn sign_in_page_shows_what_schools_show_and_finds_one_by_its_name() {
    let world = World::new().await;
    let browser = world.server.browser();
    let shown = async |query: &str| {
        let answer = browser
            .get(&format!("/api/v1/sign-in-providers{query}"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    };
    let all = shown("").await;
    assert_eq!(
        all["providers"],
        json!([{
            "school": "School a", "label": {"de": "Mit dem Schulkonto", "en": "With the school account"},
            "sign_in_path": format!("/sign-in/oidc/{}", world.id),
        }])
    );
    assert_eq!(all["more"], false);
    world.change(json!({"shown": false})).await;
    assert_eq!(shown("").await["providers"], json!([]));
    let other = Provider::start().await;
    for number in 0..9 {
        let school = format!("s{number}");
        let admin = format!("admin{number}");
        world.server.school(&school, Contract::Signed).await;
        world
            .server
            .person(&school, &admin, UserRole::SchoolAdmin)
            .await;
        let admin = world.server.signed_in(&admin).await;
        register(&admin, &school, &other, json!({})).await;
    }
    let many = shown("").await;
    assert_eq!(
        (many["providers"].as_array().unwrap().len(), &many["more"]),
        (8, &json!(true))
    );
    let found = shown("?q=sCHOOL%20s7").await;
    assert_eq!(found["providers"].as_array().unwrap().len(), 1);
    assert_eq!(found["providers"][0]["school"], "School s7");
    assert_eq!(shown("?q=nowhere").await["providers"], json!([]));
    let long = format!("/api/v1/sign-in-providers?q={}", "a".repeat(201));
    browser.get(&long).await.is_problem(400, "bad_request");
}

#[tokio::test]
async fn role_of_an_account_that_a_provider_made_is_changed_at_the_provider() {
    let world = World::new().await;
    world.provider.set(|book| book.more = berta());
    let mut visitor = world.visitor();
    world.goes(&mut visitor, berta()).await.leads_to("/rooms");
    let id = visitor.user().await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/schools/a/teachers/{id}");
    let change = json!({"role": "school_admin", "locked": true});
    let refused = world.admin.patch(&path, change.clone()).await;
    refused.is_problem(409, "not_now");
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("claims.role"), "{detail}");
    let claims = json!({"claims": {"role": "rolle", "teachers": ["LEHR"]}});
    world.change(claims).await;
    let refused = world.admin.patch(&path, change).await;
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("claim rolle"), "{detail}");
    assert_eq!(visitor.user().await["role"], "moderator");
    // What the provider does not decide is the school's.
    let locked = world.admin.patch(&path, json!({"locked": true})).await;
    assert_eq!(locked.status, 200, "{locked:?}");
}

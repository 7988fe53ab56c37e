use reqwest::{Method, StatusCode};
use serde_json::json;

use super::World;
use kmz_meet_server::store::{Contract, UserRole};

const SCHOOLS: &str = "/api/v1/schools";

#[tokio::test]
async fn school_is_made_asked_for_found_and_changed_by_operators() {
    let world = World::new().await;
    let new = json!({"name": " Ärzte-Schule ", "domains": ["Schule.Example", "schule.example", "bücher.example"]});
    let made = world.operator.post(SCHOOLS, new).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["name"], "Ärzte-Schule");
    assert_eq!(made.body["contract"], "requested");
    assert_eq!(
        made.body["domains"],
        json!(["schule.example", "xn--bcher-kva.example"])
    );
    let id = made.body["id"].as_str().unwrap().to_owned();
    let again = json!({"name": "Ärzte-Schule"});
    let again = world.operator.post(SCHOOLS, again).await;
    again.is_problem(409, "school_taken");
    for search in [
        "?search=%C3%A4RZTE",
        "?search=BCHER-KVA",
        "?search=schule.ex",
    ] {
        let found = world.operator.get(&format!("{SCHOOLS}{search}")).await.body;
        assert_eq!(found["schools"][0]["id"], json!(id), "{search}: {found}");
        assert_eq!(found["schools"].as_array().unwrap().len(), 1, "{search}");
    }
    let path = format!("{SCHOOLS}/{id}");
    let changed = world.operator.patch(&path, json!({"name": "Neu"})).await;
    assert_eq!(changed.body["name"], "Neu", "{changed:?}");
    assert_eq!(changed.body["domains"][0], "schule.example");
    let taken = world.operator.patch(&path, json!({"name": "School a"}));
    taken.await.is_problem(409, "school_taken");
    for domain in ["de", "gmx.de", "a@schule.de", "", "schule"] {
        let wrong = json!({"domains": [domain]});
        let wrong = world.operator.patch(&path, wrong).await;
        wrong.is_problem(422, "invalid");
    }
    let many = json!({"domains": vec!["schule.example"; 21]});
    world
        .operator
        .patch(&path, many)
        .await
        .is_problem(422, "invalid");
    let nobody = world.operator.get(&format!("{SCHOOLS}/nobody")).await;
    nobody.is_problem(404, "not_found");
}

#[tokio::test]
async fn schools_are_listed_by_state_in_pages() {
    let world = World::new().await;
    for number in 0..5 {
        let name = json!({"name": format!("Schule {number}")});
        assert_eq!(world.operator.post(SCHOOLS, name).await.status, 201);
    }
    let soon = world.server.app.clock.now() + 20 * 24 * 3_600_000;
    world
        .server
        .set_contract("a", Contract::Signed, Some(soon))
        .await;
    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let page = format!("{SCHOOLS}?state=requested&limit=2{after}");
        let page = world.operator.get(&page).await.body;
        for school in page["schools"].as_array().unwrap() {
            names.push(school["name"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let expected: Vec<String> = (0..5).map(|number| format!("Schule {number}")).collect();
    assert_eq!(names, expected);
    let expiring = world
        .operator
        .get(&format!("{SCHOOLS}?state=expiring"))
        .await;
    assert_eq!(expiring.body["schools"][0]["id"], "a", "{expiring:?}");
    for wrong in ["?limit=0", "?limit=201", "?after=x", "?state=x", "?x=1"] {
        let wrong = world.operator.get(&format!("{SCHOOLS}{wrong}")).await;
        wrong.is_problem(400, "bad_request");
    }
    let long = "a".repeat(101);
    let long = world
        .operator
        .get(&format!("{SCHOOLS}?search={long}"))
        .await;
    long.is_problem(400, "bad_request");
}

#[tokio::test]
async fn change_of_a_school_that_was_changed_meanwhile_is_refused() {
    let world = World::new().await;
    let path = format!("{SCHOOLS}/a");
    let read = world.operator.request(Method::GET, &path).send().await;
    let tag = read.unwrap().headers()["etag"].to_str().unwrap().to_owned();
    let change = |domain: &str| {
        let request = world.operator.request(Method::PATCH, &path);
        let request = request.header("if-match", &tag);
        request.json(&json!({"domains": [domain]})).send()
    };
    assert_eq!(change("a.example").await.unwrap().status(), 200);
    let late = change("b.example").await.unwrap();
    assert_eq!(late.status(), StatusCode::PRECONDITION_FAILED);
    let school = world.operator.get(&path).await.body;
    assert_eq!(school["domains"], json!(["a.example"]));
}

#[tokio::test]
async fn school_admin_sees_the_state_of_the_own_contract_and_changes_nothing() {
    let world = World::new().await;
    world.sign(&super::pdf("1"), Some("2027-12-31")).await;
    world
        .server
        .person("a", "anna", UserRole::SchoolAdmin)
        .await;
    world
        .server
        .person("home", "hans", UserRole::SchoolAdmin)
        .await;
    let anna = world.server.signed_in("anna").await;
    let own = anna.get("/api/v1/schools/a/contract").await;
    assert_eq!(own.body["state"], "signed");
    assert_eq!(own.body["last_day"], "2027-12-31");
    // Who did what at the operator's, and the papers, are the operator's business.
    assert_eq!(own.body.get("history"), None, "{own:?}");
    assert_eq!(own.body.get("documents"), None, "{own:?}");
    assert!(!own.body.to_string().contains("otto"));
    assert_eq!(anna.get("/api/v1/schools/a").await.status, 200);
    let hans = world.server.signed_in("hans").await;
    for path in ["/api/v1/schools/a", "/api/v1/schools/a/contract"] {
        hans.get(path).await.is_problem(404, "not_found");
    }
    let key = world.server.key("a", &[]).await;
    assert_eq!(key.get("/api/v1/schools/a/contract").await.status, 200);
    let end = json!({"step": "end"});
    let changes = "/api/v1/schools/a/contract/changes";
    anna.post(changes, end.clone())
        .await
        .is_problem(403, "not_permitted");
    key.post(changes, end)
        .await
        .is_problem(403, "not_permitted");
    let rename = json!({"domains": []});
    anna.patch("/api/v1/schools/a", rename)
        .await
        .is_problem(403, "not_permitted");
    super::upload(&anna, super::pdf("2"))
        .await
        .is_problem(403, "not_permitted");
    assert_eq!(world.contract().await["state"], "signed");
}

use reqwest::Method;
use serde_json::json;

use super::{World, pdf};
use kmz_meet_server::store::UserRole;

async fn text(world: &World, path: &str, language: &str) -> (String, String) {
    let request = world.operator.request(Method::GET, path);
    let request = request.header("accept-language", language);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let named = answer.headers()["content-disposition"].to_str().unwrap();
    let named = named.to_owned();
    assert!(named.starts_with("attachment;"), "{named}");
    (named, answer.text().await.unwrap())
}

#[tokio::test]
async fn form_is_made_of_what_is_set_in_both_languages() {
    let world = World::new().await;
    let path = "/api/v1/schools/a/contract/form";
    let (named, german) = text(&world, path, "de").await;
    assert!(named.contains("vertrag"), "{named}");
    for part in [
        "School a",
        "Art. 28 DSGVO",
        "muss ihn prüfen",
        &world.server.origin,
    ] {
        assert!(german.contains(part), "{part}: {german}");
    }
    let (_, english) = text(&world, path, "en").await;
    assert!(english.contains("must check it"), "{english}");
    // The school's administrator may print it.
    world.sign(&pdf("1"), None).await;
    world
        .server
        .person("a", "anna", UserRole::SchoolAdmin)
        .await;
    let anna = world.server.signed_in("anna").await;
    assert_eq!(anna.get(path).await.status, 200);
}

#[tokio::test]
async fn list_of_a_year_has_no_formulas_and_no_years_to_come() {
    let world = World::new().await;
    let rename = json!({"name": "@SUM(1+1)*cmd|' /C calc'!A0"});
    let renamed = world.operator.patch("/api/v1/schools/a", rename).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert_eq!(world.sign(&pdf("1"), Some("2027-07-31")).await.status, 201);
    let (_, csv) = text(&world, "/api/v1/contract-lists/2027/csv", "de").await;
    let row = "\"'@SUM(1+1)*cmd|' /C calc'!A0\";\"gültig\";\"2027-01-15\";\"Frau Leitung\";\"2027-07-31\";";
    assert!(csv.contains(row), "{csv}");
    let (_, paper) = text(&world, "/api/v1/contract-lists/2027/paper", "en").await;
    assert!(paper.contains("Data-processing agreements 2027"), "{paper}");
    for year in ["2028", "0", "-5", "40000", "x"] {
        let none = format!("/api/v1/contract-lists/{year}/csv");
        let none = world.operator.get(&none).await;
        none.is_problem(404, "not_found");
    }
}

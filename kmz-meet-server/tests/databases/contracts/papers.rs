use reqwest::Method;
use serde_json::json;

use super::{World, pdf};
use kmz_meet_server::store::UserRole;

async fn file(world: &World, path: &str, language: &str) -> (String, Vec<u8>) {
    let request = world.operator.request(Method::GET, path);
    let request = request.header("accept-language", language);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let named = answer.headers()["content-disposition"].to_str().unwrap();
    let named = named.to_owned();
    assert!(named.starts_with("attachment;"), "{named}");
    (named, answer.bytes().await.unwrap().into())
}

#[tokio::test]
async fn form_is_a_pdf_in_both_languages() {
    let world = World::new().await;
    let path = "/api/v1/schools/a/contract/form";
    let (named, german) = file(&world, path, "de").await;
    assert!(named.contains("vertrag.pdf"), "{named}");
    let (named, english) = file(&world, path, "en").await;
    assert!(named.contains("agreement.pdf"), "{named}");
    assert!(german.starts_with(b"%PDF-1.7") && english.starts_with(b"%PDF-1.7"));
    assert_ne!(german, english);
    // The school's administrator may print it.
    world.sign(&pdf("1"), None).await;
    world
        .server
        .person("a", "anna", UserRole::SchoolAdmin)
        .await;
    let anna = world.server.signed_in("anna").await;
    let own = anna.request(Method::GET, path).send().await.unwrap();
    assert_eq!(own.headers()["content-type"], "application/pdf");
}

#[tokio::test]
async fn list_of_a_year_has_no_formulas_and_no_years_to_come() {
    let world = World::new().await;
    let rename = json!({"name": "@SUM(1+1)*cmd|' /C calc'!A0"});
    let renamed = world.operator.patch("/api/v1/schools/a", rename).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert_eq!(world.sign(&pdf("1"), Some("2027-07-31")).await.status, 201);
    let (_, csv) = file(&world, "/api/v1/contract-lists/2027/csv", "de").await;
    let csv = String::from_utf8(csv).unwrap();
    let row = "\"'@SUM(1+1)*cmd|' /C calc'!A0\";\"gültig\";\"2027-01-15\";\"Frau Leitung\";\"2027-07-31\";";
    assert!(csv.contains(row), "{csv}");
    let (named, paper) = file(&world, "/api/v1/contract-lists/2027/paper", "en").await;
    assert!(named.contains("agreements.pdf"), "{named}");
    assert!(paper.starts_with(b"%PDF-1.7"));
    for year in ["2028", "2017", "-5", "40000", "x"] {
        let none = format!("/api/v1/contract-lists/{year}/csv");
        let none = world.operator.get(&none).await;
        none.is_problem(404, "not_found");
    }
}

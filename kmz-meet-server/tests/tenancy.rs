//! Nobody sees or touches what belongs to someone else.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use common::TestServer;
use kmz_meet_server::store::Contract;
use serde_json::json;

#[tokio::test]
async fn rooms_of_others_cannot_be_told_from_rooms_that_are_not() {
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.school("b", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server.teacher("a", "clara").await;
    server.teacher("b", "doris").await;
    let berta = server.signed_in("berta").await;
    let room = berta
        .post("/api/v1/rooms", json!({"password": "geheim"}))
        .await
        .body;
    let path = format!("/api/v1/rooms/{}", room["id"].as_str().unwrap());
    let nothing = "/api/v1/rooms/00000000-0000-4000-8000-000000000000";
    for other in ["clara", "doris"] {
        let other = server.signed_in(other).await;
        assert_eq!(other.get("/api/v1/rooms").await.body, json!({"rooms": []}));
        for path in [path.as_str(), nothing] {
            let answers = [
                other.get(path).await,
                other.patch(path, json!({"password": null})).await,
                other.delete(path).await,
            ];
            for answer in answers {
                answer.is_problem(404, "not_found");
                assert_eq!(answer.body, other.get(nothing).await.body);
            }
        }
    }
    assert_eq!(berta.get(&path).await.body, room);
}

//! Every route is tried as every kind of caller of two schools: nobody reaches what belongs to others. A new route without
//! a row here fails.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod rows;
mod world;

use crate::common::Answer;
use crate::common::key::Key;
use kmz_meet_server::credentials::TicketRole;
use reqwest::Method;
use rows::{Teachers, rows};
use serde_json::{Value, json};
use world::World;

fn described() -> Vec<String> {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if method != "parameters" {
                operations.push(format!("{method} {path}"));
            }
        }
    }
    operations.sort();
    operations
}

#[test]
fn matrix_has_a_row_for_every_route() {
    let mut known: Vec<String> = rows().iter().map(|row| row.operation.to_owned()).collect();
    known.sort();
    assert_eq!(known, described());
}

async fn ask(request: reqwest::RequestBuilder, body: Value) -> Answer {
    Answer::of(if body.is_null() {
        request
    } else {
        request.json(&body)
    })
    .await
}

#[tokio::test]
async fn routes_refuse_every_caller_without_the_right() {
    let mut world = World::new().await;
    for row in rows() {
        let Some(scope) = row.scope else { continue };
        let (method, template) = row.operation.split_once(' ').unwrap();
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = world.path(template);
        let named = template.contains('{');
        let server = &world.server;
        let by_key = async |key: &Key| ask(key.request(method.clone(), &path), (row.body)()).await;
        let by_browser = async |name: &str| {
            let browser = server.signed_in(name).await;
            ask(browser.request(method.clone(), &path), (row.body)()).await
        };
        let what = row.operation;

        let nobody = ask(
            server.browser().request(method.clone(), &path),
            (row.body)(),
        )
        .await;
        assert_eq!(nobody.status, 401, "{what}: {nobody:?}");
        let others: Vec<&str> = kmz_meet_server::credentials::Scope::ALL
            .iter()
            .map(|one| one.as_str())
            .filter(|one| *one != scope)
            .collect();
        let without = by_key(&server.key("a", &others).await).await;
        assert_eq!(without.status, 403, "{what} without {scope}: {without:?}");
        // Another school, with every scope.
        let foreign = by_key(&server.key("b", &[]).await).await;
        if named {
            assert_eq!(
                foreign.status, 404,
                "{what} from another school: {foreign:?}"
            );
        }
        assert!(
            !world.is_betrayed_by(&foreign),
            "{what} tells another school: {foreign:?}"
        );
        // A teacher of the same school who does not own the room, and one of another school.
        for name in ["clara", "doris"] {
            let answer = by_browser(name).await;
            match row.teachers {
                Teachers::None => assert_eq!(answer.status, 403, "{what} by {name}: {answer:?}"),
                Teachers::Own if named => {
                    assert_eq!(answer.status, 404, "{what} by {name}: {answer:?}");
                }
                Teachers::Own => {}
            }
            assert!(
                !world.is_betrayed_by(&answer),
                "{what} tells {name}: {answer:?}"
            );
        }
        // An admin of another school is not one of this school.
        for name in ["erna", "otto"] {
            // Operators act in every school.
            if name == "otto" && template.starts_with("/api/v1/schools/") {
                continue;
            }
            let answer = by_browser(name).await;
            if named {
                assert_eq!(answer.status, 404, "{what} by {name}: {answer:?}");
            }
            assert!(
                !world.is_betrayed_by(&answer),
                "{what} tells {name}: {answer:?}"
            );
        }
        // A ticket of a moderator opens the attendance of its own room, and nothing else.
        let school = server.open_school("a").await;
        let ticket = |role, room: &str| {
            let ticket = kmz_meet_server::credentials::Ticket {
                room: room.to_owned(),
                identity: kmz_meet_server::credentials::Identity::of(
                    kmz_meet_server::user_id::UserId::of_api("a", "1"),
                    role,
                ),
                name: None,
                may_start: true,
                meeting: None,
                return_url: None,
            };
            server.with_token(
                &server
                    .app
                    .tickets
                    .sign(
                        &school,
                        &ticket,
                        1_800_000_000_000,
                        std::time::Duration::from_hours(1),
                    )
                    .unwrap(),
            )
        };
        assert_eq!(
            by_key(&ticket(TicketRole::Member, &world.room))
                .await
                .status,
            401,
            "{what} by a member's ticket"
        );
        let elsewhere = server
            .key("b", &[])
            .await
            .post("/api/v1/rooms", json!({}))
            .await
            .body;
        let elsewhere = ticket(TicketRole::Moderator, elsewhere["id"].as_str().unwrap());
        let elsewhere = by_key(&elsewhere).await;
        assert!(
            matches!(elsewhere.status, 403 | 404),
            "{what} by another room's ticket: {elsewhere:?}"
        );
        if !scope.starts_with("attendance") {
            let own = by_key(&ticket(TicketRole::Moderator, &world.room)).await;
            assert_eq!(own.status, 403, "{what} by a ticket: {own:?}");
        }

        // Those who may do it can do it: otherwise the refusals above would prove nothing.
        if row.teachers == Teachers::Own {
            let own = by_browser("berta").await;
            assert!(
                !matches!(own.status, 401 | 403 | 404),
                "{what} by its owner: {own:?}"
            );
            if own.status == 204 {
                world = World::new().await;
                continue;
            }
        }
        let admin = by_browser("frida").await;
        assert!(
            !matches!(admin.status, 401 | 403 | 404),
            "{what} by the school's administrator: {admin:?}"
        );
        if admin.status == 204 {
            world = World::new().await;
            continue;
        }
        let key = by_key(&server.key("a", &[scope]).await).await;
        assert!(
            !matches!(key.status, 401 | 403 | 404),
            "{what} with {scope}: {key:?}"
        );
        if key.status == 204 {
            world = World::new().await;
        }
    }
}

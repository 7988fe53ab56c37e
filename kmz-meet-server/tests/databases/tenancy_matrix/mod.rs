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
use kmz_meet_server::credentials::{Identity, Scope, Ticket, TicketRole};
use kmz_meet_server::user_id::UserId;
use reqwest::Method;
use rows::{Row, Teachers, rows};
use serde_json::{Value, json};
use std::time::Duration;
use world::World;

/// The operations of the description, each with whether operators name a school in its query.
fn described() -> Vec<(String, bool)> {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                let school = json!({"$ref": "#/components/parameters/School"});
                let parameters = operation["parameters"].as_array();
                let by_query = parameters.is_some_and(|all| all.contains(&school));
                operations.push((format!("{method} {path}"), by_query));
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
    let described: Vec<String> = described().into_iter().map(|(name, _)| name).collect();
    assert_eq!(known, described);
}

/// Who asks.
enum By<'a> {
    Nobody,
    Browser(&'a str),
    Key(&'a Key),
}

/// What somebody gets who asks for this, with this query.
async fn asks(world: &World, row: &Row, by: By<'_>, query: &str) -> Answer {
    let (method, template) = row.operation.split_once(' ').unwrap();
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let path = world.path(template) + query;
    let request = match by {
        By::Nobody => world.server.browser().request(method, &path),
        By::Browser(name) => world.browser(name).await.request(method, &path),
        By::Key(key) => key.request(method, &path),
    };
    let body = (row.body)();
    Answer::of(if body.is_null() {
        request
    } else {
        request.json(&body)
    })
    .await
}

async fn ticket(world: &World, role: TicketRole, room: &str) -> Key {
    let server = &world.server;
    let ticket = Ticket {
        room: room.to_owned(),
        identity: Identity::of(UserId::of_api("a", "1"), role),
        name: None,
        may_start: true,
        meeting: None,
        return_url: None,
    };
    let school = server.open_school("a").await;
    let (now, lasts) = (1_800_000_000_000, Duration::from_hours(1));
    let signed = server.app.tickets.sign(&school, &ticket, now, lasts);
    server.with_token(&signed.unwrap())
}

/// Keys and tickets that must not open it.
async fn refuses_tokens(world: &World, row: &Row, scope: &str) {
    let (what, server) = (row.operation, &world.server);
    let others = Scope::ALL.iter().map(|one| one.as_str());
    let others: Vec<&str> = others.filter(|one| *one != scope).collect();
    let without = server.key("a", &others).await;
    let without = asks(world, row, By::Key(&without), "").await;
    assert_eq!(without.status, 403, "{what} without {scope}: {without:?}");
    if matches!(row.teachers, Teachers::People | Teachers::Operators) {
        let own = asks(world, row, By::Key(&server.key("a", &[]).await), "").await;
        own.is_problem(403, "not_permitted");
    }
    // Another school, with every scope.
    let key = server.key("b", &[]).await;
    let foreign = asks(world, row, By::Key(&key), "").await;
    let is_named = what.contains('{');
    match row.teachers {
        Teachers::Operators if !what.contains("{school_id}") => {
            assert_eq!(foreign.status, 403, "{what} by another school: {foreign:?}");
        }
        _ if is_named => {
            assert_eq!(foreign.status, 404, "{what} by another school: {foreign:?}");
        }
        _ => {}
    }
    assert!(!world.is_betrayed_by(&foreign), "{what}: {foreign:?}");
    // A ticket of a moderator opens the attendance of its own room, and nothing else.
    let member = ticket(world, TicketRole::Member, &world.room).await;
    let member = asks(world, row, By::Key(&member), "").await;
    assert_eq!(member.status, 401, "{what} by a member's ticket");
    let elsewhere = key.post("/api/v1/rooms", json!({})).await.body;
    let elsewhere = elsewhere["id"].as_str().unwrap();
    let elsewhere = ticket(world, TicketRole::Moderator, elsewhere).await;
    let elsewhere = asks(world, row, By::Key(&elsewhere), "").await;
    assert!(
        matches!(elsewhere.status, 403 | 404),
        "{what} by another room's ticket: {elsewhere:?}"
    );
    if !scope.starts_with("attendance") {
        let own = ticket(world, TicketRole::Moderator, &world.room).await;
        let own = asks(world, row, By::Key(&own), "").await;
        assert_eq!(own.status, 403, "{what} by a ticket: {own:?}");
    }
}

/// People who must not do it.
async fn refuses_people(world: &World, row: &Row) {
    let what = row.operation;
    let nobody = asks(world, row, By::Nobody, "").await;
    assert_eq!(nobody.status, 401, "{what}: {nobody:?}");
    // Teachers and administrators: of the same school, one of whom owns the room, and of the other.
    for (name, school) in [
        ("berta", "a"),
        ("clara", "a"),
        ("frida", "a"),
        ("doris", "b"),
        ("erna", "b"),
        ("otto", "b"),
    ] {
        let names_a = what.contains("{school_id}");
        let expected = match (row.teachers, name) {
            // Operators may, in every school that the request names.
            (teachers, "otto")
                if names_a
                    || teachers == Teachers::Operators
                    // Operators who name no school see what was done in all of them.
                    || what.starts_with("get /api/v1/audit") =>
            {
                continue;
            }
            _ if school == "b" && names_a => 404,
            (Teachers::Operators, _)
            | (Teachers::None | Teachers::People, "berta" | "clara" | "doris") => 403,
            (_, "frida") | (Teachers::Own, "berta") => continue,
            _ if what.contains('{') => 404,
            _ => 0,
        };
        let answer = asks(world, row, By::Browser(name), "").await;
        if expected > 0 {
            assert_eq!(answer.status, expected, "{what} by {name}: {answer:?}");
        }
        assert!(!world.is_betrayed_by(&answer), "{what}, {name}: {answer:?}");
    }
}

/// Nobody but operators names another school, neither one that has what is asked for, nor one that has it not.
async fn refuses_to_act_elsewhere(world: &World, row: &Row) {
    let what = row.operation;
    let key = world.server.key("b", &[]).await;
    for (by, query) in [
        (By::Key(&key), "?school=a"),
        (By::Browser("doris"), "?school=a"),
        (By::Browser("erna"), "?school=a"),
        (By::Browser("berta"), "?school=b"),
        (By::Browser("frida"), "?school=b"),
    ] {
        let answer = asks(world, row, by, query).await;
        assert_eq!(answer.status, 404, "{what}{query}: {answer:?}");
    }
}

/// The matrix takes longer than any other test, so it is as many tests as this, which run beside each other.
const PARTS: usize = 4;

#[tokio::test]
async fn routes_of_part_1_refuse_every_caller_without_the_right() {
    refuses_all_but_those_who_may(0).await;
}

#[tokio::test]
async fn routes_of_part_2_refuse_every_caller_without_the_right() {
    refuses_all_but_those_who_may(1).await;
}

#[tokio::test]
async fn routes_of_part_3_refuse_every_caller_without_the_right() {
    refuses_all_but_those_who_may(2).await;
}

#[tokio::test]
async fn routes_of_part_4_refuse_every_caller_without_the_right() {
    refuses_all_but_those_who_may(3).await;
}

async fn refuses_all_but_those_who_may(part: usize) {
    let described: std::collections::HashMap<String, bool> = described().into_iter().collect();
    let mut world = World::new().await;
    for row in rows().into_iter().skip(part).step_by(PARTS) {
        let Some(scope) = row.scope else { continue };
        let what = row.operation;
        let by_query = described[what];
        refuses_people(&world, &row).await;
        refuses_tokens(&world, &row, scope).await;
        if by_query {
            refuses_to_act_elsewhere(&world, &row).await;
        }
        // Those who may do it can do it: otherwise the refusals above would prove nothing.
        let key = &[scope];
        let mut may: Vec<(&str, &str)> = match row.teachers {
            Teachers::Own => vec![("berta", ""), ("frida", ""), ("key", "")],
            Teachers::None => vec![("frida", ""), ("key", "")],
            Teachers::People => vec![("frida", "")],
            Teachers::Operators => vec![("otto", "")],
        };
        // Operators act in the school that the path or the query names.
        match row.teachers {
            Teachers::Operators => {}
            _ if what.contains("{school_id}") => may.push(("otto", "")),
            _ => {
                assert!(by_query, "{what}: which school is an operator's?");
                may.push(("otto", "?school=a"));
            }
        }
        for (name, query) in may {
            let answer = if name == "key" {
                let key = world.server.key("a", key).await;
                asks(&world, &row, By::Key(&key), query).await
            } else {
                asks(&world, &row, By::Browser(name), query).await
            };
            assert!(
                !matches!(answer.status, 401 | 403 | 404),
                "{what}{query} by {name}: {answer:?}"
            );
            // What is gone cannot be tried again; a new secret takes the place of the oldest one.
            let is_gone = answer.status == 204 || what == "post /api/v1/bbb/secrets";
            if is_gone || row.teachers == Teachers::Operators {
                // PostgreSQL has connections for so many servers only.
                world.server.app.store.close().await.unwrap();
                world = World::new().await;
            }
        }
    }
}

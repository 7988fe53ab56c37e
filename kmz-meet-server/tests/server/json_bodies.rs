//! What the description calls an object must come as one: serde would take a list for the fields of a struct in their order.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use kmz_meet_server::store::{Contract, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Answer, TestServer};
use crate::openapi::operations;

/// A way into a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(String),
    Item,
}

/// Finds the objects in what this schema describes, each with the way to it.
fn objects(api: &Value, schema: &Value, way: &[Step], found: &mut Vec<Vec<Step>>) {
    assert!(way.len() < 10, "{way:?} has no end");
    let further = |step: Step| [way, &[step]].concat();
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = api.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        return objects(api, schema, way, found);
    }
    for name in ["allOf", "anyOf", "oneOf"] {
        for one in schema[name].as_array().into_iter().flatten() {
            objects(api, one, way, found);
        }
    }
    if let Some(items) = schema.get("items") {
        objects(api, items, &further(Step::Item), found);
    }
    let kind = &schema["type"];
    let is_object = *kind == "object"
        || kind
            .as_array()
            .is_some_and(|of| of.contains(&json!("object")));
    if is_object && !way.is_empty() {
        found.push(way.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        objects(api, property, &further(Step::Field(name.clone())), found);
    }
}

/// A body with a list where this way leads, and nothing else: what is wrong comes before what is missing.
fn with_a_list_at(way: &[Step]) -> Value {
    way.iter().rev().fold(json!([]), |part, step| match step {
        Step::Field(name) => json!({ name: part }),
        Step::Item => json!([part]),
    })
}

#[tokio::test]
async fn list_in_the_place_of_an_object_in_a_body_is_refused() {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let server = TestServer::start().await;
    server.school("a", Contract::Signed).await;
    server.person("a", "otto", UserRole::Operator).await;
    let otto = server.signed_in("otto").await;
    let mut tried = 0;
    for (what, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut ways = Vec::new();
        objects(&api, schema, &[], &mut ways);
        ways.sort();
        ways.dedup();
        let (method, path) = what.split_once(' ').unwrap();
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let path = path.replace("{school_id}", "a").replace(['{', '}'], "");
        for way in ways {
            let body = with_a_list_at(&way);
            let answer = Answer::of(otto.request(method.clone(), &path).json(&body)).await;
            assert_eq!(answer.status, 400, "{what} with {body}: {answer:?}");
            let told = answer.body["detail"].as_str().unwrap();
            let expected = "invalid type: sequence, expected an object";
            assert!(told.contains(expected), "{what} with {body}: {told}");
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

#[tokio::test]
async fn list_as_a_whole_body_is_refused() {
    let (_server, berta) = TestServer::with_teacher("berta").await;
    let refused = berta.post("/api/v1/rooms", json!([])).await;
    refused.is_problem(400, "bad_request");
    assert_eq!(refused.body["detail"], "The body must be a JSON object.");
    let rooms = berta.get("/api/v1/rooms").await.body;
    assert_eq!(rooms["rooms"], json!([]), "{rooms}");
}

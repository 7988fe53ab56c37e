//! The description of the API in the repository is the one of the code, and one that tools can work with.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::BTreeSet;

use serde_json::Value;

fn operations() -> Vec<(String, Value)> {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{method} {path}"), operation.clone()));
        }
    }
    all
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (what, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{what}: {name} is there twice");
    }
}

#[test]
fn every_answer_is_described() {
    for (what, operation) in operations() {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let described = answer["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described || answer["$ref"].is_string(), "{what}: {status}");
        }
    }
}

#[test]
fn the_description_in_the_repository_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == kmz_meet_server::api::openapi(),
        "openapi/openapi.json differs from the code: run `make generate`"
    );
}

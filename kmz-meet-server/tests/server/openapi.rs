//! The OpenAPI description in the repository is current, and tools can work with it.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Each with its method and its path.
pub(super) fn operations() -> Vec<(String, Value)> {
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
fn operation_ids_are_unique() {
    let mut names = BTreeSet::new();
    for (what, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{what}: {name} is there twice");
    }
}

#[test]
fn answers_have_a_description() {
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
fn openapi_in_the_repository_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == kmz_meet_server::api::openapi(),
        "openapi/openapi.json differs from the code: run `make generate`"
    );
}

/// What this part of the description refers to.
fn references<'a>(part: &'a Value, found: &mut Vec<&'a str>) {
    match part {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The page of the reference shows each schema; one that nothing refers to would tell of data that is never sent.
#[test]
fn schemas_are_the_ones_that_operations_refer_to() {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let mut waiting = Vec::new();
    references(&api["paths"], &mut waiting);
    references(&api["webhooks"], &mut waiting);
    let mut seen = BTreeSet::new();
    while let Some(reference) = waiting.pop() {
        if seen.insert(reference) {
            let pointer = reference.strip_prefix('#').unwrap();
            let part = api.pointer(pointer);
            let part = part.unwrap_or_else(|| panic!("{reference} leads nowhere"));
            references(part, &mut waiting);
        }
    }
    let referred: BTreeSet<&str> = seen
        .into_iter()
        .filter_map(|reference| reference.strip_prefix("#/components/schemas/"))
        .collect();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    let schemas: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
    assert!(schemas.len() > 50, "{schemas:?}");
    assert_eq!(referred, schemas);
}

/// The codes of the guide, each with its status.
fn guide() -> BTreeMap<String, String> {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let guide = api["info"]["description"].as_str().unwrap();
    let rows = guide
        .lines()
        .filter(|line| line.starts_with("| 4") || line.starts_with("| 5"));
    let mut codes = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let code = cells[2].trim_matches('`').to_owned();
        assert!(!cells[3].is_empty(), "{code}: when?");
        let former = codes.insert(code, cells[1].to_owned());
        assert_eq!(former, None, "{row}: the code is there twice");
    }
    codes
}

/// The codes that an answer names: each begins a part of its description.
fn named_codes(description: &str) -> impl Iterator<Item = &str> {
    description.split("; ").filter_map(|part| {
        let code = part.strip_prefix('`')?.split('`').next()?;
        let is_code = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        code.chars().all(is_code).then_some(code)
    })
}

/// The guide's codes are made from the table of `http/problem_code.rs`, and the compiler warns of a code that nothing makes.
#[test]
fn error_codes_of_operations_are_in_the_description() {
    let codes = guide();
    assert!(codes.len() > 30, "{codes:?}");
    let mut named = BTreeSet::new();
    for (what, operation) in operations() {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            if !status.starts_with(['4', '5']) {
                continue;
            }
            let description = answer["description"].as_str().unwrap();
            for code in named_codes(description) {
                assert_eq!(codes.get(code), Some(status), "{what}: {code}");
                named.insert(code.to_owned());
            }
        }
    }
    assert!(named.len() > 15, "{named:?}");
}

//! The OpenAPI description in the repository is current, and tools can work with it.
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

/// The codes that the sources write: the literal after one of the makers of a problem.
fn written_codes(folder: &std::path::Path, codes: &mut BTreeSet<String>) {
    const MAKERS: [&str; 4] = [
        "Problem::conflict(",
        "Problem::unprocessable(",
        "Problem::bad_gateway(",
        "Self::new(StatusCode::",
    ];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            written_codes(&path, codes);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source: String = std::fs::read_to_string(&path).unwrap();
        let source = source.replace(
            "Self::new(\n            StatusCode::",
            "Self::new(StatusCode::",
        );
        for maker in MAKERS {
            for after in source.split(maker).skip(1) {
                // The status comes before the code in one of them.
                let status =
                    after.find(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
                let after = after[status.unwrap_or(0)..].trim_start_matches([',', ' ', '\n']);
                if let Some(code) = after.strip_prefix('"') {
                    codes.insert(code.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
}

#[test]
fn error_codes_of_the_sources_are_in_the_description() {
    let api: Value = serde_json::from_str(&kmz_meet_server::api::openapi()).unwrap();
    let guide = api["info"]["description"].as_str().unwrap();
    let described: BTreeSet<String> = guide
        .lines()
        .filter(|line| line.starts_with("| 4") || line.starts_with("| 5"))
        .map(|line| line.split('`').nth(1).unwrap().to_owned())
        .collect();
    let mut written = BTreeSet::new();
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    written_codes(std::path::Path::new(sources), &mut written);
    assert!(written.len() > 30, "{written:?}");
    assert_eq!(described, written);
}

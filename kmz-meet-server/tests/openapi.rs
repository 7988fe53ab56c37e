//! The description of the API in the repository is the one of the code.

#[test]
fn the_description_in_the_repository_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == kmz_meet_server::api::openapi(),
        "openapi/openapi.json differs from the code: run `make generate`"
    );
}

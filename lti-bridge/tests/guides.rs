//! The guides for administrators say what every code means.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::collections::BTreeSet;
use std::path::Path;

/// Names of parameters, which look like codes.
const NO_CODES: [&str; 3] = [
    "lti_message_hint",
    "lti_deployment_id",
    "lti_storage_target",
];

fn codes() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut codes = BTreeSet::new();
    let mut paths = vec![sources];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|file| file.unwrap().path()),
            );
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let texts = text.split('"');
        let found = texts.filter(|text| {
            text.starts_with("lti_")
                && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                && !NO_CODES.contains(text)
        });
        codes.extend(found.map(str::to_owned));
    }
    codes
}

#[test]
fn refusal_code_is_in_both_guides() {
    let codes = codes();
    assert!(codes.len() > 40, "{codes:?}");
    for language in ["de", "en"] {
        let guide = format!(
            "{}/../docs/{language}/moodle.md",
            env!("CARGO_MANIFEST_DIR")
        );
        let guide = std::fs::read_to_string(guide).unwrap();
        let missing: Vec<&String> = codes
            .iter()
            .filter(|code| !guide.contains(&format!("`{code}`")))
            .collect();
        assert!(missing.is_empty(), "{language}: {missing:?}");
    }
}

#[test]
fn guides_name_symptoms_and_commands_in_both_languages() {
    for (language, service) in [("de", "<dieser Dienst>"), ("en", "<this service>")] {
        let guide = format!(
            "{}/../docs/{language}/moodle.md",
            env!("CARGO_MANIFEST_DIR")
        );
        let guide = std::fs::read_to_string(guide).unwrap();
        for words in [
            "fix_jwks_alg(): Argument #1 ($jwks) must be of type array, null given",
            &format!("curl -X POST https://{service}/api/v1/lti/invitations"),
            &format!("curl -X PATCH https://{service}/api/v1/lti/platforms/"),
            "/lti/jwks",
            "time_zone",
        ] {
            assert!(guide.contains(words), "{language}: {words}");
        }
        assert!(!guide.contains("UTC"), "{language}");
    }
}

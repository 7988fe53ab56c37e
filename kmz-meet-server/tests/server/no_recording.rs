//! Recording does not exist: no text of the client, no word of the interface and no answer to a platform suggests that it does. The
//! same for end-to-end encryption.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use std::path::Path;

use crate::common::TestServer;
use crate::common::platform::{Platform, create, element};

/// A line with one of these says that there is none, or must be none.
const DENIALS: [&str; 13] = [
    // A command of another product's API that there is not.
    ": undefined",
    "kein",
    "nicht",
    "nichts",
    "niemand",
    "verboten",
    "untersagt",
    "no ",
    "not ",
    "nothing",
    "nobody",
    "never",
    "forbidden",
];
/// A name in the settings of macOS.
const OF_SYSTEMS: &str = "screen & system audio recording";
const WORDS: [&str; 7] = [
    "aufzeichn",
    "aufnahme",
    "recording",
    "mediarecorder",
    "mitschnitt",
    "ende-zu-ende",
    "end-to-end encryption",
];

fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = path.display().to_string();
        if path.is_dir() {
            if !name.ends_with("/generated") {
                texts(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|is| is == "ts" || is == "svelte")
            && !name.ends_with(".test.ts")
        {
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn client_and_interface_suggest_no_recording() {
    let mut found = Vec::new();
    texts(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src"),
        &mut found,
    );
    assert!(found.len() > 100);
    found.push(("openapi.json".to_owned(), kmz_meet_server::api::openapi()));
    for (name, text) in found {
        let text = text.to_lowercase().replace(OF_SYSTEMS, "");
        for line in text.lines() {
            if DENIALS.iter().any(|denial| line.contains(denial)) {
                continue;
            }
            for word in WORDS {
                assert!(!line.contains(word), "{name}: {word}: {line:.300}");
            }
        }
    }
}

#[tokio::test]
async fn bbb_answers_say_that_nothing_is_recorded() {
    let server = TestServer::with_school().await;
    let platform = Platform::of(&server, "a").await;
    // Also where the platform asks for it.
    let asked = format!(
        "{}&autoStartRecording=true&allowStartStopRecording=true",
        create().replace("record=false", "record=true")
    );
    let made = platform.call("create", &asked).await;
    assert_eq!(element(&made, "returncode"), Some("SUCCESS"), "{made}");
    let info = platform
        .call("getMeetingInfo", crate::common::platform::ID)
        .await;
    let all = platform.call("getMeetings", "").await;
    for answer in [&info, &all] {
        for name in ["recording", "record"] {
            assert!(
                matches!(element(answer, name), None | Some("false")),
                "{name}: {answer}"
            );
        }
    }
    let recordings = platform.call("getRecordings", "").await;
    assert!(!recordings.contains("<recording>"), "{recordings}");
}

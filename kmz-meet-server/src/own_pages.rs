//! Which paths are ours: no room and no tenant of another platform is called so. The client has the same list in
//! `router.svelte.ts`, and the names of rooms theirs in `room_name.rs`; the tests hold them together.

/// Pages that nobody is sent to from elsewhere, as the client knows them. Every other path may be a room.
pub const PAGES: [&str; 14] = [
    "",
    "/account",
    "/card",
    "/check",
    "/confirm-address",
    "/console",
    "/drop",
    "/index.html",
    "/password",
    "/request",
    "/rooms",
    "/sign-in",
    "/substitute",
    "/test",
];

/// What the server answers itself, and the client's own pages.
pub const FIRST_PARTS: [&str; 23] = [
    "accessibility",
    "account",
    "apart",
    "api",
    "assets",
    "bigbluebutton",
    "card",
    "check",
    "confirm-address",
    "console",
    "demo",
    "drop",
    "healthz",
    "index.html",
    "lti",
    "metrics",
    "password",
    "privacy",
    "request",
    "rooms",
    "sign-in",
    "substitute",
    "test",
];

/// Of these, with all that is below, nobody needs a page in a frame; a frame around it could steal clicks, or what is typed.
const NEVER_FRAMED: [&str; 13] = [
    "accessibility",
    "account",
    "card",
    "confirm-address",
    "console",
    "demo",
    "drop",
    "password",
    "privacy",
    "request",
    "rooms",
    "sign-in",
    "substitute",
];

/// The parts of a path. Slashes that stand too often count for nothing.
fn first_part(path: &str) -> &str {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    parts.next().unwrap_or_default()
}

/// Whether this page is shown in no frame. The client reads capitals as small letters, so they are no way around.
pub fn is_never_framed(path: &str) -> bool {
    let first = first_part(path);
    NEVER_FRAMED
        .iter()
        .any(|own| own.eq_ignore_ascii_case(first))
}

/// Whether a page is of people who administer or sign in here: other windows have no hold on it.
pub fn is_apart_from_openers(path: &str) -> bool {
    PAGES.contains(&path.trim_end_matches('/'))
        || first_part(path) == "api"
        || is_never_framed(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use kmz_meet_core::room::room_name::{self, WeakName};

    use super::*;

    const CLIENT: &str = include_str!("../web/src/lib/state/router.svelte.ts");

    /// The texts of a list in the client's source.
    fn listed(name: &str) -> BTreeSet<&'static str> {
        let (_, list) = CLIENT.split_once(&format!("const {name} = ")).unwrap();
        let (list, _) = list.split_once(']').unwrap();
        let list: BTreeSet<&str> = list.split('\'').skip(1).step_by(2).collect();
        assert!(!list.is_empty(), "{name}");
        list
    }

    /// The first parts of what is served, as the sources say it: texts that begin by a slash where a route or the path of
    /// several is named.
    fn served(directory: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                served(&path, found);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
            let routes = source.split(".route(").skip(1).map(str::trim_start);
            let paths = source
                .split("PATH: &str = ")
                .chain(source.split("path = "))
                .skip(1);
            for text in routes.chain(paths) {
                let Some(text) = text.strip_prefix("\"/") else {
                    continue;
                };
                let route = text.split('"').next().unwrap();
                found.insert(first_part(route).to_owned());
            }
        }
    }

    #[test]
    fn first_part_of_every_route_is_ours() {
        let mut found = BTreeSet::new();
        served(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        for known in ["api", "demo", "healthz", "lti", "sign-in", "bigbluebutton"] {
            assert!(found.contains(known), "{known} is not found: {found:?}");
        }
        let foreign: Vec<&String> = found
            .iter()
            .filter(|first| !FIRST_PARTS.contains(&first.as_str()))
            .collect();
        assert!(foreign.is_empty(), "rooms could be called so: {foreign:?}");
    }

    #[test]
    fn page_of_the_client_is_known_here() {
        let screens = listed("SCREENS");
        let pages: BTreeSet<&str> = PAGES
            .iter()
            .map(|path| path.trim_start_matches('/'))
            .collect();
        let own: BTreeSet<&str> = screens
            .union(&["", "console", "drop", "index.html"].into())
            .copied()
            .collect();
        assert_eq!(pages, own);
        for screen in screens.iter().chain(&listed("APART")) {
            assert!(FIRST_PARTS.contains(screen), "{screen}");
        }
        for page in listed("PERSONAL").iter().chain(&listed("APART")) {
            assert!(is_never_framed(&format!("/{page}")), "{page}");
        }
    }

    #[test]
    fn room_is_never_called_as_what_is_ours() {
        let of_client: BTreeSet<&str> = &listed("OURS") | &listed("SCREENS");
        for first in FIRST_PARTS {
            assert!(of_client.contains(first), "{first}");
            // A name in which a dot becomes a hyphen is none of a page.
            if first != "index.html" {
                let weak = room_name::check(first);
                assert_eq!(weak, Err(WeakName::Reserved), "{first}");
            }
        }
        for first in NEVER_FRAMED {
            assert!(FIRST_PARTS.contains(&first), "{first}");
        }
    }

    #[test]
    fn page_is_in_no_frame_however_its_path_is_written() {
        for path in [
            "/rooms",
            "/rooms/",
            "//Rooms",
            "/console/x",
            "/sign-in/oidc/a",
            "/demo/mail",
        ] {
            assert!(
                is_never_framed(path) && is_apart_from_openers(path),
                "{path}"
            );
        }
        for path in [
            "/",
            "/check",
            "/test/BCDF",
            "/mutiger-dachs",
            "/tenant/rooms",
            "/lti/launch",
        ] {
            assert!(!is_never_framed(path), "{path}");
        }
    }
}

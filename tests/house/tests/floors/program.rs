//! The program itself, and violations in our own sources.

use std::path::{Path, PathBuf};
use std::process::Command;

use house::{Tree, floors};

use crate::{LIB, PAGE};

fn house(root: &Path) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_house"))
        .args(["--root".as_ref(), root.as_os_str()])
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn program_prints_the_floors_and_fails_on_a_violation() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("planted");
    let source = root.join("house/src");
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(root.join("ARCHITECTURE.md"), PAGE).unwrap();
    let files = [
        ("lib.rs", LIB),
        ("a.rs", "pub struct Low;"),
        ("b.rs", "use crate::a::Low;"),
        ("c.rs", ""),
    ];
    for (file, text) in files {
        std::fs::write(source.join(file), text).unwrap();
    }
    let (passes, floors, problems) = house(&root);
    assert!(passes, "{problems}");
    assert_eq!(
        floors,
        "house/src: 2 files, 1 edges, 0 circles\n   1  a 0\n   2  b 1, c 0\n   3  lib 0\n"
    );
    std::fs::write(source.join("a.rs"), "pub struct Low;\nuse crate::c::High;").unwrap();
    std::fs::write(source.join("c.rs"), "pub struct High;").unwrap();
    let (passes, _, problems) = house(&root);
    assert!(!passes);
    let first = problems.lines().next();
    assert_eq!(first, Some("house/src/a.rs:2: floor 1 uses High (floor 2)"));
}

#[test]
fn violation_planted_in_our_own_tree_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let read = |source: &str| Tree::read(&root.join(source), &[".rs"], &[]).unwrap();
    let plants = [
        (
            "kmz-meet-server/src",
            "clock.rs",
            "router.rs",
            "use crate::router::router;",
            "router",
        ),
        (
            "kmz-meet-core/src",
            "signal.rs",
            "conference/mod.rs",
            "use crate::conference::ConferenceHandle;",
            "ConferenceHandle",
        ),
        (
            "lti-bridge/src",
            "numeric_date.rs",
            "router.rs",
            "use crate::tool::Bridge;",
            "Bridge",
        ),
    ];
    let mut planted = 0;
    for (source, below, above, text, item) in plants {
        let marker = format!("<!-- floors: {source} -->");
        let Some((_, rest)) = page.split_once(&marker) else {
            continue;
        };
        if !read(source).has(below) || !read(source).has(above) {
            continue;
        }
        let (rows, _) = rest.split_once("<!-- end -->").unwrap();
        let page = format!("{marker}{rows}<!-- end -->\n");
        let line = read(source).text(below).unwrap().lines().count() + 1;
        let report = floors::judge(&page, |wanted| {
            let mut tree = read(wanted);
            tree.append(below, &format!("{text}\n"));
            Ok(tree)
        });
        let problems = report.unwrap().problems;
        let expected = format!("{source}/{below}:{line}: floor 1 uses {item} (floor ");
        assert!(
            problems.iter().any(|one| one.starts_with(&expected)),
            "wanted: {expected}\nfound: {problems:#?}"
        );
        planted += 1;
    }
    assert!(planted > 0, "no crate has a table and these files");
}

//! The check finds planted violations, and ignores text that looks like one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use house::{Tree, floors};

const PAGE: &str = "\
<!-- floors: house/src -->
| floor | units | what it is |
|---|---|---|
| 1 | `a` | below |
| 2 | `b` `c` | above |
| 3 | `lib` | |
<!-- end -->
";

const LIB: &str = "mod a; mod b; mod c;";

fn judged(page: &str, tree: &Tree) -> floors::Report {
    floors::judge(page, |source| {
        assert_eq!(source, "house/src");
        Ok(tree.clone())
    })
    .unwrap()
}

/// The problems of a crate with this `a.rs`, below a `b.rs` with a function, a type and a macro.
fn problems(a: &str) -> Vec<String> {
    let b = "pub fn above() {}\npub struct Above;\nimpl Above { pub fn new() -> Self { Self } }\n\
             pub mod face { pub use super::Above; }\nmacro_rules! build { () => {} }\npub(crate) use build;";
    let tree = Tree::from([("lib.rs", LIB), ("a.rs", a), ("b.rs", b), ("c.rs", "")]);
    judged(PAGE, &tree).problems
}

fn is_upward(a: &str, item: &str) {
    let line = 1 + a.split("/*here*/").next().unwrap().matches('\n').count();
    let expected = format!("house/src/a.rs:{line}: floor 1 uses {item} (floor 2)");
    let found = problems(a);
    assert!(
        found.contains(&expected),
        "{a}\nfound: {found:#?}\nwanted: {expected}"
    );
}

fn is_silent(a: &str) {
    let found = problems(a);
    assert!(found.is_empty(), "{a}\nfound: {found:#?}");
}

#[test]
fn import_from_above_is_found() {
    is_upward("use crate::b::Above;", "Above");
}

#[test]
fn inline_path_to_above_is_found() {
    is_upward("\nfn f() {\n /*here*/ crate::b::above();\n}", "above");
    is_upward("fn f() -> crate::b::Above { todo!() }", "Above");
    is_upward("fn f() { let x = Vec::<crate::b::Above>::new(); }", "Above");
    is_upward("fn f() { crate::b::Above::new(); }", "Above::new");
    is_upward("struct S { field: crate::b::Above }", "Above");
    is_upward("impl crate::b::Above { fn own(&self) {} }", "Above");
    is_upward("trait T { fn f(&self) { crate::b::above() } }", "above");
    is_upward(
        "impl Clone for S { fn clone(&self) -> Self { crate::b::above() } }",
        "above",
    );
}

#[test]
fn reexported_use_is_counted_to_the_defining_file() {
    let tree = Tree::from([
        ("lib.rs", LIB),
        ("a.rs", "use crate::c::Above;"),
        ("b.rs", "pub struct Above;"),
        ("c.rs", "pub use crate::b::Above;"),
    ]);
    // The `pub use` itself is no use: `b` and `c` have one floor.
    assert_eq!(
        judged(PAGE, &tree).problems,
        ["house/src/a.rs:1: floor 1 uses Above (floor 2)"]
    );
    is_upward("use crate::b::face::Above;", "Above");
}

#[test]
fn use_in_the_body_of_a_macro_is_found() {
    is_upward(
        "fn f() { select! { x = crate::b::above() => {} } }",
        "above",
    );
    is_upward("macro_rules! m { () => { crate::b::above() } }", "above");
    is_upward("routes! { get => crate::b::above }", "above");
    is_upward(
        "use crate::b::build;\nfn f() { /*here*/ build!(); }",
        "build",
    );
}

#[test]
fn path_in_a_string_of_an_attribute_is_found() {
    is_upward(
        "struct S {\n #[serde(with = /*here*/ \"crate::b::above\")] x: u8 }",
        "above",
    );
    is_upward("#[schema(as = crate::b::Above)] struct S;", "Above");
}

#[test]
fn renamed_import_is_found_at_its_use() {
    is_upward("use crate::b::Above as Other;", "Above");
    is_upward(
        "use crate::b::Above as Other;\nfn f(_: /*here*/ Other) {}",
        "Above",
    );
    is_upward(
        "use crate::b as other;\nfn f() { /*here*/ other::above() }",
        "above",
    );
}

#[test]
fn nested_use_tree_is_found() {
    is_upward("use crate::{c, b::{self, Above}};", "Above");
    is_upward(
        "use crate::{b::{self}};\nfn f() { /*here*/ b::above() }",
        "above",
    );
}

#[test]
fn use_inside_a_function_is_found() {
    is_upward(
        "fn f() {\n use crate::b::{/*here*/ above, Above}; }",
        "above",
    );
    is_upward("fn f() {\n use crate::b;\n /*here*/ b::above() }", "above");
}

#[test]
fn path_by_super_is_found() {
    is_upward(
        "mod inner { mod deep { fn f() { super::super::super::b::above() } } }",
        "above",
    );
    is_upward("use super::b::Above;", "Above");
    is_upward("use self::super::b::Above;", "Above");
}

#[test]
fn path_by_the_crate_name_is_found() {
    is_upward("fn f() { house::b::above() }", "above");
}

#[test]
fn use_in_a_child_file_is_counted_to_its_folder() {
    let tree = Tree::from([
        ("lib.rs", LIB),
        ("a.rs", "mod deep;"),
        ("a/deep.rs", "\nuse crate::b::Above;"),
        ("b/mod.rs", "mod inner; pub use inner::Above;"),
        ("b/inner.rs", "pub struct Above;"),
        ("c.rs", ""),
    ]);
    assert_eq!(
        judged(PAGE, &tree).problems,
        ["house/src/a/deep.rs:2: floor 1 uses Above (floor 2)"]
    );
}

#[test]
fn use_of_a_unit_on_the_same_floor_is_found() {
    let tree = Tree::from([
        ("lib.rs", LIB),
        ("a.rs", ""),
        ("b.rs", "pub struct Beside;"),
        ("c.rs", "use crate::b::Beside;"),
    ]);
    assert_eq!(
        judged(PAGE, &tree).problems,
        ["house/src/c.rs:1: floor 2 uses Beside (floor 2)"]
    );
}

#[test]
fn method_is_counted_to_the_file_that_defines_it() {
    let tree = Tree::from([
        ("lib.rs", LIB),
        ("a.rs", "pub struct Below; fn f() { Below::made_above() }"),
        (
            "b.rs",
            "use crate::a::Below; impl Below { pub fn made_above() {} }",
        ),
        ("c.rs", ""),
    ]);
    let found = judged(PAGE, &tree).problems;
    let upward = "house/src/a.rs:1: floor 1 uses Below::made_above (floor 2)".to_owned();
    assert!(found.contains(&upward), "{found:#?}");
}

#[test]
fn use_of_the_library_by_the_binary_is_allowed() {
    let page = PAGE.replace("`lib`", "`lib` `main`");
    let tree = Tree::from([
        ("lib.rs", "pub mod a; pub mod b; mod c;"),
        ("main.rs", "use house::b::above; fn main() { above() }"),
        ("a.rs", ""),
        ("b.rs", "pub fn above() {}"),
        ("c.rs", ""),
    ]);
    let report = judged(&page, &tree);
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    assert!(report.floors.contains("main 1"), "{}", report.floors);
}

#[test]
fn glob_of_our_own_module_is_found() {
    assert_eq!(
        problems("use crate::b::*;"),
        ["house/src/a.rs:1: a glob of our own module hides what is used: name it"]
    );
    is_silent("use foreign::prelude::*;");
}

#[test]
fn test_code_is_ignored() {
    is_silent("#[cfg(test)]\nmod tests { use crate::b::*; fn f() { crate::b::above() } }");
    is_silent("#[cfg(test)]\nuse crate::b::Above;");
    is_silent("#[cfg(test)]\nfn f() { crate::b::above() }");
    is_silent("struct S; impl S { #[cfg(test)] fn f() { crate::b::above() } }");
    is_silent("#[cfg(all(test, unix))]\nmod tests;");
}

#[test]
fn code_under_a_testing_feature_is_not_ignored() {
    is_upward(
        "#[cfg(any(test, feature = \"testing\"))]\nfn f() { /*here*/ crate::b::above() }",
        "above",
    );
    is_upward(
        "#[cfg(not(test))]\nfn f() { /*here*/ crate::b::above() }",
        "above",
    );
}

#[test]
fn text_that_looks_like_a_use_is_ignored() {
    is_silent("// crate::b::above()\n/* use crate::b::Above; */\nfn f() {}");
    is_silent(
        "/// As `crate::b::above`.\n//! crate::b::above\nfn f() {}"
            .trim_end_matches("//! crate::b::above"),
    );
    is_silent("fn f() { let text = \"crate::b::above\"; }");
    is_silent("fn f() { value.above(); other::above(); }");
    is_silent("enum E { Above, Other { above: u8 } }");
    is_silent("struct S { above: u8 }\nfn f(above: u8) -> u8 { above }");
    is_silent("fn f<'b>(b: &'b str) {}");
}

#[test]
fn variable_named_like_an_import_is_no_use() {
    let tree = Tree::from([
        ("lib.rs", LIB),
        ("a.rs", "pub fn name() {}"),
        ("b.rs", "use crate::a::name;\npub fn f() { name() }"),
        (
            "c.rs",
            "use crate::a::name;\npub fn f(name: u8) { let name = 1; g(name) }",
        ),
    ]);
    // Both import it, which is one use each: the variable of `c` is none.
    let report = judged(PAGE, &tree);
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    assert!(report.floors.contains("b 1, c 1"), "{}", report.floors);
}

#[test]
fn file_without_a_floor_and_floor_without_a_file_are_errors() {
    let tree = Tree::from([
        ("lib.rs", "mod a; mod b; mod d;"),
        ("a.rs", ""),
        ("b.rs", ""),
        ("d.rs", "pub struct New;"),
    ]);
    assert_eq!(
        judged(PAGE, &tree).problems,
        [
            "ARCHITECTURE.md:5: c has floor 2 and is not in house/src",
            "house/src/d.rs: it has no floor: add it to the table in ARCHITECTURE.md"
        ]
    );
}

#[test]
fn unit_with_the_longest_name_wins() {
    let page = "<!-- floors: house/src -->\n| 1 | `a` | |\n| 2 | `b` | |\n| 3 | `a/top` | |\n<!-- end -->\n";
    let tree = Tree::from([
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod low; mod top;"),
        ("a/low.rs", "pub struct Low;"),
        ("a/top.rs", "use crate::b::Middle;"),
        ("b.rs", "use crate::a::low::Low; pub struct Middle;"),
    ]);
    assert_eq!(judged(page, &tree).problems, Vec::<String>::new());
}

#[test]
fn units_apart_are_refused_on_every_floor() {
    let page = format!("{PAGE}<!-- apart: house/src a b -->\n");
    let tree = Tree::from([
        ("lib.rs", LIB),
        ("a.rs", "pub struct Low;"),
        ("b/mod.rs", "mod deep;"),
        ("b/deep.rs", "use crate::a::Low;"),
        ("c.rs", "use crate::a::Low;"),
    ]);
    assert_eq!(judged(PAGE, &tree).problems, Vec::<String>::new());
    assert_eq!(
        judged(&page, &tree).problems,
        ["house/src/b/deep.rs:1: uses Low of a.rs, and a and b do not know each other"]
    );
    let page = format!("{PAGE}<!-- apart: house/src a d -->\n");
    assert_eq!(
        judged(&page, &tree).problems,
        ["ARCHITECTURE.md:8: d is not in house/src"]
    );
}

fn circle() -> Tree {
    Tree::from([
        ("lib.rs", LIB),
        ("a/mod.rs", "mod one; mod two;"),
        ("a/one.rs", "use super::two::Two;\npub struct One;"),
        ("a/two.rs", "\npub struct Two(super::one::One);"),
        ("b.rs", ""),
        ("c.rs", ""),
    ])
}

#[test]
fn circle_inside_a_folder_is_found_with_its_lines() {
    assert_eq!(
        judged(PAGE, &circle()).problems,
        ["house/src/a/one.rs: a circle of 2 files:\
          \n    house/src/a/one.rs:1 uses Two of a/two.rs\
          \n    house/src/a/two.rs:2 uses One of a/one.rs"]
    );
}

#[test]
fn excused_circle_is_ignored_while_it_exists() {
    let excuse = "<!-- circles -->\n- `house/src/a/two.rs` `house/src/a/one.rs`: they are one grammar\n<!-- end -->\n";
    let page = format!("{PAGE}{excuse}");
    assert!(judged(&page, &circle()).problems.is_empty());
    let tree = Tree::from([("lib.rs", LIB), ("a.rs", ""), ("b.rs", ""), ("c.rs", "")]);
    assert_eq!(
        judged(&page, &tree).problems,
        [
            "ARCHITECTURE.md:9: this circle is not there, or not of these files: house/src/a/one.rs house/src/a/two.rs"
        ]
    );
}

#[test]
fn unreadable_page_is_an_error_with_its_line() {
    let unreadable = |page: &str| {
        let found = floors::judge(page, |_| Ok(Tree::from([("lib.rs", "")])));
        found.unwrap_err().to_string()
    };
    assert_eq!(
        unreadable(""),
        "ARCHITECTURE.md: there is no table of floors"
    );
    let row = |row: &str| format!("<!-- floors: house/src -->\n{row}\n<!-- end -->\n");
    assert_eq!(
        unreadable(&row("| 1.5 | `a` | |")),
        "ARCHITECTURE.md:2: \"1.5\" is not a whole number"
    );
    assert_eq!(
        unreadable(&row("| 1 | a | |")),
        "ARCHITECTURE.md:2: floor 1 has no units"
    );
    assert_eq!(
        unreadable(&row("| 1 | `a` `a` | |")),
        "ARCHITECTURE.md:2: a has two floors"
    );
    assert_eq!(
        unreadable("<!-- floors: house/src -->\n"),
        "ARCHITECTURE.md: a table has no <!-- end -->"
    );
    let excuses = "- `a` `b`: because\n".repeat(4);
    assert_eq!(
        unreadable(&format!("{PAGE}<!-- circles -->\n{excuses}<!-- end -->\n")),
        "ARCHITECTURE.md: 4 circles are excused, and 3 may be"
    );
    assert_eq!(
        unreadable(&format!(
            "{PAGE}<!-- circles -->\n- `a` `b`\n<!-- end -->\n"
        )),
        "ARCHITECTURE.md:9: an excuse is files: reason"
    );
}

#[test]
fn missing_or_broken_source_is_an_error_with_its_line() {
    let unreadable = |tree: Tree| {
        floors::judge(PAGE, |_| Ok(tree.clone()))
            .unwrap_err()
            .to_string()
    };
    let tree = Tree::from([("lib.rs", "\nmod a;")]);
    assert_eq!(unreadable(tree), "house/src/lib.rs:2: mod a has no file");
    let tree = Tree::from([("lib.rs", "mod a;"), ("a.rs", "\nfn f() {")]);
    assert!(unreadable(tree).starts_with("house/src/a.rs:"));
}

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

//! Uses of a higher floor that the check finds.

use house::Tree;

use crate::{LIB, PAGE, is_silent, is_upward, judged, problems};

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

//! The check finds planted violations, and ignores text that looks like one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod circles;
mod ignored;
mod page;
mod program;
mod uses;

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

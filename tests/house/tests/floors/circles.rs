//! Files that use each other in a circle.

use house::Tree;

use crate::{LIB, PAGE, judged};

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

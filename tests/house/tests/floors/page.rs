//! The table of floors in ARCHITECTURE.md.

use house::{Tree, floors};

use crate::{LIB, PAGE, judged};

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

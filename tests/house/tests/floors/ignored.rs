//! Text that is no use.

use house::Tree;

use crate::{LIB, PAGE, is_silent, judged};

#[test]
fn test_code_is_ignored() {
    is_silent("#[cfg(test)]\nmod tests { use crate::b::*; fn f() { crate::b::above() } }");
    is_silent("#[cfg(test)]\nuse crate::b::Above;");
    is_silent("#[cfg(test)]\nfn f() { crate::b::above() }");
    is_silent("struct S; impl S { #[cfg(test)] fn f() { crate::b::above() } }");
    is_silent("#[cfg(all(test, unix))]\nmod tests;");
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

use super::*;

const GLOSSARY: &str = "# Glossary\n\n| a | b | c |\n|---|---|---|\n| `gone` | | |\n\n## Retired\n\n\
    | retired | use | where it may remain |\n|---|---|---|\n\
    | `keeper` | snapshot writer | `src/old/` |\n\
    | `Which` | record filter | |\n\
    | `stage` in `core/` | conference media | `stage_of_life` |\n\
    | `MOST*`, `fn shown`, least | max, min | |\n";

fn found(file: &str, text: &str) -> Vec<String> {
    let tree = Tree::from([(file, text)]);
    let found = find(GLOSSARY, &tree).unwrap();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn name_with_a_retired_word_is_found_in_every_case() {
    let text =
        "fn keeper_of() {}\nstruct RoomKeeper;\nconst KEEPER: u8 = 1;\nfn f() { m!(x.keeper) }";
    let found = found("src/a.rs", text);
    assert_eq!(found.len(), 4);
    assert_eq!(
        found[0],
        "src/a.rs:1: keeper_of: \"keeper\" is retired: snapshot writer"
    );
    assert_eq!(
        found[3],
        "src/a.rs:4: keeper: \"keeper\" is retired: snapshot writer"
    );
}

#[test]
fn retired_word_outside_a_name_is_not_found() {
    let text = "// keeper\n/// keeper\nfn f() { \"keeper\"; g(bookkeeperly) }";
    assert!(found("src/a.rs", text).is_empty());
}

#[test]
fn whole_name_is_found_only_as_a_whole() {
    assert_eq!(
        found("src/a.rs", "struct Which; fn which() {} struct WhichOne;").len(),
        1
    );
}

#[test]
fn row_with_a_path_holds_below_it_only() {
    assert!(found("web/a.rs", "struct Stage;").is_empty());
    assert_eq!(found("core/a.rs", "struct Stage;").len(), 1);
}

#[test]
fn excepted_path_or_name_is_not_found() {
    assert!(found("src/old/a.rs", "struct Keeper;").is_empty());
    assert!(found("core/a.rs", "fn stage_of_life() {}").is_empty());
}

#[test]
fn word_outside_backticks_is_ignored() {
    assert!(found("src/a.rs", "fn least() {}").is_empty());
}

#[test]
fn prefix_and_function_patterns_are_found() {
    let text = "const MOST_PEOPLE: u8 = ALMOST; fn shown() {} fn f() { let shown = x.shown(); }";
    assert_eq!(
        found("src/a.rs", text),
        [
            "src/a.rs:1: MOST_PEOPLE: \"MOST*\" is retired: max, min",
            "src/a.rs:1: shown: \"fn shown\" is retired: max, min"
        ]
    );
    assert_eq!(
        found("web/a.ts", "function shown() {}\nconst shown = 1;").len(),
        1
    );
}

#[test]
fn typescript_and_svelte_are_read_without_comments_and_markup() {
    let text = "// keeper\nconst a = 'keeper'; /* keeper */\nconst roomKeeper = `keeper`;";
    assert_eq!(
        found("web/a.ts", text),
        ["web/a.ts:3: roomKeeper: \"keeper\" is retired: snapshot writer"]
    );
    let text = "<p>keeper</p>\n<script lang=\"ts\">\nlet keeper = 1;\n</script>\n<style>.keeper {}</style>";
    assert_eq!(
        found("web/A.svelte", text),
        ["web/A.svelte:3: keeper: \"keeper\" is retired: snapshot writer"]
    );
    assert_eq!(found("web/snapshot-keeper.ts", "").len(), 1);
}

#[test]
fn glossary_without_the_table_is_an_error() {
    assert!(find("# Glossary", &Tree::default()).is_err());
    assert!(find("## Retired\n\n| a | b | c |\n", &Tree::default()).is_err());
}

#[test]
fn name_is_split_at_underscores_and_capitals() {
    assert_eq!(
        parts("HTTPServer_ofRoom2"),
        ["http", "server", "of", "room2"]
    );
    assert_eq!(parts("MAX_PLACES"), ["max", "places"]);
}

//! Words in an item that look like a name of something else and are not: variables, fields, variants.

use std::collections::HashSet;

use crate::tokens::{Kind, Token};

fn is_lower(token: &Token) -> bool {
    token.kind == Kind::Word
        && token
            .text
            .starts_with(|first: char| first.is_lowercase() || first == '_')
}

/// Names that are bound inside: a variable that is called like an imported function is no use of it.
pub fn bound(tokens: &[Token]) -> HashSet<&str> {
    let text = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .map_or("", |token| token.text.as_str())
    };
    let mut bound = HashSet::new();
    for (at, token) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| is_lower(token))
    {
        let before = text(at.checked_sub(1));
        let opener = text(at.checked_sub(2));
        let after = text(Some(at + 1));
        let in_pattern = ["Some", "Ok", "Err", "let", "for", "|", "("].contains(&opener);
        let is_bound = ["let", "mut", "ref", "|", "for"].contains(&before)
            || (after == ":" && ["(", ","].contains(&before))
            || (["|", ",", ")"].contains(&after) && ["(", ","].contains(&before) && in_pattern);
        if is_bound {
            bound.insert(token.text.as_str());
        }
    }
    bound
}

/// Where the variants of an enum stand among its tokens.
pub fn variants(tokens: &[Token]) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Mark {
            match token.text.as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let follows =
            before.is_some_and(|before| ["{", ",", "]"].iter().any(|mark| before.is(mark)));
        if token.kind == Kind::Word && depth == 1 && follows {
            found.insert(at);
        }
    }
    found
}

/// `fn name`, `struct Name`: what is defined here, and is no use of another.
pub fn is_definition(before: Option<&Token>) -> bool {
    const DEFINE: [&str; 9] = [
        "fn",
        "mod",
        "struct",
        "enum",
        "trait",
        "type",
        "const",
        "static",
        "macro_rules",
    ];
    before.is_some_and(|before| before.kind == Kind::Word && DEFINE.contains(&before.text.as_str()))
}

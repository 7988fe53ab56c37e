//! What a `use` brings in.

use crate::tokens::{Kind, Token};

pub struct Use {
    pub path: Vec<String>,
    /// The name that it brings in; `*` for all names of a module.
    pub alias: String,
    pub is_public: bool,
    pub line: usize,
}

/// The names that a `use` brings in, from the tokens behind the word.
pub fn uses(tree: &[Token], is_public: bool) -> Vec<Use> {
    let mut found = Vec::new();
    branch(tree, &mut 0, &[], is_public, &mut found);
    found
}

fn branch(
    tree: &[Token],
    at: &mut usize,
    prefix: &[String],
    is_public: bool,
    found: &mut Vec<Use>,
) {
    let mut path = prefix.to_vec();
    let made = |path: &[String], alias: &str, line: usize| Use {
        path: path.to_vec(),
        alias: alias.to_owned(),
        is_public,
        line,
    };
    while let Some(token) = tree.get(*at) {
        *at += 1;
        if token.is("::") {
            continue;
        }
        if token.is("*") {
            return found.push(made(&path, "*", token.line));
        }
        if token.is("{") {
            while tree.get(*at).is_some_and(|token| !token.is("}")) {
                branch(tree, at, &path, is_public, found);
                if tree.get(*at).is_some_and(|token| token.is(",")) {
                    *at += 1;
                }
            }
            *at += 1;
            return;
        }
        if token.kind != Kind::Word {
            return;
        }
        if token.text != "self" || path.is_empty() {
            path.push(token.text.clone());
        }
        match tree.get(*at) {
            Some(next) if next.is("::") => {}
            Some(next) if next.is("as") => {
                let alias = tree.get(*at + 1).map_or("_", |token| &token.text);
                found.push(made(&path, alias, token.line));
                *at += 2;
                return;
            }
            _ => {
                let alias = path.last().cloned().unwrap_or_default();
                return found.push(made(&path, &alias, token.line));
            }
        }
    }
}

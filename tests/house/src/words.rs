//! Whether names contain words that we no longer use: the table "Retired" of the glossary.
//!
//! A row is `| words | what to say | where it may remain |`. In backticks, and only there, it is for this check:
//!
//! - first cell: a word in small letters is looked for in every part of a name (`keeper` in `room_keeper` and `RoomKeeper`);
//!   one with a capital or a `_` is a whole name (`Which`), one with a `*` the beginning of one (`MOST*`), and one after `fn`
//!   the name of a function (`fn shown`). A path limits the row to what is below it.
//! - third cell: a path below which the words may remain, or a whole name that may remain.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use crate::table::{cells, quoted};
use crate::{Tree, Unreadable};

pub const PAGE: &str = "docs/glossary.md";
const HEADING: &str = "## Retired";
/// Folders with generated or recorded files.
const NOT_OURS: [&str; 9] = [
    ".git",
    // What plain `cargo test` writes for the client.
    "bindings",
    "target",
    "node_modules",
    "dist",
    "dist-reference",
    "generated",
    "fixtures",
    "data",
];

/// One row of the table.
#[derive(Debug)]
struct Retired {
    words: Vec<String>,
    instead: String,
    only_in: Vec<String>,
    except_in: Vec<String>,
    except: Vec<String>,
}

/// A name as it stands in a file.
struct Name {
    text: String,
    line: usize,
    /// Whether a function is defined by it.
    is_function: bool,
}

/// A name that contains a retired word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub word: String,
    pub file: String,
    pub line: usize,
    pub name: String,
    pub instead: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            word,
            file,
            line,
            name,
            instead,
        } = self;
        write!(
            formatter,
            "{file}:{line}: {name}: \"{word}\" is retired: {instead}"
        )
    }
}

/// How often each word occurs, and in which files most.
pub fn summary(findings: &[Finding]) -> String {
    let mut words: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for one in findings {
        *words
            .entry(&one.word)
            .or_default()
            .entry(&one.file)
            .or_default() += 1;
    }
    let mut text = String::new();
    for (word, files) in words {
        let count: usize = files.values().sum();
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_by_key(|(file, count)| (std::cmp::Reverse(*count), *file));
        let most: Vec<String> = files
            .iter()
            .take(3)
            .map(|(file, count)| format!("{file} {count}"))
            .collect();
        let _ = writeln!(
            text,
            "{count:>5}  {word}  ({} files: {})",
            files.len(),
            most.join(", ")
        );
    }
    text
}

/// Looks through the whole repository.
///
/// # Errors
/// When the glossary or a source cannot be read.
pub fn check(root: &Path) -> Result<Vec<Finding>, Unreadable> {
    let path = root.join(PAGE);
    let page = std::fs::read_to_string(&path)
        .map_err(|error| Unreadable(format!("{}: {error}", path.display())))?;
    find(
        &page,
        &Tree::read(root, &[".rs", ".ts", ".svelte"], &NOT_OURS)?,
    )
}

/// Looks through these files.
///
/// # Errors
/// When the glossary has no such table, or a file is not Rust.
pub fn find(page: &str, tree: &Tree) -> Result<Vec<Finding>, Unreadable> {
    let table = read(page)?;
    let mut found = Vec::new();
    for (file, text) in tree.files() {
        let names = if has_ending(file, "rs") {
            names_of_rust(file, text)?
        } else {
            names_of_script(file, text)
        };
        for name in names {
            let parts = parts(&name.text);
            for row in &table {
                found.extend(row.found(file, &name, &parts).map(|word| Finding {
                    word: word.to_owned(),
                    file: file.to_owned(),
                    line: name.line,
                    name: name.text.clone(),
                    instead: row.instead.clone(),
                }));
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn has_ending(file: &str, ending: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, end)| end == ending)
}

fn read(page: &str) -> Result<Vec<Retired>, Unreadable> {
    let table = page.split_once(HEADING).map(|(_, rest)| rest);
    let table = table.ok_or_else(|| Unreadable(format!("{PAGE}: there is no \"{HEADING}\"")))?;
    let mut rows = Vec::new();
    for line in table.lines().take_while(|line| !line.starts_with("## ")) {
        let Some(cells) = cells(line) else { continue };
        let [words, instead, remains, ..] = cells[..] else {
            return Err(Unreadable(format!("{PAGE}: a row has three cells: {line}")));
        };
        let is_path = |text: &String| text.contains('/');
        let (only_in, words): (Vec<_>, Vec<_>) = quoted(words).into_iter().partition(is_path);
        let (except_in, except) = quoted(remains).into_iter().partition(is_path);
        if !words.is_empty() {
            rows.push(Retired {
                words,
                instead: instead.replace('`', ""),
                only_in,
                except_in,
                except,
            });
        }
    }
    if rows.is_empty() {
        return Err(Unreadable(format!("{PAGE}: \"{HEADING}\" has no words")));
    }
    Ok(rows)
}

impl Retired {
    fn found<'a>(&'a self, file: &str, name: &Name, parts: &[String]) -> Option<&'a str> {
        let below = |paths: &[String]| paths.iter().any(|path| file.starts_with(path.as_str()));
        if (!self.only_in.is_empty() && !below(&self.only_in))
            || below(&self.except_in)
            || self.except.contains(&name.text)
        {
            return None;
        }
        let is_in = |word: &&String| {
            if let Some(function) = word.strip_prefix("fn ") {
                name.is_function && name.text == function
            } else if let Some(beginning) = word.strip_suffix('*') {
                name.text.starts_with(beginning)
            } else if word.contains('_') || word.chars().any(char::is_uppercase) {
                **word == name.text
            } else {
                parts.contains(word)
            }
        };
        self.words.iter().find(is_in).map(String::as_str)
    }
}

/// The words of a name: `tryDoor`, `TryDoor`, `try_door` and `TRY_DOOR` have the same two.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut former = '_';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() {
            former = '_';
            continue;
        }
        // `HTTPServer`: the last capital belongs to what follows.
        let next_is_small = letters.peek().is_some_and(|next| next.is_lowercase());
        let begins = !former.is_alphanumeric()
            || (letter.is_uppercase() && (former.is_lowercase() || next_is_small));
        if begins {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.extend(letter.to_lowercase());
        }
        former = letter;
    }
    parts
}

fn names_of_rust(file: &str, text: &str) -> Result<Vec<Name>, Unreadable> {
    fn collect(stream: TokenStream, names: &mut Vec<Name>) {
        let mut is_function = false;
        for tree in stream {
            match tree {
                TokenTree::Group(group) => collect(group.stream(), names),
                TokenTree::Ident(word) => {
                    let text = word.to_string().trim_start_matches("r#").to_owned();
                    let is_next = text == "fn";
                    names.push(Name {
                        text,
                        line: word.span().start().line,
                        is_function,
                    });
                    is_function = is_next;
                    continue;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            is_function = false;
        }
    }
    let stream: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
        Unreadable(format!("{file}:{}: {error}", error.span().start().line))
    })?;
    let mut names = Vec::new();
    collect(stream, &mut names);
    Ok(names)
}

/// Names in TypeScript, and in the scripts of Svelte files; and the name of the file.
fn names_of_script(file: &str, text: &str) -> Vec<Name> {
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.split('.').next().unwrap_or(stem).replace('-', "_");
    let mut names = vec![Name {
        text: stem,
        line: 1,
        is_function: false,
    }];
    if !has_ending(file, "svelte") {
        names_of_typescript(text, 1, &mut names);
        return names;
    }
    let mut line = 1;
    let mut rest = text;
    while let Some(at) = rest.find("<script") {
        let begin = at + rest[at..].find('>').map_or(0, |end| end + 1);
        let end = rest[begin..]
            .find("</script")
            .map_or(rest.len(), |end| begin + end);
        let lines_before = rest[..begin].matches('\n').count();
        names_of_typescript(&rest[begin..end], line + lines_before, &mut names);
        line += rest[..end].matches('\n').count();
        rest = &rest[end..];
    }
    names
}

fn names_of_typescript(text: &str, first_line: usize, names: &mut Vec<Name>) {
    let mut line = first_line;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_name = |one: char| one.is_alphanumeric() || one == '_' || one == '$';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if matches!(first, '"' | '\'' | '`') {
            length_of_string(rest, first)
        } else if is_name(first) {
            let length = rest.find(|one| !is_name(one)).unwrap_or(rest.len());
            names.push(Name {
                text: rest[..length].to_owned(),
                line,
                is_function: names.last().is_some_and(|name| name.text == "function"),
            });
            length
        } else {
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
}

fn length_of_string(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, one) in text.char_indices().skip(1) {
        match one {
            // A quote in a regular expression: a string does not go over the end of a line.
            '\n' if quote != '`' => return at,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if one == quote => return at + one.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;

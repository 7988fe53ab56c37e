//! The uses between files: from the file that contains a name to the file that defines it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::items::{Crate, Item, ItemKind};
use crate::names;
use crate::resolve::Found;
use crate::tokens::{Kind, Token};
use crate::use_tree::uses;

/// One place at which a file uses another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    /// The item that is used, by its own name.
    pub item: String,
}

/// The files of a crate, and which uses which, where.
#[derive(Default)]
pub struct Graph {
    pub files: BTreeSet<String>,
    pub edges: BTreeMap<(String, String), BTreeSet<Place>>,
    /// `file:line` of each glob of our own modules: they hide what is used.
    pub globs: BTreeSet<(String, usize)>,
}

impl Graph {
    pub fn of(made: &Crate) -> Self {
        let mut graph = Self::default();
        for (number, module) in made.modules.iter().enumerate() {
            if !module.list.is_empty() {
                graph.files.insert(module.file.clone());
            }
            let mut aliases: HashMap<&str, &[String]> = HashMap::new();
            for used in &module.uses {
                let found = made.resolve(number, &used.path);
                if used.alias == "*" {
                    if let Some(Found::Module(_)) = found {
                        graph.globs.insert((module.file.clone(), used.line));
                    }
                    continue;
                }
                aliases.insert(&used.alias, &used.path);
                // A re-exported item is used by the files that import it from here.
                if !used.is_public {
                    graph.add(made, &module.file, used.line, found);
                }
            }
            for &item in &module.list {
                let scan = Scan {
                    made,
                    module: number,
                    item: &made.items[item],
                    aliases: &aliases,
                };
                scan.run(&mut graph);
            }
        }
        graph
    }

    fn add(&mut self, made: &Crate, from: &str, line: usize, found: Option<Found>) {
        let Some(Found::Item(item)) = found else {
            return;
        };
        let item = &made.items[item];
        if item.file != from {
            self.files.insert(from.to_owned());
            let places = self
                .edges
                .entry((from.to_owned(), item.file.clone()))
                .or_default();
            places.insert(Place {
                line,
                item: item.name.clone(),
            });
        }
    }

    pub fn users_of<'a>(&'a self, file: &'a str) -> impl Iterator<Item = &'a str> {
        let edges = self.edges.keys();
        edges
            .filter(move |(from, _)| from == file)
            .map(|(_, to)| to.as_str())
    }
}

/// The search through one item.
struct Scan<'a> {
    made: &'a Crate,
    module: usize,
    item: &'a Item,
    aliases: &'a HashMap<&'a str, &'a [String]>,
}

impl Scan<'_> {
    fn run(&self, graph: &mut Graph) {
        // What a `use` inside the item brings in.
        let mut inner: HashMap<String, Vec<String>> = HashMap::new();
        for tokens in self.item.runs() {
            let bound = names::bound(tokens);
            let variants = if self.item.kind == ItemKind::Enum {
                names::variants(tokens)
            } else {
                std::collections::HashSet::new()
            };
            let mut at = 0;
            while let Some(token) = tokens.get(at) {
                let before = at.checked_sub(1).and_then(|at| tokens.get(at));
                if token.kind == Kind::Text && token.in_attribute {
                    let found = path_in(&token.text).and_then(|path| self.found(&path, &inner));
                    graph.add(self.made, &self.item.file, token.line, found);
                } else if token.kind == Kind::Word
                    && token.text == "use"
                    && begins_a_statement(before)
                {
                    let end = tokens[at..].iter().position(|token| token.is(";"));
                    let end = end.map_or(tokens.len(), |end| at + end);
                    for used in uses(&tokens[at + 1..end], false) {
                        let found = self.found(&used.path, &inner);
                        if used.alias == "*" && matches!(found, Some(Found::Module(_))) {
                            graph.globs.insert((self.item.file.clone(), used.line));
                        }
                        graph.add(self.made, &self.item.file, used.line, found);
                        inner.insert(used.alias, used.path);
                    }
                    at = end;
                } else if token.kind == Kind::Word
                    && !is_member(tokens, at)
                    && !names::is_definition(before)
                {
                    let (path, next) = path_at(tokens, at);
                    let follows = tokens.get(next);
                    let is_single = path.len() == 1;
                    let name = token.text.as_str();
                    let is_field = is_single
                        && name.starts_with(char::is_lowercase)
                        && follows.is_some_and(|next| next.is(":"));
                    let is_call_of_macro = is_single && follows.is_some_and(|next| next.is("!"));
                    let is_own = is_single && (bound.contains(name) || variants.contains(&at));
                    if !is_field && !is_own {
                        let found = self.found(&path, &inner);
                        let found =
                            found.filter(|found| !is_call_of_macro || self.is_macro(*found));
                        graph.add(self.made, &self.item.file, token.line, found);
                    }
                }
                at += 1;
            }
        }
    }

    fn is_macro(&self, found: Found) -> bool {
        matches!(found, Found::Item(item) if self.made.items[item].kind == ItemKind::Macro)
    }

    fn found(&self, path: &[String], inner: &HashMap<String, Vec<String>>) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let alias = inner.get(first).map(Vec::as_slice);
        let alias = alias.or_else(|| self.aliases.get(first.as_str()).copied());
        match alias {
            Some(used) => self.made.resolve(self.module, &[used, rest].concat()),
            None => self.made.resolve(self.module, path),
        }
    }
}

/// A path in a string, as in `#[serde(with = "crate::time")]`.
fn path_in(text: &str) -> Option<Vec<String>> {
    let parts: Vec<String> = text.split("::").map(str::to_owned).collect();
    let is_name = |part: &String| {
        !part.is_empty() && part.chars().all(|one| one.is_alphanumeric() || one == '_')
    };
    (parts.len() > 1 && parts.iter().all(is_name)).then_some(parts)
}

fn begins_a_statement(before: Option<&Token>) -> bool {
    before.is_none_or(|before| ["{", "}", ";", "]"].iter().any(|mark| before.is(mark)))
}

/// Whether the word belongs to what stands before it: `value.word`, `path::word`.
fn is_member(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    before.is_some_and(|before| before.is(".") || before.is("::"))
}

/// The path that begins here, and where it ends.
fn path_at(tokens: &[Token], at: usize) -> (Vec<String>, usize) {
    let mut path = vec![tokens[at].text.clone()];
    let mut next = at + 1;
    while tokens.get(next).is_some_and(|token| token.is("::")) {
        match tokens.get(next + 1) {
            Some(word) if word.kind == Kind::Word => {
                path.push(word.text.clone());
                next += 2;
            }
            Some(open) if open.is("<") => {
                let mut depth = 0_usize;
                let mut end = next + 1;
                while let Some(token) = tokens.get(end) {
                    if token.is("<") {
                        depth += 1;
                    } else if token.is(">") {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            break;
                        }
                    }
                    end += 1;
                }
                next = end + 1;
            }
            _ => break,
        }
    }
    (path, next)
}

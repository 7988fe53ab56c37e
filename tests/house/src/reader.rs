//! Reads the files of a crate into modules and items, outside tests.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

use crate::items::{Crate, Item, ItemKind, MAIN, Module};
use crate::tokens::{self, Kind, Token};
use crate::use_tree::uses;
use crate::{Tree, Unreadable};

impl Crate {
    /// Reads a crate from its `lib.rs` or `main.rs`, or both.
    ///
    /// # Errors
    /// When a file is missing or is not Rust.
    pub fn read(name: &str, tree: &Tree) -> Result<Self, Unreadable> {
        let mut read = Self {
            name: name.replace('-', "_"),
            modules: Vec::new(),
            items: Vec::new(),
            methods: HashMap::new(),
        };
        let has_library = tree.has("lib.rs");
        if has_library {
            read.module(tree, Vec::new(), "lib.rs")?;
        }
        if tree.has("main.rs") {
            let path = if has_library {
                vec![MAIN.to_owned()]
            } else {
                Vec::new()
            };
            read.module(tree, path, "main.rs")?;
        }
        if read.modules.is_empty() {
            return Err(Unreadable(format!("{name}: neither lib.rs nor main.rs")));
        }
        read.index_methods();
        Ok(read)
    }

    fn module(&mut self, tree: &Tree, path: Vec<String>, file: &str) -> Result<usize, Unreadable> {
        let text = tree
            .text(file)
            .ok_or_else(|| Unreadable(format!("{file}: there is no such file")))?;
        let tokens = Rc::new(tokens::of(file, text)?);
        let module = self.empty_module(path, file);
        let all = 0..tokens.len();
        Reader {
            made: self,
            tree,
            tokens: &tokens,
            module,
        }
        .items(all)?;
        Ok(module)
    }

    fn empty_module(&mut self, path: Vec<String>, file: &str) -> usize {
        self.modules.push(Module {
            path,
            file: file.to_owned(),
            items: BTreeMap::new(),
            list: Vec::new(),
            uses: Vec::new(),
            children: BTreeMap::new(),
        });
        self.modules.len() - 1
    }
}

/// Reads the items of one run of tokens into a module.
struct Reader<'a> {
    made: &'a mut Crate,
    tree: &'a Tree,
    tokens: &'a Rc<Vec<Token>>,
    module: usize,
}

/// What stands before an item.
#[derive(Default)]
struct Attributes {
    is_test: bool,
    path: Option<String>,
}

const FIXED: [&str; 6] = ["async", "unsafe", "const", "extern", "default", "auto"];

impl Reader<'_> {
    fn at(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    fn is(&self, at: usize, text: &str) -> bool {
        self.at(at).is_some_and(|token| token.is(text))
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.at(at)
            .filter(|token| token.kind == Kind::Word)
            .map(|token| token.text.as_str())
    }

    fn close(&self, at: usize) -> usize {
        self.at(at).map_or(at, |token| token.close)
    }

    fn unreadable(&self, at: usize, what: &str) -> Unreadable {
        let line = self.at(at).map_or(0, |token| token.line);
        let file = &self.made.modules[self.module].file;
        Unreadable(format!("{file}:{line}: {what}"))
    }

    /// Passes over attributes.
    fn attributes(&self, at: &mut usize) -> Attributes {
        let mut found = Attributes::default();
        while self.is(*at, "#") {
            let open = *at + 1 + usize::from(self.is(*at + 1, "!"));
            let close = self.close(open);
            let words = self.tokens.get(open + 1..close).unwrap_or_default();
            let has = |word: &str| words.iter().any(|token| token.is(word));
            if self.is(open + 1, "cfg") && has("test") && !has("not") && !has("feature") {
                found.is_test = true;
            }
            if self.is(open + 1, "path") {
                found.path = words.get(2).map(|token| token.text.clone());
            }
            *at = close + 1;
        }
        found
    }

    /// Where an item ends that begins here: at its `;`, or with its braces.
    fn end(&self, mut at: usize) -> usize {
        while let Some(token) = self.at(at) {
            if token.is("{") {
                return token.close;
            }
            if token.is(";") {
                return at;
            }
            at = token.close + 1;
        }
        at
    }

    /// The `;` of an item whose braces are a value.
    fn semicolon(&self, mut at: usize) -> usize {
        while let Some(token) = self.at(at) {
            if token.is(";") {
                return at;
            }
            at = token.close + 1;
        }
        at
    }

    fn add(
        &mut self,
        name: String,
        kind: ItemKind,
        head: Option<Range<usize>>,
        body: Range<usize>,
    ) {
        let item = Item {
            name: name.clone(),
            file: self.made.modules[self.module].file.clone(),
            kind,
            tokens: self.tokens.clone(),
            ranges: head.into_iter().chain([body]).collect(),
        };
        self.made.items.push(item);
        let number = self.made.items.len() - 1;
        let module = &mut self.made.modules[self.module];
        module.list.push(number);
        module.items.entry(name).or_insert(number);
    }

    fn items(&mut self, range: Range<usize>) -> Result<(), Unreadable> {
        let mut at = range.start;
        while at < range.end {
            let start = at;
            let attributes = self.attributes(&mut at);
            if at >= range.end {
                break;
            }
            let is_public = self.is(at, "pub");
            if is_public {
                at += 1;
                if self.is(at, "(") {
                    at = self.close(at) + 1;
                }
            }
            let mut keyword = at;
            while let Some(token) = self.at(keyword) {
                let is_constant = token.is("const")
                    && self
                        .word(keyword + 1)
                        .is_some_and(|next| !FIXED.contains(&next) && next != "fn");
                if is_constant
                    || !(FIXED.contains(&token.text.as_str()) || token.kind == Kind::Text)
                {
                    break;
                }
                keyword += 1;
            }
            at = self.item(start, keyword, is_public, &attributes)? + 1;
        }
        Ok(())
    }

    /// Reads one item; answers where it ends.
    fn item(
        &mut self,
        start: usize,
        keyword: usize,
        is_public: bool,
        attributes: &Attributes,
    ) -> Result<usize, Unreadable> {
        let is_test = attributes.is_test;
        let what = self.at(keyword).map_or("", |token| &token.text).to_owned();
        let named = |name: Option<&str>| name.map(str::to_owned);
        match what.as_str() {
            "use" => {
                let end = self.semicolon(keyword);
                if !is_test {
                    let tree = self.tokens.get(keyword + 1..end).unwrap_or_default();
                    let uses = uses(tree, is_public);
                    self.made.modules[self.module].uses.extend(uses);
                }
                Ok(end)
            }
            "mod" => {
                let name = named(self.word(keyword + 1))
                    .ok_or_else(|| self.unreadable(keyword, "a module without a name"))?;
                self.child(&name, keyword, attributes)
            }
            "macro_rules" => {
                let name = named(self.word(keyword + 2)).unwrap_or_default();
                let end = self.close(keyword + 3);
                if !is_test {
                    self.add(name, ItemKind::Macro, None, start..end + 1);
                }
                // With round brackets a semicolon follows.
                Ok(end + usize::from(self.is(end + 1, ";")))
            }
            "fn" | "struct" | "enum" | "trait" | "union" | "type" | "const" | "static" => {
                let name = keyword + 1 + usize::from(self.is(keyword + 1, "mut"));
                let name = named(self.word(name)).unwrap_or_default();
                let is_value = matches!(what.as_str(), "type" | "const" | "static");
                let end = if is_value {
                    self.semicolon(keyword)
                } else {
                    self.end(keyword)
                };
                let kind = if what == "enum" {
                    ItemKind::Enum
                } else {
                    ItemKind::Other
                };
                if !is_test {
                    self.add(name, kind, None, start..end + 1);
                }
                Ok(end)
            }
            "impl" => {
                let end = self.end(keyword);
                if !is_test {
                    self.implementation(start, keyword, end);
                }
                Ok(end)
            }
            _ => {
                // A macro that makes items.
                let mut at = keyword;
                while self.at(at).is_some_and(|token| !token.opens()) {
                    at += 1;
                }
                if self.at(at).is_none() {
                    return Err(self.unreadable(keyword, &format!("cannot read {what}")));
                }
                let mut end = self.close(at);
                if self.is(end + 1, ";") {
                    end += 1;
                }
                if !is_test {
                    let name = format!("{what}!@{start}");
                    self.add(name, ItemKind::Other, None, start..end + 1);
                }
                Ok(end)
            }
        }
    }

    fn child(
        &mut self,
        name: &str,
        keyword: usize,
        attributes: &Attributes,
    ) -> Result<usize, Unreadable> {
        let end = self.end(keyword);
        if attributes.is_test {
            return Ok(end);
        }
        let parent = &self.made.modules[self.module];
        let path: Vec<String> = [&parent.path[..], &[name.to_owned()]].concat();
        let file = parent.file.clone();
        let child = if self.is(end, ";") {
            let file = child_file(self.tree, &file, name, attributes.path.as_deref())
                .ok_or_else(|| self.unreadable(keyword, &format!("mod {name} has no file")))?;
            self.made.module(self.tree, path, &file)?
        } else {
            let child = self.made.empty_module(path, &file);
            let (module, open) = (self.module, keyword + 2);
            self.module = child;
            self.items(open + 1..end)?;
            self.module = module;
            child
        };
        let children = &mut self.made.modules[self.module].children;
        children.insert(name.to_owned(), child);
        Ok(end)
    }

    /// `impl Trait for Type` is one item; of `impl Type` each method is.
    fn implementation(&mut self, start: usize, keyword: usize, end: usize) {
        let mut open = keyword;
        while self.at(open).is_some_and(|token| !token.is("{")) {
            open = self.close(open) + 1;
        }
        let head = implemented(self.tokens.get(keyword + 1..open).unwrap_or_default());
        if head.is_trait {
            let name = format!("{} as {keyword}", head.of_type);
            self.add(name, ItemKind::Other, None, start..end + 1);
            return;
        }
        let mut at = open + 1;
        while at < end {
            let first = at;
            let attributes = self.attributes(&mut at);
            let mut name = at;
            while name < end
                && !(self.is(name, "fn")
                    || self.is(name, "type")
                    || (self.is(name, "const")
                        && self
                            .word(name + 1)
                            .is_some_and(|next| next != "fn" && !FIXED.contains(&next))))
            {
                name += 1;
            }
            let last = if self.is(name, "fn") {
                self.end(name)
            } else {
                self.semicolon(name)
            };
            if let Some(method) = self
                .word(name + 1)
                .map(str::to_owned)
                .filter(|_| !attributes.is_test)
            {
                self.add(
                    format!("{}::{method}", head.of_type),
                    ItemKind::Other,
                    Some(keyword + 1..open),
                    first..last + 1,
                );
            }
            at = last + 1;
        }
    }
}

/// The type of an `impl`, and whether it implements a trait.
struct Implemented {
    of_type: String,
    is_trait: bool,
}

fn implemented(head: &[Token]) -> Implemented {
    let mut depth = 0_usize;
    let mut of_type = String::new();
    let mut is_trait = false;
    let mut is_whole = false;
    for token in head {
        match token.text.as_str() {
            "<" if token.kind == Kind::Mark => depth += 1,
            ">" if token.kind == Kind::Mark => depth = depth.saturating_sub(1),
            "where" if depth == 0 => break,
            "for" if depth == 0 => {
                is_trait = true;
                is_whole = false;
                of_type.clear();
            }
            "dyn" | "mut" | "const" => {}
            _ if depth > 0 => {}
            word if token.kind == Kind::Word && !is_whole => word.clone_into(&mut of_type),
            "::" => {}
            _ => is_whole = !of_type.is_empty(),
        }
    }
    Implemented { of_type, is_trait }
}

fn child_file(tree: &Tree, file: &str, name: &str, path: Option<&str>) -> Option<String> {
    let (folder, base) = file
        .rsplit_once('/')
        .map_or(("", file), |(folder, base)| (folder, base));
    let join = |folder: &str, name: &str| {
        if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        }
    };
    if let Some(path) = path {
        return Some(join(folder, path)).filter(|path| tree.has(path));
    }
    let stem = base.trim_end_matches(".rs");
    let below = if ["lib", "main", "mod"].contains(&stem) {
        folder.to_owned()
    } else {
        join(folder, stem)
    };
    let files = [
        join(&below, &format!("{name}.rs")),
        join(&below, &format!("{name}/mod.rs")),
    ];
    files.into_iter().find(|file| tree.has(file))
}

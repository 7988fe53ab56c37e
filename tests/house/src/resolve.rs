//! From a path to what it names, through `use` and `pub use` to the module that defines it.

use std::collections::HashMap;

use crate::items::Crate;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Module(usize),
    Item(usize),
}

/// The names that were looked up on the way: a `use` may lead back to itself.
type Seen<'a> = &'a [(usize, &'a str)];

impl Crate {
    /// What this path names in a module of this crate; nothing when it leads out of the crate.
    pub fn resolve(&self, module: usize, path: &[String]) -> Option<Found> {
        self.lead(module, path, &[])
    }

    /// An item by its name in a module, also one that a `use` brings in.
    pub fn item_named(&self, module: usize, name: &str) -> Option<usize> {
        match self.walk(module, &[name.to_owned()], &[])? {
            Found::Item(item) => Some(item),
            Found::Module(_) => None,
        }
    }

    fn lead(&self, module: usize, path: &[String], seen: Seen) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(self.root_of(module), rest, seen),
            "self" if rest.first().is_some_and(|next| next == "super") => {
                self.lead(module, rest, seen)
            }
            "self" => self.walk(module, rest, seen),
            "super" => {
                let mut module = self.parent_of(module)?;
                let mut rest = rest;
                while let Some(("super", more)) =
                    rest.split_first().map(|(one, more)| (one.as_str(), more))
                {
                    module = self.parent_of(module)?;
                    rest = more;
                }
                self.walk(module, rest, seen)
            }
            name if name == self.name => self.walk(0, rest, seen),
            _ => self.walk(module, path, seen),
        }
    }

    fn walk(&self, module: usize, path: &[String], seen: Seen) -> Option<Found> {
        let Some((name, rest)) = path.split_first() else {
            return Some(Found::Module(module));
        };
        let here = &self.modules[module];
        if let Some(&child) = here.children.get(name) {
            return self.walk(child, rest, seen);
        }
        if let Some(&item) = here.items.get(name) {
            return Some(Found::Item(self.member(item, rest)));
        }
        if seen.contains(&(module, name.as_str())) {
            return None;
        }
        let seen = &[seen, &[(module, name.as_str())]].concat()[..];
        if let Some(used) = here.uses.iter().find(|used| used.alias == *name) {
            return match self.lead(module, &used.path, seen)? {
                Found::Module(found) => self.walk(found, rest, seen),
                Found::Item(item) => Some(Found::Item(self.member(item, rest))),
            };
        }
        let mut globs = here.uses.iter().filter(|used| used.alias == "*");
        globs.find_map(|used| match self.lead(module, &used.path, seen)? {
            Found::Module(found) if found != module => self.walk(found, path, seen),
            _ => None,
        })
    }

    /// `Type::method` is where the method is written, which may be another file than the type's.
    fn member(&self, item: usize, rest: &[String]) -> usize {
        let method = rest
            .first()
            .and_then(|method| self.methods.get(&(item, method.clone())));
        method.copied().unwrap_or(item)
    }

    /// Notes where methods are written, once all modules are read.
    pub fn index_methods(&mut self) {
        let mut methods = HashMap::new();
        for (number, module) in self.modules.iter().enumerate() {
            for &item in &module.list {
                let Some((of_type, method)) = self.items[item].name.split_once("::") else {
                    continue;
                };
                if let Some(of_type) = self.item_named(number, of_type) {
                    methods.entry((of_type, method.to_owned())).or_insert(item);
                }
            }
        }
        self.methods = methods;
    }
}

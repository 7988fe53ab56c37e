//! The modules of a crate and the items in them, outside tests.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

use crate::tokens::Token;
use crate::use_tree::Use;

/// The module that stands for the binary: it may name the library by its name.
pub const MAIN: &str = "<main>";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    Macro,
    Enum,
    Other,
}

/// A top-level item, or a method of an inherent `impl` as `Type::method`.
pub struct Item {
    pub name: String,
    pub file: String,
    pub kind: ItemKind,
    pub tokens: Rc<Vec<Token>>,
    pub ranges: Vec<Range<usize>>,
}

impl Item {
    /// Its tokens, in one or two runs.
    pub fn runs(&self) -> impl Iterator<Item = &[Token]> {
        let runs = self.ranges.iter();
        runs.filter_map(|range| self.tokens.get(range.clone()))
    }
}

pub struct Module {
    pub path: Vec<String>,
    pub file: String,
    /// By name; the first one where two have the same (a type and a macro).
    pub items: BTreeMap<String, usize>,
    pub list: Vec<usize>,
    pub uses: Vec<Use>,
    pub children: BTreeMap<String, usize>,
}

pub struct Crate {
    /// As paths name it.
    pub name: String,
    pub modules: Vec<Module>,
    pub items: Vec<Item>,
    /// Methods of types, by the item of the type, where a path `Type::method` leads.
    pub methods: HashMap<(usize, String), usize>,
}

impl Crate {
    /// The module at the top of this one.
    pub fn root_of(&self, module: usize) -> usize {
        let is_main = self.modules[module]
            .path
            .first()
            .is_some_and(|one| one == MAIN);
        let main = self.modules.iter().position(|one| one.path == [MAIN]);
        main.filter(|_| is_main).unwrap_or(0)
    }

    pub fn parent_of(&self, module: usize) -> Option<usize> {
        let (_, parent) = self.modules[module].path.split_last()?;
        self.modules.iter().position(|one| one.path == parent)
    }
}

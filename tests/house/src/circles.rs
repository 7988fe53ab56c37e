//! Files that use each other in a circle.

use std::collections::BTreeMap;

use crate::graph::Graph;

/// The circles: each with all its files, the largest first. (Tarjan's strongly connected components.)
pub fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let mut search = Search {
        graph,
        index: BTreeMap::new(),
        low: BTreeMap::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    for file in &graph.files {
        if !search.index.contains_key(file.as_str()) {
            search.visit(file);
        }
    }
    let mut found = search.found;
    found.sort_by_key(|circle| (std::cmp::Reverse(circle.len()), circle.clone()));
    found
}

struct Search<'a> {
    graph: &'a Graph,
    index: BTreeMap<&'a str, usize>,
    low: BTreeMap<&'a str, usize>,
    stack: Vec<&'a str>,
    found: Vec<Vec<String>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, file: &'a str) -> usize {
        let number = self.index.len();
        self.index.insert(file, number);
        self.stack.push(file);
        let mut low = number;
        let used: Vec<&str> = self.graph.users_of(file).collect();
        for other in used {
            match self.index.get(other) {
                None => low = low.min(self.visit(other)),
                Some(&index) if self.stack.contains(&other) => low = low.min(index),
                Some(_) => {}
            }
        }
        self.low.insert(file, low);
        if low == number {
            let from = self.stack.iter().position(|one| *one == file).unwrap_or(0);
            let mut circle: Vec<String> = self.stack.drain(from..).map(str::to_owned).collect();
            if circle.len() > 1 {
                circle.sort();
                self.found.push(circle);
            }
        }
        low
    }
}

//! Whether every module keeps to its floor, and no files use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use crate::circles::circles;
use crate::graph::Graph;
use crate::items::Crate;
use crate::table::{Page, Table, is_of};
use crate::{Tree, Unreadable};

pub const PAGE: &str = "ARCHITECTURE.md";

/// The result: the floors as they are, and the problems, one line each.
#[derive(Debug, Default)]
pub struct Report {
    pub floors: String,
    pub problems: Vec<String>,
}

/// Checks all crates that have a table, below the top of the repository.
///
/// # Errors
/// When the page or a source cannot be read.
pub fn check(root: &Path) -> Result<Report, Unreadable> {
    let path = root.join(PAGE);
    let page = std::fs::read_to_string(&path)
        .map_err(|error| Unreadable(format!("{}: {error}", path.display())))?;
    judge(&page, |source| {
        Tree::read(&root.join(source), &[".rs"], &[])
    })
}

/// The same with sources from anywhere.
///
/// # Errors
/// When the page or a source cannot be read.
pub fn judge(
    page: &str,
    source: impl Fn(&str) -> Result<Tree, Unreadable>,
) -> Result<Report, Unreadable> {
    let page = Page::read(PAGE, page)?;
    if page.tables.is_empty() {
        return Err(Unreadable(format!("{PAGE}: there is no table of floors")));
    }
    let mut report = Report::default();
    let mut excused = BTreeSet::new();
    for table in &page.tables {
        let folder = table.source.trim_end_matches("/src");
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let tree = source(&table.source)?;
        let made = Crate::read(name, &tree)
            .map_err(|error| Unreadable(format!("{}/{error}", table.source)))?;
        let graph = Graph::of(&made);
        of_crate(table, &page, &tree, &graph, &mut excused, &mut report);
    }
    for excuse in &page.excuses {
        if !excused.contains(&excuse.line) {
            report.problems.push(format!(
                "{PAGE}:{}: this circle is not there, or not of these files: {}",
                excuse.line,
                excuse.files.join(" ")
            ));
        }
    }
    Ok(report)
}

fn of_crate(
    table: &Table,
    page: &Page,
    tree: &Tree,
    graph: &Graph,
    excused: &mut BTreeSet<usize>,
    report: &mut Report,
) {
    let source = &table.source;
    for unit in &table.units {
        if !tree.files().any(|(file, _)| is_of(file, &unit.name)) {
            report.problems.push(format!(
                "{PAGE}:{}: {} has floor {} and is not in {source}",
                unit.line, unit.name, unit.floor
            ));
        }
    }
    for file in &graph.files {
        if table.unit_of(file).is_none() {
            report.problems.push(format!(
                "{source}/{file}: it has no floor: add it to the table in {PAGE}"
            ));
        }
    }
    for (file, line) in &graph.globs {
        report.problems.push(format!(
            "{source}/{file}:{line}: a glob of our own module hides what is used: name it"
        ));
    }
    let mut leaving: BTreeMap<&str, usize> = BTreeMap::new();
    for ((from, to), places) in &graph.edges {
        let (Some(user), Some(used)) = (table.unit_of(from), table.unit_of(to)) else {
            continue;
        };
        if user.name == used.name {
            continue;
        }
        *leaving.entry(&user.name).or_default() += 1;
        if used.floor < user.floor {
            continue;
        }
        for place in places {
            report.problems.push(format!(
                "{source}/{from}:{}: floor {} uses {} (floor {})",
                place.line, user.floor, place.item, used.floor
            ));
        }
    }
    apart(page, source, tree, graph, report);
    let circles = circles(graph);
    for circle in &circles {
        let files: Vec<String> = circle
            .iter()
            .map(|file| format!("{source}/{file}"))
            .collect();
        match page.excuses.iter().find(|excuse| excuse.files == files) {
            Some(excuse) => {
                excused.insert(excuse.line);
            }
            None => report.problems.push(circle_text(source, circle, graph)),
        }
    }
    describe(table, graph, circles.len(), &leaving, &mut report.floors);
}

fn apart(page: &Page, source: &str, tree: &Tree, graph: &Graph, report: &mut Report) {
    for pair in page.aparts.iter().filter(|pair| pair.source == source) {
        for name in [&pair.one, &pair.other] {
            if !tree.files().any(|(file, _)| is_of(file, name)) {
                let line = pair.line;
                report
                    .problems
                    .push(format!("{PAGE}:{line}: {name} is not in {source}"));
            }
        }
        for ((from, to), places) in &graph.edges {
            let is_between = |one: &str, other: &str| is_of(from, one) && is_of(to, other);
            if is_between(&pair.one, &pair.other) || is_between(&pair.other, &pair.one) {
                report.problems.extend(places.iter().map(|place| {
                    format!(
                        "{source}/{from}:{}: uses {} of {to}, and {} and {} do not know each other",
                        place.line, place.item, pair.one, pair.other
                    )
                }));
            }
        }
    }
}

/// The circle, and one place for each of its edges.
fn circle_text(source: &str, circle: &[String], graph: &Graph) -> String {
    let mut text = format!(
        "{source}/{}: a circle of {} files:",
        circle[0],
        circle.len()
    );
    for ((from, to), places) in &graph.edges {
        if circle.contains(from)
            && circle.contains(to)
            && let Some(place) = places.first()
        {
            let _ = write!(
                text,
                "\n    {source}/{from}:{} uses {} of {to}",
                place.line, place.item
            );
        }
    }
    text
}

fn describe(
    table: &Table,
    graph: &Graph,
    circles: usize,
    leaving: &BTreeMap<&str, usize>,
    text: &mut String,
) {
    let (files, edges) = (graph.files.len(), graph.edges.len());
    let _ = writeln!(
        text,
        "{}: {files} files, {edges} edges, {circles} circles",
        table.source
    );
    let mut floors: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for unit in &table.units {
        let count = leaving.get(unit.name.as_str()).copied().unwrap_or(0);
        floors
            .entry(unit.floor)
            .or_default()
            .push(format!("{} {count}", unit.name));
    }
    for (floor, units) in floors {
        let _ = writeln!(text, "  {floor:>2}  {}", units.join(", "));
    }
}

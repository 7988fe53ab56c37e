//! The tables of floors in ARCHITECTURE.md.
//!
//! ```text
//! <!-- floors: kmz-meet-server/src -->
//! | floor | units | what it is |
//! |---|---|---|
//! | 1 | `clock` `language` | know nobody |
//! <!-- end -->
//! <!-- apart: kmz-meet-core/src room sfu -->
//! <!-- circles -->
//! - `folder/a.rs` `folder/b.rs`: the reason
//! <!-- end -->
//! ```

use crate::Unreadable;

/// The most circles that may be excused.
pub const MAX_EXCUSED_CIRCLES: usize = 3;

/// A folder or a file without `.rs`, and where it stands.
#[derive(Clone, Debug)]
pub struct Unit {
    pub name: String,
    pub floor: u32,
    pub line: usize,
}

/// The floors of one crate.
#[derive(Debug)]
pub struct Table {
    /// The folder of its sources, from the top of the repository.
    pub source: String,
    pub units: Vec<Unit>,
}

impl Table {
    /// The unit of a file: the longest name that is the file's or that of a folder around it.
    pub fn unit_of(&self, file: &str) -> Option<&Unit> {
        let units = self.units.iter().filter(|unit| is_of(file, &unit.name));
        units.max_by_key(|unit| unit.name.len())
    }
}

/// Files that may use each other in a circle.
#[derive(Debug)]
pub struct Excuse {
    pub files: Vec<String>,
    pub line: usize,
}

/// Two folders or files of a crate that do not know each other, on whatever floors they are.
#[derive(Debug)]
pub struct Apart {
    pub source: String,
    pub one: String,
    pub other: String,
    pub line: usize,
}

/// What the page says.
#[derive(Debug, Default)]
pub struct Page {
    pub tables: Vec<Table>,
    pub aparts: Vec<Apart>,
    pub excuses: Vec<Excuse>,
}

/// Whether a file is this one, or in this folder.
pub fn is_of(file: &str, name: &str) -> bool {
    let rest = file.trim_end_matches(".rs").strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The words between backticks.
pub fn quoted(text: &str) -> Vec<String> {
    let words = text.split('`').skip(1).step_by(2);
    words.map(str::to_owned).collect()
}

/// The cells of a row of a table.
pub fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

enum Part {
    Outside,
    Floors(Table),
    Circles,
}

impl Page {
    /// Reads the page.
    ///
    /// # Errors
    /// When a row, a floor or an excuse is not what it should be; with the line.
    pub fn read(name: &str, text: &str) -> Result<Self, Unreadable> {
        let mut page = Self::default();
        let mut part = Part::Outside;
        for (number, line) in text.lines().enumerate() {
            let number = number + 1;
            let failed = |what: String| Unreadable(format!("{name}:{number}: {what}"));
            if let Some(source) = line
                .strip_prefix("<!-- floors: ")
                .and_then(|rest| rest.strip_suffix(" -->"))
            {
                part = Part::Floors(Table {
                    source: source.trim().to_owned(),
                    units: Vec::new(),
                });
                continue;
            }
            if let Some(apart) = line
                .strip_prefix("<!-- apart: ")
                .and_then(|rest| rest.strip_suffix(" -->"))
            {
                let words: Vec<&str> = apart.split_whitespace().collect();
                let [source, one, other] = words[..] else {
                    return Err(failed("two that are apart: source, one, other".to_owned()));
                };
                page.aparts.push(Apart {
                    source: source.to_owned(),
                    one: one.to_owned(),
                    other: other.to_owned(),
                    line: number,
                });
                continue;
            }
            match line {
                "<!-- circles -->" => part = Part::Circles,
                "<!-- end -->" => {
                    if let Part::Floors(table) = std::mem::replace(&mut part, Part::Outside) {
                        page.tables.push(table);
                    }
                }
                _ => match &mut part {
                    Part::Outside => {}
                    Part::Floors(table) => row(table, line, number).map_err(failed)?,
                    Part::Circles => page.excuses.extend(excuse(line, number).map_err(failed)?),
                },
            }
        }
        if !matches!(part, Part::Outside) {
            return Err(Unreadable(format!("{name}: a table has no <!-- end -->")));
        }
        if page.excuses.len() > MAX_EXCUSED_CIRCLES {
            let count = page.excuses.len();
            return Err(Unreadable(format!(
                "{name}: {count} circles are excused, and {MAX_EXCUSED_CIRCLES} may be"
            )));
        }
        Ok(page)
    }
}

fn row(table: &mut Table, line: &str, number: usize) -> Result<(), String> {
    if line.trim().is_empty() {
        return Ok(());
    }
    let cells = cells(line).ok_or("a row begins and ends with |")?;
    let [floor, units, ..] = cells[..] else {
        return Err("a row has a floor, its units, and what they are".to_owned());
    };
    if floor == "floor" || floor.starts_with("--") {
        return Ok(());
    }
    let floor = floor
        .parse()
        .map_err(|_| format!("\"{floor}\" is not a whole number"))?;
    let units = quoted(units);
    if units.is_empty() {
        return Err(format!("floor {floor} has no units"));
    }
    for name in units {
        if table.units.iter().any(|unit| unit.name == name) {
            return Err(format!("{name} has two floors"));
        }
        table.units.push(Unit {
            name,
            floor,
            line: number,
        });
    }
    Ok(())
}

fn excuse(line: &str, number: usize) -> Result<Option<Excuse>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let rest = line
        .strip_prefix("- ")
        .ok_or("an excuse begins with \"- \"")?;
    let (files, reason) = rest.split_once(": ").ok_or("an excuse is files: reason")?;
    let mut files = quoted(files);
    if files.len() < 2 || reason.trim().is_empty() {
        return Err("an excuse names two files or more, and the reason".to_owned());
    }
    files.sort();
    Ok(Some(Excuse {
        files,
        line: number,
    }))
}

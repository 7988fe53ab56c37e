//! Takes the rows of a table one by one, finds the heads, and keeps of each row what is needed.

use kmz_meet_core::room::DisplayName;

use super::columns::Columns;
use super::entry::MAX_NAME_CHARS;
use super::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS, Note, Refusal, Row, RowFault, Teacher};
use crate::email_address::EmailAddress;

/// Above the heads there may be a title and a few lines of text.
const HEAD_ROWS: usize = 10;

/// What begins so is run by a spreadsheet, and lists of teachers end in spreadsheets.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// What is in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    #[default]
    Empty,
    /// Cut behind [`MAX_CELL_CHARS`] and one more.
    Text(String),
    /// Its value is not looked at.
    Formula,
    /// `#N/A` and the like.
    Fault,
}

impl Cell {
    fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Formula | Self::Fault => false,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What was found so far.
#[derive(Default)]
pub struct Collector {
    columns: Option<Columns>,
    /// What the best row so far does not name.
    nearest: Option<(usize, Vec<&'static str>)>,
    seen: usize,
    rows: Vec<Row>,
}

impl Collector {
    /// Takes one row.
    ///
    /// # Errors
    /// When the table is too large, or no row names its columns.
    pub fn row(&mut self, number: u32, cells: &[Cell]) -> Result<(), Refusal> {
        let used = cells.iter().rposition(|cell| !cell.is_empty());
        let Some(last) = used else { return Ok(()) };
        if last >= MAX_COLUMNS {
            return Err(Refusal::TooManyColumns);
        }
        let Some(columns) = &self.columns else {
            return self.head(cells);
        };
        let Some(read) = entry(columns, cells) else {
            return Ok(());
        };
        if self.rows.len() == MAX_ROWS {
            return Err(Refusal::TooManyRows);
        }
        self.rows.push(Row { number, read });
        Ok(())
    }

    fn head(&mut self, cells: &[Cell]) -> Result<(), Refusal> {
        let texts = cells.iter().enumerate();
        let columns = Columns::of(texts.filter_map(|(at, cell)| Some((at, cell.text()?))));
        let missing = columns.missing();
        if missing.is_empty() {
            self.columns = Some(columns);
            return Ok(());
        }
        let known = columns.known();
        if self.nearest.as_ref().is_none_or(|(best, _)| known > *best) {
            self.nearest = Some((known, missing));
        }
        self.seen += 1;
        if self.seen >= HEAD_ROWS {
            return Err(self.head_missing());
        }
        Ok(())
    }

    fn head_missing(&self) -> Refusal {
        match &self.nearest {
            Some((_, missing)) => Refusal::HeadMissing(missing.clone()),
            None => Refusal::Empty,
        }
    }

    /// What was found.
    ///
    /// # Errors
    /// When there is nobody.
    pub fn finish(self) -> Result<(Vec<Row>, Vec<Note>), Refusal> {
        let Some(columns) = &self.columns else {
            return Err(self.head_missing());
        };
        if self.rows.is_empty() {
            return Err(Refusal::NoRows);
        }
        let twice = columns.twice.iter().take(MAX_COLUMNS);
        let notes = twice.map(|head| Note::HeadTwice(head.clone())).collect();
        Ok((self.rows, notes))
    }
}

/// `None` for a row in which none of the cells that count has anything.
fn entry(columns: &Columns, cells: &[Cell]) -> Option<Result<Teacher, RowFault>> {
    let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).unwrap_or(&Cell::Empty);
    let fields = [
        columns.title,
        columns.first_name,
        columns.surname,
        columns.full_name,
        columns.email,
    ];
    if fields.into_iter().all(|at| cell(at).is_empty()) {
        return None;
    }
    Some(teacher(columns, &cell))
}

fn teacher<'c>(
    columns: &Columns,
    cell: &impl Fn(Option<usize>) -> &'c Cell,
) -> Result<Teacher, RowFault> {
    let (first_name, surname) = match columns.full_name {
        Some(_) if columns.first_name.is_none() => parted(&text(cell(columns.full_name))?),
        _ => (
            text(cell(columns.first_name))?,
            text(cell(columns.surname))?,
        ),
    };
    let title = text(cell(columns.title))?;
    let email = text(cell(columns.email))?;
    if first_name.is_empty() && surname.is_empty() {
        return Err(RowFault::NoName);
    }
    let first_name = name(&first_name)?;
    let surname = name(&surname)?;
    let title = name(&title)?;
    if email.is_empty() {
        return Err(RowFault::NoAddress);
    }
    let teacher = Teacher {
        title: Some(title).filter(|title| !title.is_empty()),
        first_name,
        surname,
        email: address(&email)?,
    };
    DisplayName::of(&teacher.name()).ok_or(RowFault::NotAName)?;
    Ok(teacher)
}

/// The text of a cell, with single blanks.
fn text(cell: &Cell) -> Result<String, RowFault> {
    match cell {
        Cell::Empty => Ok(String::new()),
        Cell::Formula => Err(RowFault::Formula),
        Cell::Fault => Err(RowFault::SpreadsheetFault),
        Cell::Text(text) => {
            if text.chars().nth(MAX_CELL_CHARS).is_some() {
                return Err(RowFault::TooLong);
            }
            let words: Vec<&str> = text.split_whitespace().collect();
            Ok(words.join(" "))
        }
    }
}

/// "Nachname, Vorname" or "Vorname Nachname", whose last word is the surname, with what belongs to it.
fn parted(full: &str) -> (String, String) {
    if let Some((surname, first)) = full.split_once(',') {
        return (first.trim().to_owned(), surname.trim().to_owned());
    }
    let words: Vec<&str> = full.split(' ').collect();
    let mut at = words.len().saturating_sub(1);
    let particles = [
        "von", "vom", "van", "de", "den", "der", "zu", "zum", "zur", "di", "la",
    ];
    while at > 1 && particles.contains(&words[at - 1].to_lowercase().as_str()) {
        at -= 1;
    }
    (words[..at].join(" "), words[at..].join(" "))
}

fn address(text: &str) -> Result<EmailAddress, RowFault> {
    // Addresses may begin so, but those of schools do not.
    if text.starts_with(FORMULA) {
        return Err(RowFault::Formula);
    }
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    text.parse().map_err(|_| RowFault::NotAnAddress)
}

/// A part of a name, which may be empty.
fn name(text: &str) -> Result<String, RowFault> {
    if text.starts_with(FORMULA) {
        return Err(RowFault::Formula);
    }
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(RowFault::TooLong);
    }
    let of_names = |c: char| {
        c.is_alphabetic()
            || matches!(c, ' ' | '-' | '.' | '\'' | '’' | '`' | '´' | '·' | '\u{2010}' | '\u{2011}')
            // Marks that stand on the letter before.
            || ('\u{300}'..='\u{36f}').contains(&c)
    };
    let fits =
        text.chars().all(of_names) && (text.is_empty() || text.chars().any(char::is_alphabetic));
    fits.then(|| text.to_owned()).ok_or(RowFault::NotAName)
}

//! The cells of one sheet (ECMA-376, part 1, 18.3), row by row.

use quick_xml::events::{BytesStart, Event};

use super::package::Package;
use super::strings::Strings;
use super::xml::{Xml, append, attribute};
use crate::teacher_lists::collector::{Cell, Collector};
use crate::teacher_lists::{MAX_CELL_CHARS, MAX_COLUMNS, Refusal};

/// What a cell's value is, by its attribute `t`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number, a text of its own, or a truth.
    Value,
    Shared,
    Inline,
    Fault,
}

/// The row that is being read.
#[derive(Default)]
struct Line {
    /// From 1.
    number: u32,
    cells: Vec<Cell>,
    /// Where the next cell is, if it does not say so itself.
    next: usize,
}

/// Gives all rows of a sheet to the collector.
pub fn read(
    package: &mut Package<'_>,
    part: &str,
    strings: &Strings,
    collector: &mut Collector,
) -> Result<(), Refusal> {
    let Some(part) = package.part(part)? else {
        return Err(Refusal::Damaged);
    };
    let mut xml = Xml::of(part);
    let mut line = Line::default();
    let (mut column, mut kind) = (0, Kind::Value);
    let (mut value, mut taken, mut formula, mut in_text) = (String::new(), false, false, false);
    loop {
        let event = xml.next()?;
        match &event {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => {
                    let said = attribute(element, "r").and_then(|r| r.parse().ok());
                    line.number = said.unwrap_or(line.number.saturating_add(1));
                    line.next = 0;
                    line.cells.clear();
                }
                "c" => {
                    column = column_of(element)?.unwrap_or(line.next);
                    line.next = column.saturating_add(1);
                    kind = kind_of(element);
                    value.clear();
                    (taken, formula, in_text) = (false, false, false);
                }
                "f" => formula = true,
                "rPh" => in_text = false,
                "v" => (in_text, taken) = (kind != Kind::Inline, true),
                "t" => (in_text, taken) = (kind == Kind::Inline, true),
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "v" | "t" => in_text = false,
                "c" => {
                    let cell = match kind {
                        _ if formula => Cell::Formula,
                        _ if !taken => Cell::Empty,
                        Kind::Fault => Cell::Fault,
                        Kind::Value | Kind::Inline => Cell::Text(std::mem::take(&mut value)),
                        Kind::Shared => {
                            let index = value.trim().parse().map_err(|_| Refusal::Damaged)?;
                            let text = strings.get(index).ok_or(Refusal::Damaged)?;
                            Cell::Text(text.to_owned())
                        }
                    };
                    put(&mut line, column, cell)?;
                }
                "row" => collector.row(line.number, &line.cells)?,
                // Behind it there are notes, rules and pictures.
                "sheetData" => return Ok(()),
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ if in_text => append(&mut value, &event, MAX_CELL_CHARS + 1),
            _ => {}
        }
    }
}

fn put(line: &mut Line, column: usize, cell: Cell) -> Result<(), Refusal> {
    let empty = match &cell {
        Cell::Empty => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    };
    if empty {
        return Ok(());
    }
    if column >= MAX_COLUMNS {
        return Err(Refusal::TooManyColumns);
    }
    if line.cells.len() <= column {
        line.cells.resize(column + 1, Cell::Empty);
    }
    line.cells[column] = cell;
    Ok(())
}

fn kind_of(cell: &BytesStart<'_>) -> Kind {
    match attribute(cell, "t").as_deref() {
        Some("s") => Kind::Shared,
        Some("inlineStr") => Kind::Inline,
        Some("e") => Kind::Fault,
        _ => Kind::Value,
    }
}

/// From `BC12` the column, counted from 0.
fn column_of(cell: &BytesStart<'_>) -> Result<Option<usize>, Refusal> {
    let Some(place) = attribute(cell, "r") else {
        return Ok(None);
    };
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0usize;
    let mut count = 0;
    for letter in letters {
        count += 1;
        // Excel's last column is XFD.
        if count > 3 {
            return Err(Refusal::Damaged);
        }
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    }
    Ok(column.checked_sub(1))
}

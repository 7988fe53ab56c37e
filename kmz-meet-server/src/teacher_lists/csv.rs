//! Values with separators (RFC 4180, and what spreadsheets make of it).

use ::csv::{ReaderBuilder, StringRecord};

use super::collector::{Cell, Collector};
use super::columns::Columns;
use super::text::decode;
use super::{Format, MAX_CELL_CHARS, MAX_COLUMNS, Refusal, TeacherList};

/// In the order of preference where a file says nothing.
const SEPARATORS: [char; 3] = [';', ',', '\t'];
/// So many rows show which separator it is.
const PROBE_ROWS: usize = 12;
/// In one line of text, in cells too. Empty columns at the end of a table are left out, however many they are.
const MAX_SEPARATORS: usize = 2_000_000;
/// Longer text is not needed to find the separator.
const PROBE_BYTES: usize = 64 * 1024;

pub fn read(bytes: &[u8]) -> Result<TeacherList, Refusal> {
    if let Some(name) = other_format(bytes) {
        return Err(Refusal::OtherFormat(name));
    }
    let decoded = decode(bytes)?;
    let text = decoded.text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    // Excel's own way to name the separator in the first line.
    let (said, text, skipped) = match text.split_once('\n') {
        Some((line, rest)) => match said_separator(line) {
            Some(separator) => (Some(separator), rest, 1),
            None => (None, text, 0),
        },
        None => (None, text, 0),
    };
    let separator = said.unwrap_or_else(|| found_separator(text));
    // The reader notes where each column of a row ends, before anybody can count them.
    if text.lines().any(|line| {
        let separators = line.bytes().filter(|byte| *byte == separator as u8);
        separators.count() > MAX_SEPARATORS
    }) {
        return Err(Refusal::TooManyColumns);
    }
    let mut collector = Collector::default();
    let mut reader = reader(text, separator);
    let mut record = StringRecord::new();
    let mut cells = Vec::new();
    let mut lines = Lines::of(text);
    // Text of bytes that are UTF-8 already has no other error than one of encoding.
    while reader
        .read_record(&mut record)
        .map_err(|_| Refusal::NotText)?
    {
        // Empty columns at the end are what a spreadsheet leaves.
        let mut beyond = record.iter().skip(MAX_COLUMNS);
        if beyond.any(|cell| !cell.trim().is_empty()) {
            return Err(Refusal::TooManyColumns);
        }
        cells.clear();
        cells.extend(record.iter().take(MAX_COLUMNS).map(cell));
        let byte = record.position().map_or(0, ::csv::Position::byte);
        collector.row(lines.at(byte as usize) + skipped, &cells)?;
    }
    let (rows, notes) = collector.finish()?;
    Ok(TeacherList {
        format: Format::Csv {
            encoding: decoded.encoding,
            separator,
        },
        notes,
        rows,
    })
}

fn reader(text: &str, separator: char) -> ::csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(separator).unwrap_or(b';'))
        .from_reader(text.as_bytes())
}

/// The numbers of lines, which the reader of records tells only of files without carriage returns.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            number: 1,
        }
    }

    /// The number of the line in which a record begins, from 1. Asked in order.
    fn at(&mut self, byte: usize) -> u32 {
        let ends = |byte: Option<&u8>| matches!(byte, Some(b'\r' | b'\n'));
        // The end of the line before, and empty lines, count to the record.
        while self.at < byte || ends(self.bytes.get(self.at)) {
            match self.bytes.get(self.at) {
                Some(b'\n') => self.number = self.number.saturating_add(1),
                Some(b'\r') if self.bytes.get(self.at + 1) != Some(&b'\n') => {
                    self.number = self.number.saturating_add(1);
                }
                None => break,
                _ => {}
            }
            self.at += 1;
        }
        self.number
    }
}

fn cell(text: &str) -> Cell {
    if text.is_empty() {
        return Cell::Empty;
    }
    // One more than is allowed shows that it is too long.
    Cell::Text(text.chars().take(MAX_CELL_CHARS + 1).collect())
}

fn said_separator(line: &str) -> Option<char> {
    let said = line.trim_end_matches(['\r', '\n']).trim_matches('"');
    let said = said.strip_prefix("sep=")?;
    let mut chars = said.chars();
    let separator = chars.next()?;
    (chars.next().is_none() && separator.is_ascii() && separator != '"').then_some(separator)
}

/// The one with which the heads are known; else the one that makes most columns.
fn found_separator(text: &str) -> char {
    let mut end = text.len().min(PROBE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let probe = &text[..end];
    let worth = |separator: char| {
        let mut reader = reader(probe, separator);
        let mut best = (0, 0);
        for record in reader.records().take(PROBE_ROWS).flatten() {
            let columns = Columns::of(record.iter().take(MAX_COLUMNS).enumerate());
            best = best.max((columns.known(), record.len().min(MAX_COLUMNS)));
        }
        best
    };
    let mut best = (SEPARATORS[0], worth(SEPARATORS[0]));
    for separator in &SEPARATORS[1..] {
        let worth = worth(*separator);
        if worth > best.1 {
            best = (*separator, worth);
        }
    }
    best.0
}

/// Formats that people send instead, by their first bytes.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let known: &[(&[u8], &str)] = &[
        (b"%PDF", "PDF"),
        (b"\xFF\xD8\xFF", "JPEG"),
        (b"\x89PNG", "PNG"),
        (b"{\\rtf", "RTF"),
        (b"\x1F\x8B", "gzip"),
        (b"Rar!", "RAR"),
        (b"7z\xBC\xAF", "7-Zip"),
        (b"<!DOCTYPE", "HTML"),
        (b"<html", "HTML"),
        (b"<?xml", "XML"),
        (b"age-encryption.org/", "age"),
        (b"-----BEGIN", "PEM"),
        (b"BEGIN:VCARD", "vCard"),
    ];
    let found = known.iter().find(|(magic, _)| bytes.starts_with(magic));
    found.map(|(_, name)| *name)
}

/// The cells of a table of any kind, row by row, with the separator that they were between. No more than `max_rows`.
///
/// # Errors
/// [`Refusal`], where it is no text, or larger than a table of people.
pub fn cells(bytes: &[u8], max_rows: usize) -> Result<(Vec<Vec<String>>, char), Refusal> {
    if let Some(name) = other_format(bytes) {
        return Err(Refusal::OtherFormat(name));
    }
    let decoded = decode(bytes)?;
    let text = decoded.text.trim_start_matches('\u{feff}');
    let (said, text) = match text.split_once('\n') {
        Some((line, rest)) if said_separator(line).is_some() => (said_separator(line), rest),
        _ => (None, text),
    };
    let separator = said.unwrap_or_else(|| found_separator(text));
    let mut rows = Vec::new();
    for record in reader(text, separator).records() {
        let record = record.map_err(|_| Refusal::NotText)?;
        let cut = |cell: &str| -> String { cell.chars().take(MAX_CELL_CHARS).collect() };
        let row: Vec<String> = record.iter().take(MAX_COLUMNS).map(cut).collect();
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == max_rows {
            return Err(Refusal::TooManyRows);
        }
        rows.push(row);
    }
    Ok((rows, separator))
}

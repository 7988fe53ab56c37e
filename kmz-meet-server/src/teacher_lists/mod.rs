//! Lists of teachers as schools send them: CSV and XLSX, the latter with a password too.
//!
//! [`read`] turns the bytes of a file into rows; [`verdicts`] says of each row what would become of it. Nothing here
//! reaches the network, a disk or the database. A list comes from people who may mean harm, so everything is bounded
//! before memory is taken for it: a file of [`MAX_FILE_BYTES`] needs less than 200 MB, whatever is in it. Formulas are
//! never evaluated and macros never looked at. [`Reader`] keeps one list at a time away from the threads that serve
//! others.

mod apart;
mod collector;
mod columns;
mod csv;
mod encrypted;
mod entry;
mod refusal;
mod text;
mod verdict;
mod xlsx;

pub use apart::Reader;
pub use entry::{Row, RowFault, Teacher};
pub use refusal::{Note, Refusal};
pub use verdict::{Judged, Verdict, is_of, verdicts};

/// Longer files are refused. A list of 20,000 people with ten columns has some 2 MB.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// People in one list.
pub const MAX_ROWS: usize = 20_000;
/// Columns of a table, used or not.
pub const MAX_COLUMNS: usize = 200;
/// A longer cell makes its row unreadable.
pub const MAX_CELL_CHARS: usize = 1_000;
/// A password is looked at no further than Excel lets one be typed.
pub const MAX_PASSWORD_CHARS: usize = 255;

/// How a list came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Values with separators.
    Csv {
        /// As in the WHATWG Encoding Standard, such as `windows-1252`.
        encoding: &'static str,
        separator: char,
    },
    /// A workbook of Office Open XML (ECMA-376).
    Xlsx {
        /// The name of the sheet that was read.
        sheet: String,
        /// Whether a password opened it.
        encrypted: bool,
    },
}

/// A list that could be read. Single rows of it may still be unreadable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeacherList {
    pub format: Format,
    /// What its sender should know: which sheet was read, which column counts.
    pub notes: Vec<Note>,
    /// In the order of the file.
    pub rows: Vec<Row>,
}

/// Reads a list.
///
/// What it is (CSV, XLSX, encrypted XLSX), its encoding and its separator are found from the bytes; the name of the file
/// plays no part. A password that is not needed is ignored.
///
/// # Errors
/// [`Refusal`], which says in words what to do about it.
pub fn read(bytes: &[u8], password: Option<&str>) -> Result<TeacherList, Refusal> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Refusal::TooLarge);
    }
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        let package = encrypted::open(bytes, password)?;
        return xlsx::read(&package, true);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return xlsx::read(bytes, false);
    }
    csv::read(bytes)
}

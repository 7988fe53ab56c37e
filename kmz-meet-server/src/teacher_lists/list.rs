//! A list that could be read.

use super::{Note, Row};

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

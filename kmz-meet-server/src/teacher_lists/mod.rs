//! Lists of teachers as schools send them: CSV and XLSX, the latter with a password too.
//!
//! [`read`] turns the bytes of a file into rows; [`verdicts`] says of each row what would become of it. Nothing here
//! reaches the network, a disk or the database. A list comes from people who may mean harm, so everything is bounded
//! before memory is taken for it: a file of [`MAX_FILE_BYTES`] needs less than 200 MB, whatever is in it. Formulas are
//! never evaluated and macros never looked at. [`Reader`] keeps one list at a time away from the threads that serve
//! others.

mod apart;
mod bounds;
mod collector;
mod columns;
mod csv;
mod encrypted;
mod entry;
mod list;
mod refusal;
mod text;
mod verdict;
mod xlsx;

pub use apart::Reader;
pub use bounds::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_FILE_BYTES, MAX_PASSWORD_CHARS, MAX_ROWS};
pub use columns::Columns;
pub use csv::cells;
pub use entry::{Row, RowFault, Teacher};
pub use list::{Format, TeacherList};
pub use refusal::{Note, Refusal};
pub use verdict::{Judged, Verdict, verdicts};

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

//! Workbooks of Office Open XML (ECMA-376, part 1: SpreadsheetML).
//!
//! Only the cells of one sheet are read, from a stream, row by row. What a part says of its own size is not believed:
//! what is unpacked is counted. Elements that nest deeper than any workbook's and document type definitions end the
//! reading.

mod package;
mod sheet;
mod strings;
mod workbook;
mod xml;

use package::Package;
use strings::Strings;

use super::collector::Collector;
use super::{Format, Note, Refusal, TeacherList};

/// Of more sheets none is looked at for heads.
const MAX_SHEETS: usize = 8;

/// Reads the first visible sheet that has the heads of a list.
pub fn read(bytes: &[u8], encrypted: bool) -> Result<TeacherList, Refusal> {
    let mut package = Package::open(bytes)?;
    let workbook = workbook::read(&mut package)?;
    let strings = match &workbook.strings {
        Some(part) => Strings::read(&mut package, part)?,
        None => Strings::default(),
    };
    let mut refused = Refusal::Empty;
    for sheet in workbook.sheets.iter().take(MAX_SHEETS) {
        let mut collector = Collector::default();
        let read = sheet::read(&mut package, &sheet.part, &strings, &mut collector);
        match read.and_then(|()| collector.finish()) {
            Ok((rows, mut notes)) => {
                if workbook.sheets.len() > 1 {
                    notes.push(Note::SheetRead {
                        sheet: sheet.name.clone(),
                        sheets: workbook.sheets.len(),
                    });
                }
                if package.has_macros() {
                    notes.push(Note::MacrosIgnored);
                }
                return Ok(TeacherList {
                    format: Format::Xlsx {
                        sheet: sheet.name.clone(),
                        encrypted,
                    },
                    notes,
                    rows,
                });
            }
            // A cover sheet, perhaps.
            Err(other @ (Refusal::HeadMissing(_) | Refusal::NoRows)) => refused = other,
            Err(Refusal::Empty) => {}
            Err(other) => return Err(other),
        }
    }
    Err(refused)
}

//! The parts of a package (ECMA-376, part 2), unpacked within bounds.

use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::teacher_lists::Refusal;

/// Each part has an entry of some hundred bytes in memory. A workbook has some twenty parts.
const MAX_PARTS: usize = 2_000;
/// All that is unpacked of one file. A list of 20,000 people with ten columns has some 15 MB.
const MAX_UNPACKED_BYTES: u64 = 48 * 1024 * 1024;
/// One part of it. A text in a part is in memory as a whole, twice while it grows.
const MAX_PART_BYTES: u64 = 32 * 1024 * 1024;

/// An open package.
pub struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// By their names in lower case, which is how they are compared (part 2, 6.2.2.3).
    parts: HashMap<String, usize>,
    left: u64,
}

impl<'a> Package<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        // The archive is read into memory entry by entry, so their number is found before that.
        let entries = bytes.windows(4).filter(|bytes| *bytes == b"PK\x01\x02");
        if entries.take(MAX_PARTS + 1).count() > MAX_PARTS {
            return Err(Refusal::UnpacksTooLarge);
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
        let names = archive.file_names_raw().enumerate();
        let parts = names.map(|(index, name)| {
            let name = String::from_utf8_lossy(name).replace('\\', "/");
            (name.trim_start_matches('/').to_lowercase(), index)
        });
        let parts: HashMap<String, usize> = parts.collect();
        let mut package = Self {
            archive,
            parts,
            left: MAX_UNPACKED_BYTES,
        };
        if !package.has("[content_types].xml") {
            return Err(package.other_format());
        }
        Ok(package)
    }

    pub fn has(&self, part: &str) -> bool {
        self.parts
            .contains_key(&part.trim_start_matches('/').to_lowercase())
    }

    pub fn has_macros(&self) -> bool {
        self.parts
            .keys()
            .any(|name| name.ends_with("vbaproject.bin"))
    }

    /// A part, or `None` where there is none of that name.
    pub fn part(&mut self, name: &str) -> Result<Option<Part<'_, impl Read>>, Refusal> {
        let name = name.trim_start_matches('/').to_lowercase();
        let Some(index) = self.parts.get(&name) else {
            return Ok(None);
        };
        let file = self.archive.by_index(*index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Refusal::UnknownEncryption,
            _ => Refusal::Damaged,
        })?;
        if file.size() > self.left.min(MAX_PART_BYTES) {
            return Err(Refusal::UnpacksTooLarge);
        }
        Ok(Some(Part {
            inner: file,
            own: MAX_PART_BYTES,
            left: &mut self.left,
        }))
    }

    /// What it is instead.
    fn other_format(&mut self) -> Refusal {
        if self.has("mimetype") && self.has("content.xml") {
            return Refusal::OtherFormat("OpenDocument");
        }
        Refusal::OtherFormat("ZIP")
    }
}

/// A part that is being read, and counted.
pub struct Part<'p, R> {
    inner: R,
    own: u64,
    left: &'p mut u64,
}

impl<R: Read> Part<'_, R> {
    pub fn buffered(self) -> BufReader<Self> {
        BufReader::new(self)
    }
}

/// That a part unpacks to too much, as an error of a reader.
#[derive(Debug, thiserror::Error)]
#[error("more than is allowed")]
struct TooMuch;

impl<R: Read> Read for Part<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)? as u64;
        let (Some(own), Some(left)) = (self.own.checked_sub(read), self.left.checked_sub(read))
        else {
            *self.left = 0;
            return Err(io::Error::other(TooMuch));
        };
        self.own = own;
        *self.left = left;
        Ok(read as usize)
    }
}

/// What an error while a part is read means.
pub fn refusal(error: &quick_xml::Error) -> Refusal {
    let quick_xml::Error::Io(error) = error else {
        return Refusal::Damaged;
    };
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<TooMuch>());
    match inner {
        Some(TooMuch) => Refusal::UnpacksTooLarge,
        None => Refusal::Damaged,
    }
}

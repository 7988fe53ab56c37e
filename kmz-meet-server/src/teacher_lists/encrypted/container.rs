//! The two streams of an encrypted workbook, from its compound file ([MS-CFB]).
//!
//! Compound files of other programs are not as the document has them, so only what is needed is read: two streams of the
//! root, found by their names, whatever the tree of the directory says. A chain of sectors has no more of them than the file,
//! and none without a byte, so none is endless, and nothing is taken into memory that is larger than the file.

use crate::teacher_lists::Refusal;

/// Sectors with a higher number are none: the end of a chain, or nothing (2.1).
const MAX_REGULAR: u32 = 0xFFFF_FFFA;
const ENTRY_BYTES: usize = 128;
/// Sectors of the FAT that the header names (2.2).
const HEADER_FAT_SECTORS: usize = 109;
/// A stream in the directory (2.6.1).
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// `EncryptionInfo` and `EncryptedPackage`.
pub fn streams(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
    let file = Compound::open(bytes).ok_or(Refusal::Damaged)?;
    let entries = file.directory().ok_or(Refusal::Damaged)?;
    let find = |name: &str| {
        let named = |entry: &&Entry| entry.kind == STREAM && entry.name == name;
        entries.iter().find(named)
    };
    let (Some(info), Some(package)) = (find("EncryptionInfo"), find("EncryptedPackage")) else {
        let old = find("Workbook").or(find("Book")).is_some();
        return Err(Refusal::OtherFormat(if old { "XLS" } else { "Office" }));
    };
    let root = entries.iter().find(|entry| entry.kind == ROOT);
    let read = |entry: &Entry| file.stream(entry, root).ok_or(Refusal::Damaged);
    Ok((read(info)?, read(package)?))
}

/// An entry of the directory.
struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: usize,
}

struct Compound<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    mini_bytes: usize,
    /// Streams that are shorter are in the mini stream.
    mini_cutoff: usize,
    fat: Vec<u32>,
    first_directory: u32,
    first_mini_fat: u32,
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let (fours, _) = bytes.as_chunks::<4>();
    fours.iter().map(|four| u32::from_le_bytes(*four))
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = |at: usize, most: u8| bytes.get(at).copied().filter(|shift| *shift <= most);
        let sector_bytes = 1usize << shift(30, 12).filter(|shift| *shift >= 9)?;
        let mini_bytes = 1usize << shift(32, 9)?;
        let mut file = Self {
            bytes,
            sector_bytes,
            mini_bytes,
            mini_cutoff: number(bytes, 56)? as usize,
            fat: Vec::new(),
            first_directory: number(bytes, 48)?,
            first_mini_fat: number(bytes, 60)?,
        };
        file.read_fat()?;
        Some(file)
    }

    fn sectors(&self) -> usize {
        self.bytes.len() / self.sector_bytes
    }

    fn sector(&self, at: u32) -> Option<&'a [u8]> {
        // Behind the header, which is as long as a sector.
        part(self.bytes, (at as usize).checked_add(1)?, self.sector_bytes)
    }

    /// No more of it than the file has sectors: whatever else names the same sectors again is left out.
    fn read_fat(&mut self) -> Option<()> {
        let header = self.bytes.get(76..76 + HEADER_FAT_SECTORS * 4)?;
        let mut places: Vec<u32> = numbers(header).collect();
        let mut next = number(self.bytes, 68)?;
        let wanted = self.sectors().div_ceil(self.sector_bytes / 4) + 1;
        while next <= MAX_REGULAR && places.len() < wanted + HEADER_FAT_SECTORS {
            let sector = self.sector(next)?;
            let mut more: Vec<u32> = numbers(sector).collect();
            next = more.pop()?;
            places.append(&mut more);
        }
        for place in places.into_iter().filter(|place| *place <= MAX_REGULAR) {
            if self.fat.len() >= self.sectors() {
                break;
            }
            self.fat.extend(numbers(self.sector(place)?));
        }
        Some(())
    }

    /// The bytes of a chain of sectors, at most this many.
    fn chain(&self, start: u32, most: usize) -> Option<Vec<u8>> {
        let most = most.min(self.bytes.len());
        let next = |at: u32| self.fat.get(at as usize).copied();
        follow(start, most, self.sectors(), |at| self.sector(at), next)
    }

    fn directory(&self) -> Option<Vec<Entry>> {
        let bytes = self.chain(self.first_directory, usize::MAX)?;
        let (entries, _) = bytes.as_chunks::<ENTRY_BYTES>();
        let read = |entry: &[u8; ENTRY_BYTES]| {
            let length = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
            let (units, _) = entry[..length.saturating_sub(2).min(64)].as_chunks::<2>();
            let units = units.iter().map(|two| u16::from_le_bytes(*two));
            Some(Entry {
                name: char::decode_utf16(units).map_while(Result::ok).collect(),
                kind: entry[66],
                start: number(entry, 116)?,
                size: number(entry, 120)? as usize,
            })
        };
        // A workbook has a dozen of them.
        entries.iter().take(1_000).map(read).collect()
    }

    fn stream(&self, entry: &Entry, root: Option<&Entry>) -> Option<Vec<u8>> {
        let bytes = if entry.size >= self.mini_cutoff {
            self.chain(entry.start, entry.size)?
        } else {
            self.mini_stream(entry, root?)?
        };
        (bytes.len() == entry.size).then_some(bytes)
    }

    /// Short streams are in sectors of 64 bytes, within a stream of the root (2.4).
    fn mini_stream(&self, entry: &Entry, root: &Entry) -> Option<Vec<u8>> {
        let inside = self.chain(root.start, root.size)?;
        let fat = self.chain(self.first_mini_fat, usize::MAX)?;
        let sectors = inside.len().div_ceil(self.mini_bytes);
        let sector = |at: u32| part(&inside, at as usize, self.mini_bytes);
        let next = |at: u32| number(&fat, (at as usize).checked_mul(4)?);
        follow(entry.start, entry.size, sectors, sector, next)
    }
}

/// The part with this number, of parts that are so long; the last one may be shorter, but none is empty.
fn part(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    let start = at.checked_mul(length)?;
    let end = start.checked_add(length)?.min(bytes.len());
    bytes.get(start..end).filter(|part| !part.is_empty())
}

/// The bytes of a chain, at most `most` of them. A chain of more parts than there are is none.
fn follow<'a>(
    start: u32,
    most: usize,
    parts: usize,
    part: impl Fn(u32) -> Option<&'a [u8]>,
    next: impl Fn(u32) -> Option<u32>,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut at = start;
    let mut left = parts;
    while at <= MAX_REGULAR && bytes.len() < most {
        left = left.checked_sub(1)?;
        bytes.extend_from_slice(part(at)?);
        at = next(at)?;
    }
    bytes.truncate(most);
    Some(bytes)
}

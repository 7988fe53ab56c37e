//! Makes the files.

use std::io::{Cursor, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The heads of most lists.
pub const HEAD: &str = "Vorname;Nachname;E-Mail\r\n";
/// A good list.
pub const GOOD: &str = "Vorname;Nachname;E-Mail\r\nAnna;Müller;anna.mueller@schule.example\r\n";

/// The same in Latin-1.
pub fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}

/// The same in UTF-16, little endian or big endian.
pub fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    let units = mark.encode_utf16().chain(text.encode_utf16());
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    units.flat_map(bytes).collect()
}

/// An archive of these parts.
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        writer.start_file(*name, packed).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A workbook: its sheets with their XML inside `sheetData`, and its shared strings as XML inside `sst`.
pub struct Workbook<'a> {
    pub sheets: Vec<(&'a str, &'a str, String)>,
    pub strings: String,
    pub more: Vec<(&'a str, Vec<u8>)>,
}

impl Workbook<'_> {
    /// With one sheet.
    pub fn of(rows: &str) -> Self {
        Self {
            sheets: vec![("Kollegium", "visible", rows.to_owned())],
            strings: String::new(),
            more: Vec::new(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let (mut sheets, mut related, mut parts) = (String::new(), String::new(), Vec::new());
        for (index, (name, state, rows)) in self.sheets.iter().enumerate() {
            sheets += &format!(
                "<sheet name='{name}' sheetId='{index}' state='{state}' r:id='s{index}'/>"
            );
            related += &format!(
                "<Relationship Id='s{index}' Type='{office}/worksheet' Target='worksheets/sheet{index}.xml'/>"
            );
            parts.push((
                format!("xl/worksheets/sheet{index}.xml"),
                format!("<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>"),
            ));
        }
        related += &format!(
            "<Relationship Id='t' Type='{office}/sharedStrings' Target='/xl/sharedStrings.xml'/>"
        );
        let wanted = [
            ("[Content_Types].xml", "<Types/>".to_owned()),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns='{package}'><Relationship Id='w' Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns='{main}' xmlns:r='{office}'><sheets>{sheets}</sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!("<Relationships xmlns='{package}'>{related}</Relationships>"),
            ),
            (
                "xl/sharedStrings.xml",
                format!("<sst>{}</sst>", self.strings),
            ),
        ];
        let mut all: Vec<(&str, &[u8])> = Vec::new();
        all.extend(wanted.iter().map(|(name, text)| (*name, text.as_bytes())));
        all.extend(
            parts
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_bytes())),
        );
        all.extend(
            self.more
                .iter()
                .map(|(name, bytes)| (*name, bytes.as_slice())),
        );
        archive(&all)
    }
}

/// A row of texts, as XML.
pub fn row(cells: &[&str]) -> String {
    let cells = cells.iter().map(|text| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        format!("<c t='inlineStr'><is><t>{text}</t></is></c>")
    });
    format!("<row>{}</row>", cells.collect::<String>())
}

/// The heads and one person.
pub fn good_rows() -> String {
    row(&["Vorname", "Nachname", "E-Mail"])
        + &row(&["Anna", "Müller", "anna.mueller@schule.example"])
}

/// A compound file with these streams.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// What an encrypted workbook says of its encryption.
pub fn agile_info(rounds: u32) -> Vec<u8> {
    let common = "saltSize='16' blockSize='16' keyBits='256' hashSize='64' cipherAlgorithm='AES' cipherChaining='ChainingModeCBC' hashAlgorithm='SHA512' saltValue='AAAAAAAAAAAAAAAAAAAAAA=='";
    let (short, long) = (STANDARD.encode([0; 32]), STANDARD.encode([0; 64]));
    let xml = format!(
        "<encryption><keyData {common}/><keyEncryptors><keyEncryptor><p:encryptedKey spinCount='{rounds}' {common} encryptedVerifierHashInput='{short}' encryptedVerifierHashValue='{long}' encryptedKeyValue='{short}'/></keyEncryptor></keyEncryptors></encryption>"
    );
    [&[4, 0, 4, 0, 64, 0, 0, 0], xml.as_bytes()].concat()
}

/// An archive whose one part unpacks to a gibibyte of blanks, and says that it unpacks to `said` bytes.
pub fn bomb(part: &str, start: &str, said: u32) -> Vec<u8> {
    use flate2::{Compress, Compression, FlushCompress};
    let mut packed = Vec::with_capacity(8 * 1024 * 1024);
    let mut add = |bytes: &[u8], flush| {
        let mut compress = Compress::new(Compression::best(), false);
        compress.compress_vec(bytes, &mut packed, flush).unwrap();
    };
    add(start.as_bytes(), FlushCompress::Full);
    // What was flushed in full stands for itself, so it can be repeated.
    let blanks = vec![b' '; 1024 * 1024];
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(64 * 1024);
    compress
        .compress_vec(&blanks, &mut block, FlushCompress::Full)
        .unwrap();
    for _ in 0..1024 {
        packed.extend_from_slice(&block);
    }
    let workbook = Workbook::of("").bytes();
    with_raw_part(&workbook, part, &packed, said)
}

/// An archive with one more part in front, of deflated bytes.
fn with_raw_part(archive: &[u8], name: &str, packed: &[u8], said: u32) -> Vec<u8> {
    let number = |value: usize| (value as u32).to_le_bytes();
    let mut common = Vec::new();
    common.extend_from_slice(&[20, 0, 0, 0, 8, 0, 0, 0, 33, 0, 0, 0, 0, 0]);
    common.extend_from_slice(&number(packed.len()));
    common.extend_from_slice(&said.to_le_bytes());
    common.extend_from_slice(&(name.len() as u16).to_le_bytes());
    common.extend_from_slice(&[0, 0]);
    let mut all = b"PK\x03\x04".to_vec();
    all.extend_from_slice(&common);
    all.extend_from_slice(name.as_bytes());
    all.extend_from_slice(packed);
    let shift = all.len();
    // The rest of the archive, whose directory is written anew.
    let mut parts = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut directory = Vec::new();
    let mut entry = |common: &[u8], name: &str, at: usize| {
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&number(at));
        directory.extend_from_slice(name.as_bytes());
    };
    entry(&common, name, 0);
    for index in 0..parts.len() {
        let file = parts.by_index_raw(index).unwrap();
        let own = file.name().unwrap().into_owned();
        if own == name {
            continue;
        }
        let at = file.header_start() as usize;
        let mut common = archive[at + 4..at + 30].to_vec();
        // Extra fields are in front of the part only.
        common[24..26].fill(0);
        entry(&common, &own, shift + at);
    }
    let count = (directory
        .windows(4)
        .filter(|four| *four == b"PK\x01\x02")
        .count() as u16)
        .to_le_bytes();
    all.extend_from_slice(&archive[..parts.central_directory_start() as usize]);
    let start = all.len();
    all.extend_from_slice(&directory);
    all.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    all.extend_from_slice(&[count, count].concat());
    all.extend_from_slice(&[number(directory.len()), number(start)].concat());
    all.extend_from_slice(&[0, 0]);
    all
}

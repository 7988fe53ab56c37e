//! A list of teachers, as the XML of a workbook: its sheet and its shared strings, with a zero byte between them.
#![no_main]

#[path = "../../kmz-meet-server/src/email_address.rs"]
mod email_address;
#[path = "../lists/language.rs"]
mod language;
#[path = "../../kmz-meet-server/src/teacher_lists/mod.rs"]
mod teacher_lists;

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use teacher_lists::read;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

fuzz_target!(|bytes: &[u8]| {
    let cut = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (sheet, strings) = bytes.split_at(cut);
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id='{id}' Type='x/{kind}' Target='{target}'/>")
    };
    let top = format!("<r>{}</r>", relation("w", "officeDocument", "xl/workbook.xml"));
    let inner = relation("s", "worksheet", "sheet.xml") + &relation("t", "sharedStrings", "t.xml");
    let inner = format!("<r>{inner}</r>");
    let parts: [(&str, &[u8]); 6] = [
        ("[Content_Types].xml", b""),
        ("_rels/.rels", top.as_bytes()),
        ("xl/workbook.xml", b"<workbook><sheet name='a' id='s'/></workbook>"),
        ("xl/_rels/workbook.xml.rels", inner.as_bytes()),
        ("xl/sheet.xml", sheet),
        ("xl/t.xml", strings.get(1..).unwrap_or_default()),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in parts {
        archive.start_file(name, stored).expect("a part");
        archive.write_all(bytes).expect("a part");
    }
    let archive = archive.finish().expect("an archive").into_inner();
    let _ = read(&archive, None);
});

//! Files of all kinds. Each ends in a verdict in words, and none of them needs much memory.

use std::fs;

use kmz_meet_server::language::Language;
use kmz_meet_server::teacher_lists::{MAX_FILE_BYTES, MAX_ROWS, Note, Refusal, read};

use super::files::{
    GOOD, HEAD, Workbook, agile_info, archive, bomb, compound, good_rows, latin1, row, utf16,
};

/// So much may a list cost, with the file itself.
const MAX_MEMORY_BYTES: u64 = 200 * 1024 * 1024;

/// A file and what is said of it: the code of its refusal, or how many rows can be read and the codes of its notes.
struct Case(&'static str, Vec<u8>, &'static str);

fn csv(name: &'static str, text: &str, said: &'static str) -> Case {
    Case(name, text.as_bytes().to_vec(), said)
}

fn text_files() -> Vec<Case> {
    let long_line = format!("{HEAD}Anna;Au;{}\r\n", "x".repeat(1_000_000));
    let wide = format!(
        "Vorname;Nachname;E-Mail{}\r\nA;B;a@b.de",
        ";x".repeat(1_000_000)
    );
    let blanks = format!(
        "Vorname;Nachname;E-Mail{}\r\nA;B;a@b.de",
        ";".repeat(1_000_000)
    );
    let person = |n: usize| format!("Anna;Au;a{n}@schule.example\r\n");
    let many: String = (0..=MAX_ROWS).map(person).collect();
    let open_quote = format!("{HEAD}\"Anna;Au;a@schule.example\r\n{many}");
    vec![
        csv("nothing", "", "empty"),
        csv("blanks", " \r\n\t\r\n", "empty"),
        csv("heads alone", HEAD, "no_rows"),
        csv("no heads", "Anna;Au;a@schule.example\r\n", "head_missing"),
        csv(
            "no address",
            "Vorname;Nachname\r\nAnna;Au\r\n",
            "head_missing",
        ),
        csv(
            "heads twice",
            "Vorname;Nachname;E-Mail;E-Mail\r\nA;B;a@b.de;c@d.de\r\n",
            "1 head_twice",
        ),
        csv(
            "heads in English",
            "First name,Last name,Mail address\nA,B,a@b.de\n",
            "1",
        ),
        csv("one column", "E-Mail\r\na@b.de\r\n", "head_missing"),
        csv(
            "semicolons in quotes",
            "Name;E-Mail\r\n\"Au; Anna\";a@b.de\r\n",
            "0",
        ),
        csv(
            "formulas",
            &format!("{HEAD}=1+1;Au;a@b.de\r\n@x;Au;b@b.de\r\n"),
            "0",
        ),
        csv("a quote that is never closed", &open_quote, "0"),
        csv("a cell of a million letters", &long_line, "0"),
        csv("a million columns", &wide, "too_many_columns"),
        csv("a million empty columns", &blanks, "1"),
        csv("too many rows", &format!("{HEAD}{many}"), "too_many_rows"),
        csv(
            "prose",
            &"Sehr geehrte Damen und Herren,\r\n".repeat(30),
            "head_missing",
        ),
        csv("PDF", "%PDF-1.7\n1 0 obj", "other_format"),
        csv("HTML", "<!DOCTYPE html><table>", "other_format"),
        csv(
            "script in a cell",
            &format!("{HEAD}<script>;Au;a@b.de\r\n"),
            "0",
        ),
        csv(
            "bytes of a NUL",
            &format!("{HEAD}An\0na;Au;a@b.de\r\n"),
            "0",
        ),
        Case(
            "UTF-8 with a mark",
            [b"\xEF\xBB\xBF", GOOD.as_bytes()].concat(),
            "1",
        ),
        Case("UTF-16 little endian", utf16(GOOD, true, true), "1"),
        Case(
            "UTF-16 big endian without a mark",
            utf16(GOOD, false, false),
            "1",
        ),
        Case(
            "UTF-16 of half a character",
            utf16(GOOD, true, true)[..99].to_vec(),
            "0",
        ),
        Case("Latin-1", latin1(GOOD), "1"),
        Case(
            "noise",
            (0..100_000u32)
                .map(|n| (n.wrapping_mul(n) >> 7) as u8)
                .collect(),
            "not_text",
        ),
        Case("zeros", vec![0; 100_000], "not_text"),
        Case("a mark alone", b"\xFF\xFE".to_vec(), "empty"),
        Case(
            "more than is allowed",
            vec![b'a'; MAX_FILE_BYTES + 1],
            "too_large",
        ),
        Case("line ends alone", vec![b'\n'; MAX_FILE_BYTES], "empty"),
        Case("quotes alone", vec![b'"'; MAX_FILE_BYTES], "head_missing"),
        Case(
            "separators alone",
            vec![b';'; MAX_FILE_BYTES],
            "too_many_columns",
        ),
    ]
}

fn workbooks() -> Vec<Case> {
    let good = || Workbook::of(&good_rows());
    let of = |rows: &str| Workbook::of(rows).bytes();
    let mut two = good();
    two.sheets
        .insert(0, ("Deckblatt", "visible", row(&["Kollegium"])));
    let mut hidden = good();
    hidden
        .sheets
        .insert(0, ("alt", "hidden", good_rows() + &good_rows()));
    let mut macros = good();
    macros.more.push(("xl/vbaProject.bin", vec![0; 1000]));
    let mut repeated = good();
    repeated.strings = "<si><t>x</t></si>".repeat(500_000);
    let mut large_strings = good();
    large_strings.strings = format!("<si><t>{}</t></si>", "x".repeat(900)).repeat(20_000);
    let far = good_rows() + "<row r='9'><c r='XFD9' t='inlineStr'><is><t>x</t></is></c></row>";
    let farther =
        good_rows() + "<row r='9'><c r='ZZZZZZZ9' t='inlineStr'><is><t>x</t></is></c></row>";
    let last_row =
        good_rows() + &row(&["B", "C", "b@b.de"]).replace("<row>", "<row r='4294967295'>");
    let formula = good_rows()
        + "<row><c t='str'><f>1+1</f><v>Anna</v></c><c t='inlineStr'><is><t>Au</t></is></c></row>";
    let fault = good_rows() + "<row><c t='e'><v>#N/A</v></c></row>";
    let lost = good_rows() + "<row><c t='s'><v>99</v></c></row>";
    let million = good_rows() + &format!("<row>{}</row>", "<c><v>1</v></c>".repeat(1_000_000));
    let deep = "<a>".repeat(2_000_000);
    let long_text = format!("<row><c t='inlineStr'><is><t>{}", "x".repeat(30 << 20));
    let attributes: String = (0..200_000).map(|n| format!(" a{n}='1'")).collect();
    let dtd = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>";
    let entries: Vec<String> = (0..3_000).map(|n| format!("p{n}")).collect();
    let entries: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|name| (name.as_str(), &b""[..]))
        .collect();
    let sheet = "xl/worksheets/sheet0.xml";
    let start = "<worksheet><sheetData>";
    let package = good().bytes();
    vec![
        Case("workbook", package.clone(), "1"),
        Case("two sheets", two.bytes(), "1 sheet_read"),
        Case("a hidden sheet", hidden.bytes(), "1"),
        Case("macros", macros.bytes(), "1 macros_ignored"),
        Case(
            "no sheet",
            Workbook {
                sheets: Vec::new(),
                ..good()
            }
            .bytes(),
            "empty",
        ),
        Case("an empty sheet", of(""), "empty"),
        Case("a formula", of(&formula), "1"),
        Case("a fault of the spreadsheet", of(&fault), "1"),
        Case("a string that is not there", of(&lost), "damaged"),
        Case("the last column", of(&far), "too_many_columns"),
        Case("a column behind the last", of(&farther), "damaged"),
        Case("the last row", of(&last_row), "2"),
        Case("a million cells in a row", of(&million), "too_many_columns"),
        Case("elements in elements", of(&deep), "damaged"),
        Case("a text of 30 MB", of(&long_text), "damaged"),
        Case(
            "an element of many attributes",
            of(&format!("<row{attributes}></row>")),
            "empty",
        ),
        Case("entities", of(dtd), "damaged"),
        Case(
            "half a million strings",
            repeated.bytes(),
            "unpacks_too_large",
        ),
        Case(
            "strings of 18 MB",
            large_strings.bytes(),
            "unpacks_too_large",
        ),
        Case(
            "a bomb that says its size",
            bomb(sheet, start, 1 << 30),
            "unpacks_too_large",
        ),
        Case(
            "a bomb that says it is small",
            bomb(sheet, start, 1000),
            "damaged or large",
        ),
        Case(
            "a bomb of strings",
            bomb("xl/sharedStrings.xml", "<sst><si><t>", 9),
            "damaged or large",
        ),
        Case("too many parts", archive(&entries), "unpacks_too_large"),
        Case(
            "an archive of something",
            archive(&[("a.txt", b"a")]),
            "other_format",
        ),
        Case(
            "OpenDocument",
            archive(&[("mimetype", b"x"), ("content.xml", b"x")]),
            "other_format",
        ),
        Case(
            "half a workbook",
            package[..package.len() / 2].to_vec(),
            "damaged",
        ),
        Case(
            "the beginning of an archive",
            b"PK\x03\x04".to_vec(),
            "damaged",
        ),
    ]
}

fn encrypted() -> Vec<Case> {
    let agile = agile_info(1000);
    let slow = agile_info(4_000_000_000);
    let body = vec![0; 5_000];
    let short = compound(&[("EncryptionInfo", &agile), ("EncryptedPackage", &[])]);
    vec![
        Case(
            "a password is needed",
            compound(&[("EncryptionInfo", &agile), ("EncryptedPackage", &body)]),
            "password_needed",
        ),
        Case(
            "four billion rounds for a password",
            compound(&[("EncryptionInfo", &slow), ("EncryptedPackage", &body)]),
            "unknown_encryption",
        ),
        Case("encrypted nothing", short, "password_needed"),
        Case(
            "encryption that nobody knows",
            compound(&[("EncryptionInfo", b"abcd"), ("EncryptedPackage", &body)]),
            "unknown_encryption",
        ),
        Case("Excel 97", compound(&[("Workbook", &body)]), "other_format"),
        Case("a compound file of nothing", compound(&[]), "other_format"),
        Case(
            "a compound file of noise",
            [&compound(&[])[..512], &[0x55; 100_000]].concat(),
            "damaged",
        ),
        Case("a header alone", compound(&[])[..512].to_vec(), "damaged"),
        Case("a FAT that names itself", self_naming(), "other_format"),
        Case(
            "a chain of a sector behind the end",
            compound_of(1, &[&[END, 1]]),
            "damaged",
        ),
        Case(
            "a chain of a short sector behind the end",
            short_sector_behind_the_end(),
            "damaged",
        ),
        Case(
            "a chain that turns in a circle",
            compound_of(1, &[&[END, 1], &[]]),
            "other_format",
        ),
    ]
}

/// Sectors of chains that end ([MS-CFB] 2.1).
const END: u32 = 0xFFFF_FFFE;

/// A compound file with sectors of 512 bytes, which begin with these numbers. The first one is its FAT.
fn compound_of(directory: u32, sectors: &[&[u32]]) -> Vec<u8> {
    let mut file = compound(&[])[..512].to_vec();
    file[26..28].copy_from_slice(&3u16.to_le_bytes());
    file[30..32].copy_from_slice(&9u16.to_le_bytes());
    file[48..52].copy_from_slice(&directory.to_le_bytes());
    file[68..72].copy_from_slice(&END.to_le_bytes());
    file[76..80].copy_from_slice(&0u32.to_le_bytes());
    file[80..512].fill(0xFF);
    for sector in sectors {
        let start = file.len();
        let bytes = sector.iter().flat_map(|number| number.to_le_bytes());
        file.extend(bytes);
        file.resize(start + 512, 0);
    }
    file
}

/// Its short stream is in the second short sector, of which there is only one, and which names itself as the next.
fn short_sector_behind_the_end() -> Vec<u8> {
    let mut file = compound_of(1, &[&[END; 4], &[], &[], &[END, 1]]);
    file[60..64].copy_from_slice(&3u32.to_le_bytes());
    let entries = [
        ("Root Entry", 5, 2, 64),
        ("EncryptionInfo", 2, 1, 100),
        ("EncryptedPackage", 2, 1, 100),
    ];
    for (index, (name, kind, start, size)) in entries.into_iter().enumerate() {
        let entry = &mut file[1_024 + index * 128..][..128];
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..name.len()].copy_from_slice(&name);
        entry[64..66].copy_from_slice(&(name.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[116..120].copy_from_slice(&u32::to_le_bytes(start));
        entry[120..124].copy_from_slice(&u32::to_le_bytes(size));
    }
    file
}

/// A compound file of 10 MB whose DIFAT says in each of its sectors that the FAT is the same sector: 1.2 GB in memory for
/// a reader that believes it.
fn self_naming() -> Vec<u8> {
    let mut file = compound(&[])[..512].to_vec();
    file[26..28].copy_from_slice(&3u16.to_le_bytes());
    file[30..32].copy_from_slice(&9u16.to_le_bytes());
    let sectors = (MAX_FILE_BYTES / 512 - 2) as u32;
    file[68..72].copy_from_slice(&0u32.to_le_bytes());
    file[72..76].copy_from_slice(&sectors.to_le_bytes());
    for sector in 0..sectors {
        file.extend_from_slice(&sectors.to_le_bytes().repeat(127));
        file.extend_from_slice(&(sector + 1).to_le_bytes());
    }
    file.extend_from_slice(&[0xFF; 512]);
    file
}

/// What the process has in memory now, and had at the most.
fn memory_bytes(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes * 1024
}

#[test]
fn file_of_any_kind_ends_in_words_with_little_memory() {
    let makers: [fn() -> Vec<Case>; 3] = [text_files, workbooks, encrypted];
    let (mut count, mut wrong) = (0, Vec::new());
    for make in makers {
        for Case(name, bytes, said) in make() {
            count += 1;
            // Writing 5 begins the highest mark anew (proc(5)).
            fs::write("/proc/self/clear_refs", "5").unwrap();
            let before = memory_bytes("VmRSS");
            let found = match read(&bytes, None) {
                Ok(list) => {
                    let readable = list.rows.iter().filter(|row| row.read.is_ok()).count();
                    let mut found = vec![readable.to_string()];
                    found.extend(list.notes.iter().map(|note| note.code().to_owned()));
                    assert!(list.notes.iter().all(has_words), "{name}");
                    found.join(" ")
                }
                Err(refusal) => {
                    for language in [Language::German, Language::English] {
                        assert!(refusal.words(language).ends_with('.'), "{name}");
                    }
                    refusal.code().to_owned()
                }
            };
            let taken = memory_bytes("VmHWM").saturating_sub(before) + bytes.len() as u64;
            if taken >= MAX_MEMORY_BYTES {
                wrong.push(format!("{name}: {taken} bytes"));
            }
            let fits = match said {
                "damaged or large" => ["damaged", "unpacks_too_large"].contains(&found.as_str()),
                said => found == said,
            };
            if !fits {
                wrong.push(format!("{name}: {found}, not {said}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(count >= 40);
}

fn has_words(note: &Note) -> bool {
    [Language::German, Language::English]
        .into_iter()
        .all(|language| note.words(language).ends_with('.'))
}

#[test]
fn refusal_for_missing_heads_names_them() {
    let refused = read("Vorname;Telefon\r\nAnna;1\r\n".as_bytes(), None).unwrap_err();
    assert_eq!(refused, Refusal::HeadMissing(vec!["Nachname", "E-Mail"]));
    assert!(refused.words(Language::German).contains("Nachname, E-Mail"));
}

#[test]
fn note_on_two_sheets_names_the_one_that_was_read() {
    let mut two = Workbook::of(&good_rows());
    two.sheets.insert(0, ("Deckblatt", "visible", row(&["x"])));
    let list = read(&two.bytes(), None).unwrap();
    let note = Note::SheetRead {
        sheet: "Kollegium".to_owned(),
        sheets: 2,
    };
    assert_eq!(list.notes, [note]);
}

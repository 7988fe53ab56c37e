//! Workbooks that other programs wrote.

use kmz_meet_server::teacher_lists::{Format, Refusal, TeacherList, read};

const PLAIN: &[u8] = include_bytes!("../../fixtures/lists/openpyxl.xlsx");
const AGILE: &[u8] = include_bytes!("../../fixtures/lists/agile-msoffcrypto.xlsx");
const AGILE_TOO: &[u8] = include_bytes!("../../fixtures/lists/agile-officecrypto.xlsx");
const STANDARD: &[u8] = include_bytes!("../../fixtures/lists/standard-officecrypto.xlsx");

fn names(list: &TeacherList) -> Vec<String> {
    let read = list.rows.iter().map(|row| row.read.as_ref().unwrap());
    read.map(|teacher| format!("{} <{}>", teacher.name(), teacher.email))
        .collect()
}

#[test]
fn workbook_with_its_password_is_read_like_the_same_without() {
    let people = [
        "Anna Müller <anna.mueller@schule.example>",
        "Jörg von Groß <joerg.gross@schule.example>",
    ];
    let plain = read(PLAIN, None).unwrap();
    assert_eq!(names(&plain), people);
    let sheet = || "Kollegium".to_owned();
    let of = |encrypted| Format::Xlsx {
        sheet: sheet(),
        encrypted,
    };
    assert_eq!(plain.format, of(false));
    for (bytes, password) in [
        (AGILE, "Geheim-ß1"),
        (AGILE_TOO, "Geheim1"),
        (STANDARD, "Geheim1"),
    ] {
        let list = read(bytes, Some(password)).unwrap();
        assert_eq!(names(&list), people);
        assert_eq!(list.format, of(true));
    }
}

#[test]
fn workbook_without_its_password_asks_for_it() {
    for bytes in [AGILE, AGILE_TOO, STANDARD] {
        assert_eq!(read(bytes, None).unwrap_err(), Refusal::PasswordNeeded);
        assert_eq!(read(bytes, Some("")).unwrap_err(), Refusal::PasswordNeeded);
        for wrong in ["geheim1", "Geheim1 ", &"x".repeat(256)] {
            assert_eq!(
                read(bytes, Some(wrong)).unwrap_err(),
                Refusal::WrongPassword
            );
        }
    }
}

/// Whatever is broken in it, the answer is one in words, and no panic.
#[test]
fn workbook_with_a_flipped_byte_is_read_or_refused() {
    for (bytes, password) in [(PLAIN, None), (STANDARD, Some("Geheim1"))] {
        for at in (0..bytes.len()).step_by(bytes.len() / 60) {
            let mut broken = bytes.to_vec();
            broken[at] ^= 0x55;
            if let Err(refusal) = read(&broken, password) {
                assert!(
                    !refusal
                        .words(kmz_meet_server::language::Language::German)
                        .is_empty()
                );
            }
        }
        // What is missing at the end may be nothing that counts.
        for length in (0..bytes.len() * 9 / 10).step_by(bytes.len() / 40) {
            let refused = read(&bytes[..length], password);
            assert!(refused.is_err(), "{length} bytes are no workbook");
        }
    }
}

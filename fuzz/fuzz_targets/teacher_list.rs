//! A list of teachers, as its bytes: CSV, damaged workbooks, compound files.
#![no_main]

#[path = "../../kmz-meet-server/src/email_address.rs"]
mod email_address;
#[path = "../lists/language.rs"]
mod language;
#[path = "../../kmz-meet-server/src/teacher_lists/mod.rs"]
mod teacher_lists;

use email_address::Domains;
use language::Language;
use libfuzzer_sys::fuzz_target;
use teacher_lists::{MAX_ROWS, Refusal, read, verdicts};

fuzz_target!(|bytes: &[u8]| {
    match read(bytes, Some("x")) {
        Ok(list) => {
            assert!(!list.rows.is_empty() && list.rows.len() <= MAX_ROWS);
            let numbers: Vec<u32> = list.rows.iter().map(|row| row.number).collect();
            assert!(numbers.is_sorted(), "{numbers:?}");
            for row in verdicts(list.rows, &Domains::default(), |_| false) {
                if let Some(teacher) = row.teacher {
                    let name = teacher.name();
                    assert!(!name.starts_with(['=', '+', '-', '@']), "{name}");
                    assert!(!name.chars().any(char::is_control), "{name:?}");
                }
                assert!(!row.verdict.words(Language::German).is_empty());
            }
        }
        Err(refusal) => {
            assert!(refusal != Refusal::Busy);
            assert!(refusal.words(Language::English).ends_with('.'));
        }
    }
});

//! What becomes of single rows.

use super::files::{GOOD, HEAD, latin1, utf16};
use kmz_meet_server::email_address::{Domains, EmailAddress};
use kmz_meet_server::teacher_lists::{
    Format, Row, RowFault, Teacher, TeacherList, Verdict, read, verdicts,
};

fn list(text: &str) -> TeacherList {
    read(text.as_bytes(), None).unwrap()
}

fn one(list: &TeacherList) -> &Teacher {
    list.rows[0].read.as_ref().unwrap()
}

#[test]
fn list_in_any_encoding_and_separator_is_the_same() {
    let rows = list(GOOD).rows;
    assert_eq!(one(&list(GOOD)).surname, "Müller");
    let comma = GOOD.replace(';', ",");
    let tab = GOOD.replace(';', "\t");
    let files = [
        (format!("\u{feff}{GOOD}").into_bytes(), "UTF-8", ';'),
        (comma.into_bytes(), "UTF-8", ','),
        (latin1(&tab), "windows-1252", '\t'),
        (utf16(GOOD, true, true), "UTF-16LE", ';'),
        (utf16(GOOD, false, true), "UTF-16BE", ';'),
        (utf16(GOOD, true, false), "UTF-16LE", ';'),
        (utf16(GOOD, false, false), "UTF-16BE", ';'),
        (GOOD.replace("\r\n", "\n").into_bytes(), "UTF-8", ';'),
        (GOOD.replace("\r\n", "\r").into_bytes(), "UTF-8", ';'),
    ];
    for (bytes, encoding, separator) in files {
        let read = read(&bytes, None).unwrap();
        assert_eq!(
            read.format,
            Format::Csv {
                encoding,
                separator
            }
        );
        assert_eq!(read.rows, rows, "{encoding} {separator:?}");
    }
}

#[test]
fn separator_that_the_first_line_names_is_taken() {
    let read = list("sep=|\nVorname|Nachname|E-Mail\nAnna|Müller|a@schule.example\n");
    assert_eq!(one(&read).first_name, "Anna");
    assert_eq!(read.rows[0].number, 3);
}

#[test]
fn separator_and_line_end_in_quotes_belong_to_the_cell() {
    let text = "Titel,Name,\"Dienst-Mail\"\r\n\"Dr.\",\"Groß, Jörg\",\"j@schule.example\"\r\n,\"Anna\nMaria von der Au\",a@schule.example\r\n";
    let read = list(text);
    assert_eq!(one(&read).name(), "Dr. Jörg Groß");
    let second = read.rows[1].read.as_ref().unwrap();
    assert_eq!(second.first_name, "Anna Maria");
    assert_eq!(second.surname, "von der Au");
}

#[test]
fn lines_above_the_heads_are_left_out() {
    let read = list(&format!(
        "Kollegium 2026/27;;\r\n\r\nStand: 1. 9.;;\r\n{HEAD}Anna;Au;a@schule.example\r\n"
    ));
    assert_eq!(read.rows.len(), 1);
    assert_eq!(read.rows[0].number, 5);
}

#[test]
fn row_that_cannot_be_read_says_why() {
    for (row, fault) in [
        (";;a@schule.example", RowFault::NoName),
        ("Anna;Au;", RowFault::NoAddress),
        ("Anna;Au;a(at)schule.example", RowFault::NotAnAddress),
        (
            "=HYPERLINK(\"http://x\");Au;a@schule.example",
            RowFault::Formula,
        ),
        ("+49;Au;a@schule.example", RowFault::Formula),
        ("-Anna;Au;a@schule.example", RowFault::Formula),
        ("@SUM(A1);Au;a@schule.example", RowFault::Formula),
        ("An<b>na;Au;a@schule.example", RowFault::NotAName),
        ("Anna;4711;a@schule.example", RowFault::NotAName),
        ("An\u{202e}na;Au;a@schule.example", RowFault::NotAName),
        ("Anna;Au;=a@schule.example", RowFault::Formula),
    ] {
        let read = list(&format!("{HEAD}{row}\r\n"));
        assert_eq!(read.rows[0].read, Err(fault), "{row}");
    }
    let long = format!("{HEAD}{};Au;a@schule.example\r\n", "a".repeat(61));
    assert_eq!(list(&long).rows[0].read, Err(RowFault::TooLong));
}

#[test]
fn verdict_of_a_row_names_the_first_reason() {
    let text = format!(
        "{HEAD}Anna;Au;Anna@schule.example\nBert;Be;bert@schule.example\nAnna;Au;anna@SCHULE.example\nCem;Ce;cem@gmx.example\n;;\nDora;;\n"
    );
    let rows: Vec<Row> = list(&text).rows;
    let known = |email: &EmailAddress| email.as_str() == "bert@schule.example";
    let domains = Domains {
        own: vec!["schule.example".to_owned()],
        ..Domains::default()
    };
    let judged = verdicts(rows, &domains, known);
    let found: Vec<_> = judged.iter().map(|row| (row.number, row.verdict)).collect();
    assert_eq!(
        found,
        [
            (2, Verdict::New),
            (3, Verdict::Known),
            (4, Verdict::Duplicate { of: 2 }),
            (5, Verdict::WrongDomain),
            (7, Verdict::Unreadable(RowFault::NoAddress)),
        ]
    );
}

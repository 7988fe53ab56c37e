//! Documents: tagged, and whole whatever is written into them. With KMZ_MEET_PDF_DIR they are kept there, to be looked at.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use kmz_meet_server::language::Language;
use kmz_meet_server::pdf::{Paper, PdfError};
use kmz_meet_server::store::LinkPurpose;
use kmz_meet_server::teacher_imports::credentials::Credential;
use kmz_meet_server::teacher_imports::letters::letters;

fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("KMZ_MEET_PDF_DIR") {
        std::fs::write(format!("{folder}/{name}.pdf"), bytes).unwrap();
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

fn credential(name: &str) -> Credential {
    Credential {
        number: 2,
        name: name.to_owned(),
        username: "anna-maria.mueller-luedenscheidt2".to_owned(),
        link: "https://meet.landkreis.example/password#Yk3v9sJq0pT1aZ5xC7eR8bN2mL4kH6gF0dS9wQ1uI3o"
            .to_owned(),
        purpose: LinkPurpose::FirstPassword,
    }
}

#[test]
fn letter_of_any_name_is_a_tagged_page_in_either_language() {
    let people = [
        credential("Dr. Anna-Maria Müller-Lüdenscheidt"),
        credential("Łukasz Wałęsa"),
        credential("Ελένη Παπαδοπούλου"),
        credential("Ольга Шевченко"),
        // No font here has it, and it may not end the file of all others.
        credential("山田 太郎 \u{0}\u{7}"),
        Credential {
            purpose: LinkPurpose::PasswordReset,
            ..credential("Berta Beispiel")
        },
    ];
    for language in [Language::German, Language::English] {
        let school = "Gemeinschaftsschule am Rosensteinpark mit einem sehr langen Namen, Göppingen";
        let pdf = letters(school, "https://meet.landkreis.example", language, &people).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        assert!(has(&pdf, "pdfuaid:part"));
        keep(&format!("letters-{}", language.tag()), &pdf);
    }
}

#[test]
fn paper_of_many_pages_breaks_tables_and_text_and_numbers_its_pages() {
    let mut paper = Paper::new("Vertrag", Language::German).unwrap();
    paper.number_pages();
    paper.heading("Vertrag zur Auftragsverarbeitung");
    paper.facts(&[
        ("Schule", "Beispielschule"),
        ("Betreiber", "Kreismedienzentrum, ein Name, der so lang ist, dass er in zwei Zeilen steht und weitergeht"),
    ]);
    for number in 1..8 {
        paper.subheading(&format!("§ {number} Gegenstand"));
        paper.paragraph(&"Der Betreiber verarbeitet personenbezogene Daten im Auftrag. ".repeat(9));
    }
    paper.paragraph(&"x".repeat(400));
    let rows: Vec<Vec<String>> = (1..80)
        .map(|n| {
            vec![
                n.to_string(),
                format!("Schule {n} mit einem langen Namen"),
                "unterschrieben".to_owned(),
            ]
        })
        .collect();
    paper.subheading("Schulen");
    paper.table(&["Nr.", "Schule", "Stand"], &[1.0, 5.0, 3.0], &rows);
    paper.line_to_fill("Ort, Datum");
    paper.line_to_fill("Unterschrift der Schulleitung");
    assert!(paper.pages() > 3, "{}", paper.pages());
    let pdf = paper.finish().unwrap();
    assert!(has(&pdf, "pdfuaid:part"));
    keep("contract", &pdf);
}

#[test]
fn code_of_a_text_that_is_too_long_is_refused() {
    let mut paper = Paper::new("x", Language::English).unwrap();
    let refused = paper.qr_code(&"x".repeat(5_000), 100.0, "x");
    assert!(matches!(refused, Err(PdfError::QrCode)));
}

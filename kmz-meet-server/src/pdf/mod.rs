//! Documents for people and printers: PDF 1.7, tagged for screen readers (PDF/UA-1; the library checks what a program can
//! check, and refuses a document that fails).
//!
//! A [`Paper`] is filled from top to bottom with headings, paragraphs, tables, lines to be filled in by hand, links and QR
//! codes, and breaks its pages itself:
//!
//! ```
//! use kmz_meet_server::language::Language;
//! use kmz_meet_server::pdf::Paper;
//!
//! let mut paper = Paper::new("Vertrag", Language::German)?;
//! paper.heading("Vertrag zur Auftragsverarbeitung");
//! paper.paragraph("Zwischen der Schule und dem Betreiber.");
//! paper.facts(&[("Schule", "Beispielschule"), ("Ort", "Musterstadt")]);
//! paper.line_to_fill("Ort, Datum");
//! let bytes = paper.finish()?;
//! assert!(bytes.starts_with(b"%PDF-1.7"));
//! # Ok::<(), kmz_meet_server::pdf::PdfError>(())
//! ```

mod fonts;
mod layout;
mod paper;
mod slips;
mod write;

pub use paper::Paper;
pub use slips::{SLIPS_ON_PAGE, Slip};

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error("a font of the program cannot be read")]
    Font,
    #[error("the document cannot be written: {0}")]
    Write(String),
    #[error("a text is too long for a QR code")]
    QrCode,
}

//! Papers as tagged PDF.

use super::content::{Block, Content};
use crate::pdf::{Paper, PdfError};

impl Content {
    /// The paper as a PDF, whose pages are numbered.
    ///
    /// # Errors
    /// When the library does not write it.
    pub fn pdf(&self) -> Result<Vec<u8>, PdfError> {
        let mut paper = Paper::new(&self.title, self.language)?;
        paper.number_pages();
        for block in &self.blocks {
            match block {
                Block::Heading(text) => paper.heading(text),
                Block::Subheading(text) => paper.subheading(text),
                Block::Paragraph(text) => paper.paragraph(text),
                Block::Small(text) => paper.small(text),
                Block::LineToFill(label) => paper.line_to_fill(label),
                Block::Facts(facts) => {
                    let facts = facts.iter();
                    let facts = facts.map(|(name, value)| (name.as_str(), value.as_str()));
                    paper.facts(&facts.collect::<Vec<_>>());
                }
                Block::Table {
                    heads,
                    widths,
                    rows,
                } => {
                    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
                    paper.table(&heads, widths, rows);
                }
            }
        }
        paper.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn pdf_of_texts_with_odd_characters_is_a_document() {
        let odd = "İmam-Hatip „Ä“ 学校 🏫 \u{202e}\u{fffd}\u{1f468}\u{200d}\u{1f469} ()<>\\ %PDF";
        let mut content = Content::titled("Schule", Language::German);
        let text = || odd.to_owned();
        content.blocks.extend([
            Block::Subheading(text()),
            Block::Paragraph(odd.repeat(20)),
            Block::Small(String::new()),
            Block::Facts(vec![(text(), text()), (String::new(), String::new())]),
            Block::LineToFill(text()),
            Block::Table {
                heads: vec![text(), text()],
                widths: vec![1.0, 2.0],
                rows: vec![vec![text(), "x".repeat(200)]; 60],
            },
        ]);
        let pdf = content.pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        assert!(pdf.len() > 5_000);
    }
}

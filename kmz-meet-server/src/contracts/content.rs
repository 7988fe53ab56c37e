//! What is in a paper, apart from how it is set (`printed.rs`).

use crate::language::Language;

/// A piece of a paper, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Of the first level: one for each paper.
    Heading(String),
    Subheading(String),
    Paragraph(String),
    /// In small letters.
    Small(String),
    /// Names and their values.
    Facts(Vec<(String, String)>),
    /// A line to be filled in by hand, with what belongs there below it.
    LineToFill(String),
    Table {
        heads: Vec<String>,
        /// Shares of the width.
        widths: Vec<f32>,
        rows: Vec<Vec<String>>,
    },
}

/// A paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    pub title: String,
    pub language: Language,
    pub blocks: Vec<Block>,
}

impl Content {
    /// A paper with its title as its heading.
    #[must_use]
    pub fn titled(title: &str, language: Language) -> Self {
        Self {
            title: title.to_owned(),
            language,
            blocks: vec![Block::Heading(title.to_owned())],
        }
    }

    /// The paper as plain text, for a terminal.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let lines = self.blocks.iter().map(|block| match block {
            Block::Heading(line) => format!("{line}\n{}\n", "=".repeat(line.chars().count())),
            Block::Subheading(line) => {
                format!("{line}\n{}\n", "-".repeat(line.chars().count()))
            }
            Block::Paragraph(line) | Block::Small(line) => format!("{line}\n"),
            Block::Facts(facts) => {
                let lines = facts
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\n"));
                lines.collect()
            }
            Block::LineToFill(label) => format!("\n{}\n{label}\n", "_".repeat(40)),
            Block::Table { heads, rows, .. } => {
                let rows = std::iter::once(heads).chain(rows);
                rows.map(|row| format!("{}\n", row.join(" | "))).collect()
            }
        });
        lines.map(|lines: String| lines + "\n").collect()
    }
}

/// A text that others typed, as it is set: one line, without characters that cannot be seen or turn the direction of what follows.
#[must_use]
pub(crate) fn line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|one| if one.is_whitespace() || one.is_control() { ' ' } else { one })
        .filter(|one| {
            !matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_odd_characters_is_one_line_that_reads_as_it_looks() {
        assert_eq!(line(" Schule\n\u{202e}dnE\0 \u{200b}7b\t"), "Schule dnE 7b");
        assert_eq!(line("İmam-Hatip „Ä“ 学校 🏫"), "İmam-Hatip „Ä“ 学校 🏫");
        assert_eq!(line("\u{200b}\u{feff}"), "");
    }
}

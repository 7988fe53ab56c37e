//! What is on which page, and what it means: pieces in the order of reading.

use super::fonts::{Fonts, Weight};

/// A4 in points (1/72 inch).
pub const PAGE_WIDTH: f32 = 595.28;
pub const PAGE_HEIGHT: f32 = 841.89;
/// DIN 5008 has 25 mm at the left.
pub const LEFT: f32 = 70.87;
pub const RIGHT: f32 = 56.7;
pub const TOP: f32 = 62.0;
pub const BOTTOM: f32 = 62.0;
pub const WIDTH: f32 = PAGE_WIDTH - LEFT - RIGHT;

/// What is drawn. Coordinates are in points from the top left corner.
#[derive(Clone, Debug)]
pub enum Drawing {
    Text {
        text: String,
        x: f32,
        /// Of the line on which letters stand.
        y: f32,
        size: f32,
        weight: Weight,
    },
    Rule {
        x: f32,
        y: f32,
        width: f32,
    },
    /// Where paper is to be cut.
    Bar {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
    },
    /// The dark modules of a QR code.
    Squares {
        side: f32,
        places: Vec<(f32, f32)>,
    },
}

/// What is on one page in one place.
#[derive(Clone, Debug)]
pub struct Piece {
    pub page: usize,
    pub drawing: Drawing,
}

/// What pieces mean.
#[derive(Clone, Debug)]
pub enum Meaning {
    Section,
    Heading { level: u16, text: String },
    Paragraph,
    Table,
    Row,
    RowHead,
    ColumnHead,
    Cell,
    Figure { description: String },
    Link { address: String },
}

/// A part of the document.
#[derive(Clone, Debug)]
pub struct Part {
    pub meaning: Meaning,
    pub children: Vec<Child>,
}

/// What a part has.
#[derive(Clone, Debug)]
pub enum Child {
    Part(Part),
    /// By its place in the list of pieces.
    Piece(usize),
}

impl Part {
    pub fn new(meaning: Meaning) -> Self {
        Self {
            meaning,
            children: Vec::new(),
        }
    }
}

/// Breaks a text into lines of a width: at blanks, within a word that is too long, and where it says so.
pub fn lines(fonts: &Fonts, text: &str, (weight, size): (Weight, f32), width: f32) -> Vec<String> {
    let face = fonts.face(weight);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if face.width(&longer, size) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if face.width(&line, size) > width && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        lines.push(line);
    }
    lines
}

//! Fills pages from top to bottom.

use qrcodegen::{QrCode, QrCodeEcc};

use super::PdfError;
use super::fonts::{Fonts, Weight};
use super::layout::{
    BOTTOM, Child, Drawing, LEFT, Meaning, PAGE_HEIGHT, Part, Piece, TOP, WIDTH, lines,
};
use super::write::{Written, write};
use crate::language::Language;

const TEXT: f32 = 11.0;
const SMALL: f32 = 9.0;
/// The smallest letters of a link.
const MIN_LINK: f32 = 8.5;
const HEADING: f32 = 18.0;
const SUBHEADING: f32 = 13.0;
/// From one line to the next, in sizes of the letters.
const LEADING: f32 = 1.4;
/// Modules of a code with the white around it (ISO/IEC 18004, 9.1).
const QUIET_MODULES: i32 = 4;

/// A document that is being written.
pub struct Paper {
    pub(super) fonts: Fonts,
    title: String,
    language: Language,
    pieces: Vec<Piece>,
    /// Sections, and what is before the first one.
    pub(super) parts: Vec<Part>,
    page: usize,
    y: f32,
    numbered: bool,
}

impl Paper {
    /// An empty document of A4 pages.
    ///
    /// # Errors
    /// When the fonts of the program cannot be read.
    pub fn new(title: &str, language: Language) -> Result<Self, PdfError> {
        Ok(Self {
            fonts: Fonts::open()?,
            title: title.to_owned(),
            language,
            pieces: Vec::new(),
            parts: Vec::new(),
            page: 0,
            y: TOP,
            numbered: false,
        })
    }

    /// Writes the number of each page at its foot.
    pub fn number_pages(&mut self) {
        self.numbered = true;
    }

    /// Goes on with a new page.
    pub fn new_page(&mut self) {
        self.page += 1;
        self.y = TOP;
    }

    /// How many pages there are.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.page + 1
    }

    /// Leaves room, in points.
    pub fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// Begins a part of the document that is read for itself, such as a letter. Until the next one, all belongs to it.
    pub fn section(&mut self) {
        self.parts.push(Part::new(Meaning::Section));
    }

    /// A heading of the first level.
    pub fn heading(&mut self, text: &str) {
        self.headed(text, 1, HEADING);
    }

    /// A heading of the second level.
    pub fn subheading(&mut self, text: &str) {
        self.y += TEXT * 0.6;
        self.headed(text, 2, SUBHEADING);
    }

    fn headed(&mut self, text: &str, level: u16, size: f32) {
        // Not alone at the foot of a page.
        self.room(size * LEADING + 2.0 * TEXT * LEADING);
        let text = self.fonts.printable(text);
        let mut part = Part::new(Meaning::Heading {
            level,
            text: text.clone(),
        });
        self.text(&mut part, &text, (Weight::Bold, size), (LEFT, WIDTH));
        self.add(part);
        self.y += size * 0.5;
    }

    /// A paragraph. Line ends in it are kept.
    pub fn paragraph(&mut self, text: &str) {
        self.written(text, TEXT);
    }

    /// A paragraph in small letters.
    pub fn small(&mut self, text: &str) {
        self.written(text, SMALL);
    }

    fn written(&mut self, text: &str, size: f32) {
        let text = self.fonts.printable(text);
        let mut part = Part::new(Meaning::Paragraph);
        self.text(&mut part, &text, (Weight::Regular, size), (LEFT, WIDTH));
        self.add(part);
        self.y += size * 0.6;
    }

    /// What something is, in two columns: a name and its value.
    pub fn facts(&mut self, facts: &[(&str, &str)]) {
        let widest = facts.iter().map(|(name, _)| {
            let name = self.fonts.printable(name);
            self.fonts.face(Weight::Bold).width(&name, TEXT)
        });
        let first = widest.fold(0.0, f32::max).min(WIDTH * 0.4) + 14.0;
        let mut table = Part::new(Meaning::Table);
        for (name, value) in facts {
            let cells = [
                (*name, Meaning::RowHead, Weight::Bold, first),
                (*value, Meaning::Cell, Weight::Regular, WIDTH - first),
            ];
            let row = self.row(cells.into_iter(), TEXT);
            table.children.push(Child::Part(row));
        }
        self.add(table);
        self.y += TEXT * 0.6;
    }

    /// A table. `widths` are shares of the page; heads are repeated on each page that it reaches.
    pub fn table(&mut self, heads: &[&str], widths: &[f32], rows: &[Vec<String>]) {
        let whole: f32 = widths.iter().sum();
        let width = |at: usize| WIDTH * widths.get(at).copied().unwrap_or(1.0) / whole.max(1.0);
        let mut table = Part::new(Meaning::Table);
        let mut page = None;
        for row in rows {
            let tallest = row.iter().enumerate().map(|(at, text)| {
                let style = (Weight::Regular, SMALL);
                let text = self.fonts.printable(text);
                lines(&self.fonts, &text, style, width(at) - 8.0).len()
            });
            let tallest = tallest.max().unwrap_or(1) as f32;
            self.room((tallest + 1.0) * SMALL * LEADING);
            if page != Some(self.page) {
                page = Some(self.page);
                let heads = heads.iter().enumerate();
                let cells =
                    heads.map(|(at, text)| (*text, Meaning::ColumnHead, Weight::Bold, width(at)));
                let head = self.row(cells, SMALL);
                table.children.push(Child::Part(head));
                self.rule(LEFT, WIDTH);
            }
            let cells = row.iter().enumerate();
            let cells =
                cells.map(|(at, text)| (text.as_str(), Meaning::Cell, Weight::Regular, width(at)));
            let row = self.row(cells, SMALL);
            table.children.push(Child::Part(row));
        }
        self.add(table);
        self.y += TEXT * 0.6;
    }

    fn row<'t>(
        &mut self,
        cells: impl Iterator<Item = (&'t str, Meaning, Weight, f32)>,
        size: f32,
    ) -> Part {
        let mut row = Part::new(Meaning::Row);
        self.room(size * LEADING);
        let (page, top) = (self.page, self.y);
        let (mut x, mut bottom) = (LEFT, (page, top));
        for (text, meaning, weight, width) in cells {
            (self.page, self.y) = (page, top);
            let text = self.fonts.printable(text);
            let mut cell = Part::new(meaning);
            self.text(&mut cell, &text, (weight, size), (x, width - 8.0));
            row.children.push(Child::Part(cell));
            x += width;
            if (self.page, self.y) > bottom {
                bottom = (self.page, self.y);
            }
        }
        (self.page, self.y) = bottom;
        row
    }

    /// A line to be filled in by hand, with what belongs there below it.
    pub fn line_to_fill(&mut self, label: &str) {
        self.room(50.0);
        self.y += 30.0;
        self.rule(LEFT, WIDTH * 0.6);
        self.y += 2.0;
        self.written(label, SMALL);
    }

    /// An address of the web, which can be clicked and read.
    pub fn link(&mut self, address: &str) {
        let text = self.fonts.printable(address);
        // One line is easier to type.
        let width = self.fonts.face(Weight::Bold).width(&text, TEXT);
        let size = (TEXT * WIDTH / width.max(1.0)).clamp(MIN_LINK, TEXT);
        let mut link = Part::new(Meaning::Link {
            address: address.to_owned(),
        });
        self.text(&mut link, &text, (Weight::Bold, size), (LEFT, WIDTH));
        let mut part = Part::new(Meaning::Paragraph);
        part.children.push(Child::Part(link));
        self.add(part);
        self.y += TEXT * 0.6;
    }

    /// A QR code of a text, `side` points wide. `description` is what it is for those who do not see it.
    ///
    /// # Errors
    /// When the text is too long.
    pub fn qr_code(&mut self, text: &str, side: f32, description: &str) -> Result<(), PdfError> {
        self.room(side);
        let drawing = qr_drawing(text, side, (LEFT, self.y))?;
        let description = self.fonts.printable(description);
        let mut part = Part::new(Meaning::Figure { description });
        self.piece(&mut part, drawing);
        self.add(part);
        self.y += side;
        Ok(())
    }

    /// The document.
    ///
    /// # Errors
    /// When it is not one that screen readers can read, such as one without a heading.
    pub fn finish(self) -> Result<Vec<u8>, PdfError> {
        let pages = self.pages();
        write(&Written {
            fonts: &self.fonts,
            title: &self.title,
            language: self.language,
            pieces: &self.pieces,
            parts: &self.parts,
            pages,
            numbered: self.numbered,
        })
    }

    /// Begins a page if there is no such room on this one.
    fn room(&mut self, height: f32) {
        if self.y + height > PAGE_HEIGHT - BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    fn text(
        &mut self,
        part: &mut Part,
        text: &str,
        (weight, size): (Weight, f32),
        (x, width): (f32, f32),
    ) {
        for line in lines(&self.fonts, text, (weight, size), width) {
            self.room(size * LEADING);
            if !line.is_empty() {
                let drawing = Drawing::Text {
                    text: line,
                    x,
                    y: self.y + size,
                    size,
                    weight,
                };
                self.piece(part, drawing);
            }
            self.y += size * LEADING;
        }
    }

    fn rule(&mut self, x: f32, width: f32) {
        let y = self.y;
        self.artifact(Drawing::Rule { x, y, width });
        self.y += 2.0;
    }

    /// What means nothing belongs to no part.
    pub(super) fn artifact(&mut self, drawing: Drawing) {
        let page = self.page;
        self.pieces.push(Piece { page, drawing });
    }

    pub(super) fn piece(&mut self, part: &mut Part, drawing: Drawing) {
        part.children.push(Child::Piece(self.pieces.len()));
        let page = self.page;
        self.pieces.push(Piece { page, drawing });
    }

    fn add(&mut self, part: Part) {
        match self.parts.last_mut() {
            Some(last) if matches!(last.meaning, Meaning::Section) => {
                last.children.push(Child::Part(part));
            }
            _ => self.parts.push(part),
        }
    }
}

/// A QR code with its quiet zone, `side` points wide, from its top left corner.
pub(super) fn qr_drawing(text: &str, side: f32, (x, y): (f32, f32)) -> Result<Drawing, PdfError> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| PdfError::QrCode)?;
    let module = side / (code.size() + 2 * QUIET_MODULES) as f32;
    let at = |module_at: i32| module * (module_at + QUIET_MODULES) as f32;
    let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let dark = all.filter(|(x, y)| code.get_module(*x, *y));
    let places = dark.map(|(column, row)| (x + at(column), y + at(row)));
    Ok(Drawing::Squares {
        side: module,
        places: places.collect(),
    })
}

//! Slips that are cut out of a page: two beside each other, five below each other, each with a picture that a camera reads.

use super::PdfError;
use super::fonts::Weight;
use super::layout::{Child, Drawing, Meaning, PAGE_HEIGHT, PAGE_WIDTH, Part, lines};
use super::paper::{Paper, qr_drawing};

const COLUMNS: usize = 2;
const ROWS: usize = 5;
/// Slips of one page.
pub const SLIPS_ON_PAGE: usize = COLUMNS * ROWS;

const WIDTH: f32 = PAGE_WIDTH / COLUMNS as f32;
const HEIGHT: f32 = PAGE_HEIGHT / ROWS as f32;
/// Between what is written and where it is cut. Printers leave 4 mm at the edge of a page white.
const INSET: f32 = 22.0;
/// The picture with the white around it.
const PICTURE: f32 = 104.0;
const GAP: f32 = 6.0;
const SMALL: f32 = 8.5;
const HEADING: f32 = 15.0;
const CODE: f32 = 16.0;
const LEADING: f32 = 1.25;
/// Longer names are cut: three lines are all that there is room for.
const MAX_HEADING_LINES: usize = 3;
const MARK: f32 = 8.0;
const MARK_STRENGTH: f32 = 0.5;

/// What is on a slip.
#[derive(Clone, Copy, Debug)]
pub struct Slip<'a> {
    pub above: &'a str,
    pub heading: &'a str,
    pub label: &'a str,
    pub code: &'a str,
    /// The text of the QR code.
    pub picture: &'a str,
    /// What the picture is for those who do not see it.
    pub description: &'a str,
    pub foot: &'a str,
}

impl Paper {
    /// Writes a slip at one of the [`SLIPS_ON_PAGE`] places of this page.
    ///
    /// # Errors
    /// When the text of the picture is too long.
    pub fn slip(&mut self, place: usize, slip: &Slip<'_>) -> Result<(), PdfError> {
        let left = WIDTH * (place % COLUMNS) as f32;
        let top = HEIGHT * (place / COLUMNS % ROWS) as f32;
        if place == 0 {
            self.cut_marks();
        }
        let (x, mut y) = (left + INSET, top + INSET);
        let narrow = WIDTH - 2.0 * INSET - PICTURE - GAP;
        let mut whole = Part::new(Meaning::Section);
        let above = self.fonts.printable(slip.above);
        let style = (Weight::Regular, SMALL);
        whole
            .children
            .push(self.block(Meaning::Paragraph, &above, style, (x, &mut y, narrow), 2));
        y += 3.0;
        let text = self.fonts.printable(slip.heading);
        let meaning = Meaning::Heading {
            level: 1,
            text: text.clone(),
        };
        let style = (Weight::Bold, HEADING);
        let heading = self.block(
            meaning,
            &text,
            style,
            (x, &mut y, narrow),
            MAX_HEADING_LINES,
        );
        whole.children.push(heading);
        let mut picture = Part::new(Meaning::Figure {
            description: self.fonts.printable(slip.description),
        });
        let at = (left + WIDTH - INSET - PICTURE + 8.0, top + INSET - 8.0);
        let drawing = qr_drawing(slip.picture, PICTURE, at)?;
        self.piece(&mut picture, drawing);
        whole.children.push(Child::Part(picture));
        // From the foot up, so that the code is at the same place on each slip.
        let foot = self.fonts.printable(slip.foot);
        let broad = WIDTH - 2.0 * INSET;
        let foot_lines = lines(&self.fonts, &foot, (Weight::Regular, SMALL), broad).len() as f32;
        let foot_top = top + HEIGHT - INSET + 6.0 - foot_lines * SMALL * LEADING;
        let mut y = foot_top - 6.0 - CODE * LEADING - SMALL * LEADING;
        let label = self.fonts.printable(slip.label);
        let style = (Weight::Regular, SMALL);
        whole
            .children
            .push(self.block(Meaning::Paragraph, &label, style, (x, &mut y, narrow), 1));
        let code = self.fonts.printable(slip.code);
        let style = (Weight::Bold, CODE);
        whole
            .children
            .push(self.block(Meaning::Paragraph, &code, style, (x, &mut y, narrow), 1));
        let mut y = foot_top;
        let style = (Weight::Regular, SMALL);
        whole
            .children
            .push(self.block(Meaning::Paragraph, &foot, style, (x, &mut y, broad), 4));
        self.parts.push(whole);
        Ok(())
    }

    /// Lines of a text; `y` is below them afterwards.
    fn block(
        &mut self,
        meaning: Meaning,
        text: &str,
        (weight, size): (Weight, f32),
        (x, y, width): (f32, &mut f32, f32),
        max_lines: usize,
    ) -> Child {
        let mut part = Part::new(meaning);
        let lines = lines(&self.fonts, text, (weight, size), width);
        for line in lines.into_iter().take(max_lines) {
            let drawing = Drawing::Text {
                text: line,
                x,
                y: *y + size,
                size,
                weight,
            };
            self.piece(&mut part, drawing);
            *y += size * LEADING;
        }
        Child::Part(part)
    }

    /// Where scissors go: crosses where slips meet, and lines at the edges of the page.
    fn cut_marks(&mut self) {
        for column in 0..=COLUMNS {
            for row in 0..=ROWS {
                let (x, y) = (WIDTH * column as f32, HEIGHT * row as f32);
                for (width, height) in [(2.0 * MARK, MARK_STRENGTH), (MARK_STRENGTH, 2.0 * MARK)] {
                    let drawing = Drawing::Bar {
                        x: x - width / 2.0,
                        y: y - height / 2.0,
                        width,
                        height,
                    };
                    self.artifact(drawing);
                }
            }
        }
    }
}

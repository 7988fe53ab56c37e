//! The two fonts, and how wide their characters are.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_normalization::UnicodeNormalization;

use super::PdfError;

static REGULAR: &[u8] = include_bytes!("fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("fonts/NotoSans-Bold.ttf");

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// A font, as it is embedded and as it is measured.
pub struct Face {
    pub embedded: Font,
    measured: FontRef<'static>,
}

impl Face {
    fn read(bytes: &'static [u8]) -> Result<Self, PdfError> {
        Ok(Self {
            embedded: Font::new(bytes.into(), 0).ok_or(PdfError::Font)?,
            measured: FontRef::new(bytes).map_err(|_| PdfError::Font)?,
        })
    }

    /// The glyphs of a text, one for each character; advances are parts of the size.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let metrics = self
            .measured
            .glyph_metrics(Size::unscaled(), LocationRef::default());
        let characters = self.measured.charmap();
        let units = self.embedded.units_per_em();
        let glyph = |(at, c): (usize, char)| {
            let id = characters.map(c).unwrap_or_default();
            let advance = metrics.advance_width(id).unwrap_or_default() / units;
            let range = at..at + c.len_utf8();
            KrillaGlyph::new(
                GlyphId::new(id.to_u32()),
                advance,
                0.0,
                0.0,
                0.0,
                range,
                None,
            )
        };
        text.char_indices().map(glyph).collect()
    }

    /// How wide a text is, in points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let glyphs = self.glyphs(text);
        glyphs.iter().map(|glyph| glyph.x_advance * size).sum()
    }

    fn has(&self, c: char) -> bool {
        self.measured.charmap().map(c).is_some()
    }
}

/// Both fonts.
pub struct Fonts {
    regular: Face,
    bold: Face,
}

impl Fonts {
    pub fn open() -> Result<Self, PdfError> {
        Ok(Self {
            regular: Face::read(REGULAR)?,
            bold: Face::read(BOLD)?,
        })
    }

    pub fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// A text as it can be printed: letters with their marks as one character, and what no font here has as a question mark.
    pub fn printable(&self, text: &str) -> String {
        let known = |c: char| match c {
            '\n' => '\n',
            c if c.is_whitespace() => ' ',
            c if self.regular.has(c) && self.bold.has(c) => c,
            _ => '?',
        };
        text.nfc().map(known).collect()
    }
}

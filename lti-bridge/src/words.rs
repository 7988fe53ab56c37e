//! A text in the two languages of the pages.

/// The same text in two languages. It is plain text: the pages escape it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// In German.
    pub german: String,
    /// In English, for everyone else.
    pub english: String,
}

impl Words {
    /// A text in both languages.
    #[must_use]
    pub fn new(german: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            german: german.into(),
            english: english.into(),
        }
    }
}

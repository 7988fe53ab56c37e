//! The languages of the server, without what it knows of browsers: what `teacher_lists` is compiled with here.

/// As in the server.
#[derive(Clone, Copy)]
pub enum Language {
    German,
    English,
}

impl Language {
    /// One of two texts.
    pub fn say<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

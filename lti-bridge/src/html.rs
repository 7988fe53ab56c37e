//! What HTML pages are made of: the escaper of their templates, and their stylesheet.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// The stylesheet of the tool's pages, for hosts whose own plain pages shall look the same.
pub const STYLESHEET: &str = include_str!("../assets/lti.css");

/// Text as HTML, in elements and in quoted attributes.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// What the templates escape with (`askama.toml`). Named references: the pages are easier to read in a log than with those
/// of askama, which are all numbers.
#[derive(Clone, Copy)]
pub(crate) struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        to.write_str(&escape_html(text))
    }
}

//! Papers as pages: in the look of the server's own pages, and whole in one file, to be kept.

use askama::Template;

use crate::contracts::{Block, Content};
use crate::page::{STYLESHEET, STYLESHEET_PATH};

/// A link to the same text in another language.
pub struct Other<'a> {
    pub href: &'a str,
    pub label: &'a str,
    /// As in `lang`.
    pub tag: &'a str,
}

/// A paper as a page.
#[derive(Template)]
#[template(path = "paper.html")]
pub struct PaperPage<'a> {
    /// As in `lang`.
    pub tag: &'a str,
    pub title: &'a str,
    pub blocks: &'a [Block],
    pub others: &'a [Other<'a>],
    /// The stylesheet, where the file stands for itself.
    style: Option<&'static str>,
}

impl<'a> PaperPage<'a> {
    /// A page that loads the server's stylesheet.
    #[must_use]
    pub fn new(paper: &'a Content, tag: &'a str, others: &'a [Other<'a>]) -> Self {
        Self {
            tag,
            title: &paper.title,
            blocks: match paper.blocks.split_first() {
                // The page has it as its heading already.
                Some((Block::Heading(_), rest)) => rest,
                _ => &paper.blocks,
            },
            others,
            style: None,
        }
    }

    /// A file that needs nothing beside it.
    #[must_use]
    pub fn whole(paper: &'a Content) -> Self {
        Self {
            style: Some(STYLESHEET),
            ..Self::new(paper, paper.language.tag(), &[])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn page_of_a_paper_escapes_what_others_typed() {
        let mut paper = Content::titled("A & B", Language::German);
        let evil = "<script>alert(1)</script>".to_owned();
        paper
            .blocks
            .push(Block::Facts(vec![(evil.clone(), evil.clone())]));
        paper.blocks.push(Block::Table {
            heads: vec![evil.clone()],
            widths: vec![1.0],
            rows: vec![vec![evil]],
        });
        let html = PaperPage::whole(&paper).render().unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("<h1>A &amp; B</h1>"), "{html}");
        assert_eq!(html.matches("<h1>").count(), 1);
    }
}

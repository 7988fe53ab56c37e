//! Writes the pages, and the tree of what is on them.

use std::num::NonZeroU16;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagKind, TagTree,
};

use super::PdfError;
use super::fonts::{Fonts, Weight};
use super::layout::{Child, Drawing, LEFT, Meaning, PAGE_HEIGHT, PAGE_WIDTH, Part, Piece, WIDTH};
use crate::language::Language;

const PAGE_NUMBER: f32 = 9.0;

/// All that a document is.
pub struct Written<'a> {
    pub fonts: &'a Fonts,
    pub title: &'a str,
    pub language: Language,
    pub pieces: &'a [Piece],
    pub parts: &'a [Part],
    pub pages: usize,
    pub numbered: bool,
}

fn failed(error: impl std::fmt::Debug) -> PdfError {
    PdfError::Write(format!("{error:?}"))
}

pub fn write(written: &Written<'_>) -> Result<Vec<u8>, PdfError> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(failed)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    // Pieces of no part are decoration.
    let mut used = vec![false; written.pieces.len()];
    for part in written.parts {
        mark(part, &mut used);
    }
    let mut tags: Vec<Option<Identifier>> = written.pieces.iter().map(|_| None).collect();
    let mut annotations: Vec<(usize, Identifier)> = Vec::new();
    let mut links = Vec::new();
    for part in written.parts {
        find_links(part, &mut links);
    }
    let mut by_page: Vec<Vec<usize>> = vec![Vec::new(); written.pages];
    for (index, piece) in written.pieces.iter().enumerate() {
        if let Some(page) = by_page.get_mut(piece.page) {
            page.push(index);
        }
    }
    for (number, pieces) in by_page.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT);
        let settings = settings.ok_or_else(|| failed("the size of a page"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for index in pieces {
            let tag = if used[*index] {
                ContentTag::Span(SpanTag::empty())
            } else {
                ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout))
            };
            let identifier = surface.start_tagged(tag);
            draw(written.fonts, &mut surface, &written.pieces[*index].drawing);
            surface.end_tagged();
            tags[*index] = Some(identifier);
        }
        if written.numbered {
            number_page(written, &mut surface, number + 1);
        }
        surface.finish();
        for (index, address) in &links {
            let piece = &written.pieces[*index];
            if piece.page != number {
                continue;
            }
            if let Some(area) = area(written.fonts, &piece.drawing) {
                let action = Action::Link(LinkAction::new(address.clone()));
                let link = LinkAnnotation::new(area, Target::Action(action));
                let annotation = Annotation::new_link(link, Some(address.clone()));
                annotations.push((*index, page.add_tagged_annotation(annotation)));
            }
        }
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(written.language.tag().to_owned()));
    let mut outline = Outline::new();
    for part in written.parts {
        tree.push(group(part, &mut tags, &mut annotations));
        head(part, written.pieces, &mut outline);
    }
    document.set_tag_tree(tree);
    document.set_outline(outline);
    document.set_metadata(
        Metadata::new()
            .title(written.title.to_owned())
            .language(written.language.tag().to_owned())
            .creator("kmz-meet".to_owned()),
    );
    document.finish().map_err(failed)
}

fn mark(part: &Part, used: &mut [bool]) {
    for child in &part.children {
        match child {
            Child::Part(part) => mark(part, used),
            Child::Piece(index) => used[*index] = true,
        }
    }
}

fn find_links(part: &Part, links: &mut Vec<(usize, String)>) {
    for child in &part.children {
        match (child, &part.meaning) {
            (Child::Part(part), _) => find_links(part, links),
            (Child::Piece(index), Meaning::Link { address }) => {
                links.push((*index, address.clone()));
            }
            _ => {}
        }
    }
}

/// A line in the outline for each heading.
fn head(part: &Part, pieces: &[Piece], outline: &mut Outline) {
    if let (Meaning::Heading { text, .. }, Some(Child::Piece(index))) =
        (&part.meaning, part.children.first())
    {
        let piece = &pieces[*index];
        let y = match piece.drawing {
            Drawing::Text { y, size, .. } => y - size,
            _ => 0.0,
        };
        let place = XyzDestination::new(piece.page, Point::from_xy(LEFT, y));
        outline.push_child(OutlineNode::new(text.clone(), place));
    }
    for child in &part.children {
        if let Child::Part(part) = child {
            head(part, pieces, outline);
        }
    }
}

fn group(
    part: &Part,
    tags: &mut [Option<Identifier>],
    annotations: &mut Vec<(usize, Identifier)>,
) -> TagGroup {
    let kind: TagKind = match &part.meaning {
        Meaning::Section => Tag::Section.into(),
        Meaning::Heading { level, text } => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(text.clone())).into()
        }
        Meaning::Paragraph => Tag::P.into(),
        Meaning::Table => Tag::Table.into(),
        Meaning::Row => Tag::TR.into(),
        Meaning::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Meaning::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Meaning::Cell => Tag::TD.into(),
        Meaning::Figure { description } => Tag::Figure(Some(description.clone())).into(),
        Meaning::Link { .. } => Tag::Link.into(),
    };
    let mut children: Vec<Node> = Vec::new();
    for child in &part.children {
        match child {
            Child::Part(part) => children.push(group(part, tags, annotations).into()),
            Child::Piece(index) => {
                children.extend(tags[*index].take().map(Node::from));
                while let Some(at) = annotations.iter().position(|(of, _)| of == index) {
                    children.push(annotations.swap_remove(at).1.into());
                }
            }
        }
    }
    TagGroup::with_children(kind, children)
}

fn draw(fonts: &Fonts, surface: &mut Surface<'_>, drawing: &Drawing) {
    let mut path = PathBuilder::new();
    match drawing {
        Drawing::Text {
            text,
            x,
            y,
            size,
            weight,
        } => {
            let face = fonts.face(*weight);
            let (start, font) = (Point::from_xy(*x, *y), face.embedded.clone());
            surface.draw_glyphs(start, &face.glyphs(text), font, text, *size, false);
            return;
        }
        Drawing::Rule { x, y, width } => {
            if let Some(rule) = Rect::from_xywh(*x, *y, *width, 0.6) {
                path.push_rect(rule);
            }
        }
        Drawing::Bar {
            x,
            y,
            width,
            height,
        } => {
            if let Some(bar) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(bar);
            }
        }
        Drawing::Squares { side, places } => {
            for (x, y) in places {
                // A little larger, so that no light shows between them.
                if let Some(square) = Rect::from_xywh(*x, *y, side * 1.01, side * 1.01) {
                    path.push_rect(square);
                }
            }
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn number_page(written: &Written<'_>, surface: &mut Surface<'_>, number: usize) {
    let of = written.language.say("Seite", "Page");
    let text = format!("{of} {number} / {}", written.pages);
    let face = written.fonts.face(Weight::Regular);
    let x = LEFT + WIDTH - face.width(&text, PAGE_NUMBER);
    let artifact = Artifact::with_kind(ArtifactType::PageNumber);
    surface.start_tagged(ContentTag::Artifact(artifact));
    let drawing = Drawing::Text {
        text,
        x,
        y: PAGE_HEIGHT - 34.0,
        size: PAGE_NUMBER,
        weight: Weight::Regular,
    };
    draw(written.fonts, surface, &drawing);
    surface.end_tagged();
}

/// Where a text is, to be clicked.
fn area(fonts: &Fonts, drawing: &Drawing) -> Option<Rect> {
    let Drawing::Text {
        text,
        x,
        y,
        size,
        weight,
    } = drawing
    else {
        return None;
    };
    let width = fonts.face(*weight).width(text, *size);
    Rect::from_xywh(*x, y - size, width, size * 1.3)
}

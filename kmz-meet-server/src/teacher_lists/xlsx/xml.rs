//! XML of a part, event by event. It nests no deeper than a workbook does.

use std::io::{BufRead, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::package::{Part, refusal};
use crate::teacher_lists::Refusal;

/// A workbook's XML nests some ten deep. The reader remembers each open element.
const MAX_DEPTH: usize = 64;

/// Reads one part.
pub struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<'p, R: Read> Xml<std::io::BufReader<Part<'p, R>>> {
    pub fn of(part: Part<'p, R>) -> Self {
        Xml::new(part.buffered())
    }
}

impl<R: BufRead> Xml<R> {
    pub fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(input);
        // An empty element is a start and an end: one way through the code.
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    /// The next event; [`Event::Eof`] at the end, which is an error for a document that is not closed.
    pub fn next(&mut self) -> Result<Event<'_>, Refusal> {
        self.buffer.clear();
        let event = self
            .reader
            .read_event_into(&mut self.buffer)
            .map_err(|error| refusal(&error))?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Refusal::Damaged);
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            // No workbook has one, and entities are what bombs are made of.
            Event::DocType(_) => return Err(Refusal::Damaged),
            Event::Eof if self.depth > 0 => return Err(Refusal::Damaged),
            _ => {}
        }
        Ok(event)
    }
}

/// An attribute by its local name, with its entities resolved.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    // Without checks for repetitions, which take the square of their number.
    let mut attributes = element.attributes();
    attributes.with_checks(false);
    let found = attributes
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

/// Appends what a text event says, no further than `most` characters.
pub fn append(text: &mut String, event: &Event<'_>, most: usize) {
    // No character has more than four bytes, so a shorter text need not be counted.
    let mut push = |more: &str| {
        if text.len() + more.len() <= most {
            text.push_str(more);
        } else {
            let room = most.saturating_sub(text.chars().count());
            text.extend(more.chars().take(room));
        }
    };
    match event {
        Event::Text(more) => push(&more.xml10_content()),
        Event::CData(more) => push(&more.xml10_content()),
        Event::GeneralRef(entity) => {
            let name: &str = entity;
            match quick_xml::escape::resolve_predefined_entity(name) {
                Some(known) => push(known),
                None => {
                    if let Ok(Some(c)) = entity.resolve_char_ref() {
                        push(c.encode_utf8(&mut [0; 4]));
                    }
                }
            }
        }
        _ => {}
    }
}

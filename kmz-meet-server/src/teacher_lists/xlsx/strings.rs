//! The strings that the cells of a workbook share (ECMA-376, part 1, 18.4).

use quick_xml::events::Event;

use super::package::Package;
use super::xml::{Xml, append};
use crate::teacher_lists::{MAX_CELL_CHARS, MAX_ROWS, Refusal};

/// All of them, in bytes. 20,000 people have some 2 MB.
const MAX_STRINGS_BYTES: usize = 16 * 1024 * 1024;
/// How many: some ten for each person.
const MAX_STRINGS: usize = MAX_ROWS * 20;

/// Shared strings, one behind the other.
#[derive(Default)]
pub struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub fn read(package: &mut Package<'_>, part: &str) -> Result<Self, Refusal> {
        let mut strings = Self::default();
        let Some(part) = package.part(part)? else {
            return Ok(strings);
        };
        let mut xml = Xml::of(part);
        let (mut current, mut in_text, mut phonetic) = (String::new(), false, false);
        loop {
            let event = xml.next()?;
            match &event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "si" => current.clear(),
                    "rPh" => phonetic = true,
                    "t" => in_text = !phonetic,
                    _ => {}
                },
                Event::End(element) => match element.local_name().as_ref() {
                    "si" => strings.push(&current)?,
                    "rPh" => phonetic = false,
                    "t" => in_text = false,
                    _ => {}
                },
                Event::Eof => return Ok(strings),
                _ if in_text => append(&mut current, &event, MAX_CELL_CHARS + 1),
                _ => {}
            }
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Refusal> {
        if self.ends.len() >= MAX_STRINGS || self.text.len() + text.len() > MAX_STRINGS_BYTES {
            return Err(Refusal::UnpacksTooLarge);
        }
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let before = index.checked_sub(1);
        let start = before.and_then(|before| self.ends.get(before));
        self.text.get(start.map_or(0, |start| *start as usize)..end)
    }
}

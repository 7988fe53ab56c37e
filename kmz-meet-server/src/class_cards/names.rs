//! The names of a class list: as somebody typed them, and as a table has them.

use std::collections::HashMap;

use kmz_meet_core::room::{DisplayName, skeleton};
use kmz_meet_core::signal::MAX_NAME_CHARS;

use crate::teacher_lists::{Columns, Refusal, cells};

/// Pupils of one room: three classes.
pub const MAX_PUPILS: usize = 100;
/// Rows of a table that are looked at: there may be lines about the class above the names.
const MAX_TABLE_ROWS: usize = 1_000;
/// In so many rows the heads are looked for.
const HEAD_ROWS: usize = 10;

/// Why names are no class list. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unnamed {
    #[error("there must be no more than {max} names.", max = MAX_PUPILS)]
    TooMany,
    #[error("name {0} must have a letter and no more than {max} characters.", max = MAX_NAME_CHARS)]
    NoName(usize),
    #[error("names {0} and {1} look the same. Write more of one of them.")]
    Alike(usize, usize),
}

/// The names as they are kept. Two that a reader takes for one could not be told apart on their cards.
///
/// # Errors
/// When they are no class list.
pub fn names_of(given: &[String]) -> Result<Vec<String>, Unnamed> {
    if given.len() > MAX_PUPILS {
        return Err(Unnamed::TooMany);
    }
    let mut seen = HashMap::new();
    let mut names = Vec::new();
    for (index, name) in given.iter().enumerate() {
        let name = DisplayName::typed(name).ok_or(Unnamed::NoName(index + 1))?;
        if let Some(first) = seen.insert(skeleton(name.as_str()), index) {
            return Err(Unnamed::Alike(first + 1, index + 1));
        }
        names.push(name.into());
    }
    Ok(names)
}

/// What was read of a table, to be looked at: nothing is kept of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadNames {
    pub names: Vec<String>,
    /// Rows without a name, and those beyond [`MAX_PUPILS`].
    pub left_out: usize,
}

/// Reads names, and nothing else, of a table (CSV, or cells that were copied out of a spreadsheet). Heads say which columns they
/// are in. Without heads one column is the whole name, and of several the first is the surname and the second the first name,
/// as school programs write them.
///
/// # Errors
/// [`Refusal`], which says in words what to do about it.
pub fn read_names(bytes: &[u8]) -> Result<ReadNames, Refusal> {
    if bytes.trim_ascii().is_empty() {
        return Err(Refusal::Empty);
    }
    let (rows, _) = cells(bytes, MAX_TABLE_ROWS)?;
    let heads = rows
        .iter()
        .take(HEAD_ROWS)
        .enumerate()
        .find_map(|(at, row)| {
            let columns = Columns::of(row.iter().map(String::as_str).enumerate());
            let is_named = columns.first_name.is_some()
                || columns.full_name.is_some()
                || columns.surname.is_some();
            is_named.then_some((at, columns))
        });
    let (first, columns) = match heads {
        Some((at, columns)) => (at + 1, columns),
        None => (0, Columns::default()),
    };
    let mut read = ReadNames::default();
    for row in rows.iter().skip(first) {
        match name_in(row, &columns) {
            Some(name) if read.names.len() < MAX_PUPILS => read.names.push(name),
            _ => read.left_out += 1,
        }
    }
    if read.names.is_empty() {
        return Err(Refusal::NoRows);
    }
    Ok(read)
}

fn name_in(row: &[String], columns: &Columns) -> Option<String> {
    let cell = |at: Option<usize>| row.get(at?).map(|cell| cell.trim());
    let parts = [cell(columns.first_name), cell(columns.surname)];
    let name = match cell(columns.full_name) {
        Some(name) => turned(name),
        None if parts.iter().any(Option::is_some) => {
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            parts.join(" ")
        }
        // A number in front of each name, and what else is no name, is left out.
        None if *columns == Columns::default() => {
            let has_letter = |cell: &&str| cell.chars().any(char::is_alphabetic);
            let cells = row.iter().map(|cell| cell.trim()).filter(has_letter);
            match cells.take(2).collect::<Vec<_>>()[..] {
                [surname, first_name] => format!("{first_name} {surname}"),
                [name] => turned(name),
                _ => return None,
            }
        }
        None => return None,
    };
    DisplayName::typed(&name).map(String::from)
}

/// 'Müller, Lena' is Lena Müller.
fn turned(name: &str) -> String {
    match name.split_once(',') {
        Some((surname, first_name)) if !first_name.contains(',') => {
            format!("{} {}", first_name.trim(), surname.trim())
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<String> {
        read_names(text.as_bytes()).unwrap().names
    }

    #[test]
    fn names_of_a_table_are_read_by_its_heads() {
        for text in [
            "Nachname;Vorname;Klasse\r\nMüller;Lena;7b\r\nÖz;Ali;7b\r\n",
            "Klasse,Vorname,Name\n7b,Lena,Müller\n7b,Ali,Öz\n",
            "Klasse 7b\n\nName\nLena Müller\n\"Öz, Ali\"\n",
            "Vorname\tNachname\tE-Mail\nLena\tMüller\tl@x.de\nAli\tÖz\t\n",
            "sep=;\nSchüler/in;Note\nMüller, Lena;1\nÖz, Ali;1\n",
        ] {
            assert_eq!(read(text), ["Lena Müller", "Ali Öz"], "{text}");
        }
    }

    #[test]
    fn names_of_a_table_without_heads_are_read_as_school_programs_write_them() {
        for text in [
            "Müller;Lena\nÖz;Ali",
            "1;Müller;Lena;12.3.2014\n2;Öz;Ali;4.5.2014",
            "Müller, Lena\nÖz, Ali",
            "Müller\tLena\nÖz\tAli\n\n",
            "Lena Müller\r\nAli Öz\r\n",
        ] {
            assert_eq!(read(text), ["Lena Müller", "Ali Öz"], "{text}");
        }
    }

    #[test]
    fn names_in_another_encoding_are_read() {
        assert_eq!(
            read_names(b"M\xFCller;Lena").unwrap().names,
            ["Lena Müller"]
        );
        assert_eq!(
            read_names(b"\xEF\xBB\xBFName\nLena").unwrap().names,
            ["Lena"]
        );
    }

    #[test]
    fn table_that_has_no_names_is_refused() {
        assert_eq!(read_names(b" \n"), Err(Refusal::Empty));
        assert_eq!(read_names(b"Name\n"), Err(Refusal::NoRows));
        assert_eq!(read_names(b"Klasse;Name\n7b;\n"), Err(Refusal::NoRows));
        assert_eq!(read_names(b"%PDF-1.7"), Err(Refusal::OtherFormat("PDF")));
        let long = "Lena\n".repeat(MAX_TABLE_ROWS + 1);
        assert_eq!(read_names(long.as_bytes()), Err(Refusal::TooManyRows));
    }

    #[test]
    fn names_beyond_the_limit_are_counted() {
        let many: Vec<String> = (0..MAX_PUPILS + 7).map(|at| format!("Kind {at}")).collect();
        let read = read_names(many.join("\n").as_bytes()).unwrap();
        assert_eq!((read.names.len(), read.left_out), (MAX_PUPILS, 7));
        assert_eq!(names_of(&many), Err(Unnamed::TooMany));
    }

    #[test]
    fn names_that_look_the_same_or_are_none_are_named_by_their_lines() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            names_of(&names)
        };
        assert_eq!(
            of(&[" Lena  M. ", "Ali"]),
            Ok(vec!["Lena M.".to_owned(), "Ali".to_owned()])
        );
        assert_eq!(of(&["Lena", "Ali", "LENA"]), Err(Unnamed::Alike(1, 3)));
        assert_eq!(of(&["Lena", "Lenа"]), Err(Unnamed::Alike(1, 2)));
        assert_eq!(of(&["Lena", "..."]), Err(Unnamed::NoName(2)));
        assert_eq!(of(&[&"x".repeat(61)]), Err(Unnamed::NoName(1)));
        assert_eq!(of(&[]), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn names_of_any_bytes_are_few_and_fit_for_a_list(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(read) = read_names(&bytes) {
                prop_assert!(!read.names.is_empty() && read.names.len() <= MAX_PUPILS);
                for name in read.names {
                    prop_assert_eq!(names_of(std::slice::from_ref(&name)), Ok(vec![name]));
                }
            }
        }

        #[test]
        fn names_of_any_text_are_read_without_harm(text in "([a-zA-ZäöüÄÖÜß,;\"\t \r\n]|Name|Vorname){0,200}") {
            let _ = read_names(text.as_bytes());
        }
    }
}

//! Why a list is not read, and what its sender should know of one that is. In words, German and English.

use super::{MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS};
use crate::language::Language;

/// Why a whole list is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    TooLarge,
    /// What it unpacks to is too large: a zip bomb, or a workbook that is no list.
    UnpacksTooLarge,
    TooManyRows,
    TooManyColumns,
    /// It is protected, and no password was given.
    PasswordNeeded,
    WrongPassword,
    /// A kind of encryption that Office does not write.
    UnknownEncryption,
    /// A format that is no list: its name, such as `PDF`.
    OtherFormat(&'static str),
    /// It begins like a workbook and is none.
    Damaged,
    /// It is neither a workbook nor text.
    NotText,
    /// No line names these columns.
    HeadMissing(Vec<&'static str>),
    /// Heads, and nobody below.
    NoRows,
    /// Others have lists read at the moment.
    Busy,
}

impl Refusal {
    /// For programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::UnpacksTooLarge => "unpacks_too_large",
            Self::TooManyRows => "too_many_rows",
            Self::TooManyColumns => "too_many_columns",
            Self::PasswordNeeded => "password_needed",
            Self::WrongPassword => "wrong_password",
            Self::UnknownEncryption => "unknown_encryption",
            Self::OtherFormat(_) => "other_format",
            Self::Damaged => "damaged",
            Self::NotText => "not_text",
            Self::HeadMissing(_) => "head_missing",
            Self::NoRows => "no_rows",
            Self::Busy => "busy",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        let megabytes = MAX_FILE_BYTES / 1024 / 1024;
        let (german, english) = match self {
            Self::Empty => ("Die Datei ist leer.", "The file is empty."),
            Self::TooLarge => {
                return match language {
                    Language::German => {
                        format!("Die Datei ist größer als {megabytes} MB. Teilen Sie die Liste.")
                    }
                    Language::English => {
                        format!("The file is larger than {megabytes} MB. Split the list.")
                    }
                };
            }
            Self::UnpacksTooLarge => (
                "Die Datei enthält entpackt viel mehr, als eine Liste braucht. Kopieren Sie nur die Liste in eine neue Datei.",
                "Unpacked, the file holds far more than a list needs. Copy the list alone into a new file.",
            ),
            Self::TooManyRows => {
                return match language {
                    Language::German => {
                        format!("Die Liste hat mehr als {MAX_ROWS} Zeilen. Teilen Sie sie.")
                    }
                    Language::English => {
                        format!("The list has more than {MAX_ROWS} rows. Split it.")
                    }
                };
            }
            Self::TooManyColumns => {
                return match language {
                    Language::German => {
                        format!(
                            "Die Tabelle hat mehr als {MAX_COLUMNS} Spalten. Löschen Sie, was nicht gebraucht wird."
                        )
                    }
                    Language::English => {
                        format!(
                            "The table has more than {MAX_COLUMNS} columns. Delete what is not needed."
                        )
                    }
                };
            }
            Self::PasswordNeeded => (
                "Die Datei ist mit einem Kennwort geschützt. Geben Sie es ein.",
                "The file is protected by a password. Enter it.",
            ),
            Self::WrongPassword => (
                "Das Kennwort öffnet diese Datei nicht.",
                "The password does not open this file.",
            ),
            Self::UnknownEncryption => (
                "Die Datei ist auf eine Weise verschlüsselt, die hier nicht gelesen wird. Speichern Sie sie neu als Excel-Arbeitsmappe (.xlsx).",
                "The file is encrypted in a way that is not read here. Save it again as an Excel workbook (.xlsx).",
            ),
            Self::OtherFormat(name) => {
                return match language {
                    Language::German => format!(
                        "Das ist keine Liste, sondern: {name}. Speichern Sie sie als CSV oder Excel-Arbeitsmappe (.xlsx)."
                    ),
                    Language::English => format!(
                        "This is no list but: {name}. Save it as CSV or as an Excel workbook (.xlsx)."
                    ),
                };
            }
            Self::Damaged => (
                "Die Datei ist beschädigt. Speichern Sie die Liste noch einmal.",
                "The file is damaged. Save the list once more.",
            ),
            Self::NotText => (
                "Die Datei ist weder Text noch eine Excel-Arbeitsmappe. Speichern Sie die Liste als CSV oder .xlsx.",
                "The file is neither text nor an Excel workbook. Save the list as CSV or .xlsx.",
            ),
            Self::HeadMissing(missing) => {
                let missing = missing.join(", ");
                return match language {
                    Language::German => format!(
                        "Keine der ersten Zeilen nennt die Spalten. Es fehlt: {missing}. Gebraucht werden die Überschriften Vorname, Nachname und E-Mail."
                    ),
                    Language::English => format!(
                        "None of the first rows names the columns. Missing: {missing}. The heads first name, surname and e-mail are needed."
                    ),
                };
            }
            Self::NoRows => (
                "Unter den Überschriften steht niemand.",
                "There is nobody below the heads.",
            ),
            Self::Busy => (
                "Gerade werden andere Listen gelesen. Versuchen Sie es in einer Minute noch einmal.",
                "Other lists are being read. Try again in a minute.",
            ),
        };
        language.say(german, english).to_owned()
    }
}

/// What the sender of a list should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Of several sheets, this one was read.
    SheetRead { sheet: String, sheets: usize },
    /// Two columns have this head; the first one counts.
    HeadTwice(String),
    /// The workbook has macros; they were not looked at.
    MacrosIgnored,
}

impl Note {
    /// For programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SheetRead { .. } => "sheet_read",
            Self::HeadTwice(_) => "head_twice",
            Self::MacrosIgnored => "macros_ignored",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        match (self, language) {
            (Self::SheetRead { sheet, sheets }, Language::German) => {
                format!("Die Arbeitsmappe hat {sheets} Blätter. Gelesen wurde nur „{sheet}“.")
            }
            (Self::SheetRead { sheet, sheets }, Language::English) => {
                format!("The workbook has {sheets} sheets. Only “{sheet}” was read.")
            }
            (Self::HeadTwice(head), Language::German) => {
                format!("Die Überschrift „{head}“ kommt mehrmals vor. Es zählt die erste Spalte.")
            }
            (Self::HeadTwice(head), Language::English) => {
                format!("The head “{head}” is there more than once. The first column counts.")
            }
            (Self::MacrosIgnored, Language::German) => {
                "Die Makros der Arbeitsmappe wurden nicht beachtet.".to_owned()
            }
            (Self::MacrosIgnored, Language::English) => {
                "The macros of the workbook were ignored.".to_owned()
            }
        }
    }
}

//! One row of a list: a teacher, or why there is none.

use crate::email_address::EmailAddress;
use crate::language::Language;

/// As many as a name of a participant may have, for each part.
pub const MAX_NAME_CHARS: usize = 60;

/// A teacher as a list names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teacher {
    /// Such as `Dr.`
    pub title: Option<String>,
    pub first_name: String,
    pub surname: String,
    pub email: EmailAddress,
}

impl Teacher {
    /// As others see it.
    #[must_use]
    pub fn name(&self) -> String {
        let parts = [
            self.title.as_deref().unwrap_or_default(),
            &self.first_name,
            &self.surname,
        ];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }
}

/// A row that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet or an editor counts them, from 1.
    pub number: u32,
    pub read: Result<Teacher, RowFault>,
}

/// Why a row cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFault {
    NoName,
    NoAddress,
    NotAnAddress,
    /// It begins like a formula, or is one.
    Formula,
    NotAName,
    TooLong,
    /// The spreadsheet itself shows a fault, such as `#N/A`.
    SpreadsheetFault,
}

impl RowFault {
    pub const ALL: [Self; 7] = [
        Self::NoName,
        Self::NoAddress,
        Self::NotAnAddress,
        Self::Formula,
        Self::NotAName,
        Self::TooLong,
        Self::SpreadsheetFault,
    ];

    /// For programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoName => "no_name",
            Self::NoAddress => "no_address",
            Self::NotAnAddress => "not_an_address",
            Self::Formula => "formula",
            Self::NotAName => "not_a_name",
            Self::TooLong => "too_long",
            Self::SpreadsheetFault => "spreadsheet_fault",
        }
    }

    /// What has this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.code() == code)
    }

    /// For people.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        let (german, english) = match self {
            Self::NoName => ("Der Name fehlt.", "The name is missing."),
            Self::NoAddress => ("Die E-Mail-Adresse fehlt.", "The mail address is missing."),
            Self::NotAnAddress => ("Die E-Mail-Adresse ist keine.", "The mail address is none."),
            Self::Formula => (
                "Hier steht eine Formel. Formeln werden nicht gelesen: Fügen Sie die Werte ein.",
                "There is a formula. Formulas are not read: paste the values.",
            ),
            Self::NotAName => (
                "Der Name enthält Zeichen, die in keinem Namen vorkommen.",
                "The name has characters that no name has.",
            ),
            Self::TooLong => (
                "Eine Zelle ist zu lang. Fehlt in der Datei ein Anführungszeichen?",
                "A cell is too long. Is a quotation mark missing in the file?",
            ),
            Self::SpreadsheetFault => (
                "Die Tabelle selbst zeigt hier einen Fehler an.",
                "The spreadsheet itself shows a fault here.",
            ),
        };
        match language {
            Language::German => german,
            Language::English => english,
        }
    }
}

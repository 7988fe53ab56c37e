//! What would become of each row.

use std::collections::HashMap;

use super::{Row, RowFault, Teacher};
use crate::email_address::{Domains, EmailAddress};
use crate::language::Language;

/// What would become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An account is made.
    New,
    /// There is an account of this school with this address.
    Known,
    /// The same address stands in an earlier row.
    Duplicate {
        of: u32,
    },
    /// The address is of none of the school's domains, or of one that another school named.
    WrongDomain,
    Unreadable(RowFault),
}

impl Verdict {
    /// For programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Duplicate { .. } => "duplicate",
            Self::WrongDomain => "wrong_domain",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self, language: Language) -> String {
        let (german, english) = match self {
            Self::New => ("Bekommt ein Konto.", "Gets an account."),
            Self::Known => ("Hat schon ein Konto.", "Has an account already."),
            Self::Duplicate { of } => {
                return match language {
                    Language::German => format!("Steht schon in Zeile {of}."),
                    Language::English => format!("Is in row {of} already."),
                };
            }
            Self::WrongDomain => (
                "Die Adresse ist keine dienstliche dieser Schule.",
                "The address is no official one of this school.",
            ),
            Self::Unreadable(fault) => return fault.words(language).to_owned(),
        };
        language.say(german, english).to_owned()
    }
}

/// A row with its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub number: u32,
    /// `None` where the row is unreadable.
    pub teacher: Option<Teacher>,
    pub verdict: Verdict,
}

/// Judges all rows. `known` says who has an account.
pub fn verdicts(
    rows: Vec<Row>,
    domains: &Domains,
    known: impl Fn(&EmailAddress) -> bool,
) -> Vec<Judged> {
    let mut first: HashMap<EmailAddress, u32> = HashMap::new();
    let judge = |row: Row| {
        let teacher = match row.read {
            Ok(teacher) => teacher,
            Err(fault) => {
                return Judged {
                    number: row.number,
                    teacher: None,
                    verdict: Verdict::Unreadable(fault),
                };
            }
        };
        let verdict = if let Some(of) = first.get(&teacher.email) {
            Verdict::Duplicate { of: *of }
        } else {
            first.insert(teacher.email.clone(), row.number);
            if !domains.permit(&teacher.email) {
                Verdict::WrongDomain
            } else if known(&teacher.email) {
                Verdict::Known
            } else {
                Verdict::New
            }
        };
        Judged {
            number: row.number,
            teacher: Some(teacher),
            verdict,
        }
    };
    rows.into_iter().map(judge).collect()
}

//! What can be done to a contract, and what is refused: a pure function of what is stored, of the time and of the step.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::standing::Standing;
use crate::clock::Timestamp;
use crate::store::{Contract, ContractChange, School};
use crate::time_zone::SchoolZone;

/// A contract is not made for longer.
const MAX_TERM_YEARS: i16 = 10;
/// Older signatures are a slip of the pen.
const MAX_SIGNATURE_YEARS: i16 = 20;

/// The signature of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Who signed, for the school.
    pub signer: String,
    pub signed_on: Date,
    /// The last day on which it holds. `None`: until it is ended.
    pub last_day: Option<Date>,
    /// The id of the signed document.
    pub document: String,
    /// Its SHA-256 in hexadecimal digits.
    pub document_sha256: String,
}

/// What somebody wants to do to a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A school whose contract is over asks for another one.
    Request,
    /// The form goes to the head of the school, for the first time or again.
    SendForm,
    /// It is signed: for the first time, anew, or again before it runs out.
    Sign(Signature),
    /// It is over at once; what was only asked for is withdrawn.
    End,
}

/// What is stored after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    pub state: Contract,
    pub valid_until: Option<Timestamp>,
}

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("The contract holds. A new one is signed to renew it, or it is ended.")]
    Holds,
    #[error("The contract is asked for already.")]
    Requested,
    #[error("The contract is ended already.")]
    Ended,
    #[error("The day of the signature has not come yet.")]
    SignedInFuture,
    #[error("The day of the signature is more than {MAX_SIGNATURE_YEARS} years ago.")]
    SignedLongAgo,
    #[error(
        "It was signed before the former contract ended ({0}). A contract that was ended is signed anew."
    )]
    SignedBeforeEnd(Date),
    #[error("Its last day is before the day of the signature.")]
    EndsBeforeSignature,
    #[error("Its last day is over.")]
    Over,
    #[error("Its last day is more than {MAX_TERM_YEARS} years from now.")]
    TooLong,
    #[error("The contract that holds now holds longer. To shorten it, end it.")]
    Shortens,
    #[error("This document signed the contract before. Each signature has a document of its own.")]
    DocumentUsed,
}

impl Refused {
    /// Whether another value would do; otherwise the contract is not in the state for it.
    #[must_use]
    pub fn is_about_values(&self) -> bool {
        !matches!(self, Self::Holds | Self::Requested | Self::Ended)
    }
}

/// Decides about a step. `history`: all changes so far, the oldest first. Days are those of the school's time zone.
///
/// # Errors
/// When the step is not taken, and why.
pub fn next(
    school: &School,
    history: &[ContractChange],
    step: &Step,
    (now, zone): (Timestamp, &SchoolZone),
) -> Result<After, Refused> {
    let standing = Standing::of_school(school, now);
    let closed = |state| After {
        state,
        valid_until: None,
    };
    match step {
        Step::Request => match standing {
            _ if standing.holds() => Err(Refused::Holds),
            Standing::Requested | Standing::FormSent => Err(Refused::Requested),
            _ => Ok(closed(Contract::Requested)),
        },
        Step::SendForm if standing.holds() => Err(Refused::Holds),
        Step::SendForm => Ok(closed(Contract::FormSent)),
        Step::End if standing == Standing::Ended => Err(Refused::Ended),
        Step::End => Ok(closed(Contract::Ended)),
        Step::Sign(signature) => {
            let today = zone.date(now).ok_or(Refused::SignedInFuture)?;
            check_day(history, signature, (today, zone))?;
            let hash = Some(&signature.document_sha256);
            if history
                .iter()
                .any(|one| one.document_sha256.as_ref() == hash)
            {
                return Err(Refused::DocumentUsed);
            }
            let valid_until = term(signature, today, zone)?;
            let former = school.valid_until.unwrap_or(Timestamp::MAX);
            if standing.holds() && valid_until.unwrap_or(Timestamp::MAX) < former {
                return Err(Refused::Shortens);
            }
            Ok(After {
                state: Contract::Signed,
                valid_until,
            })
        }
    }
}

/// Whether the day of the signature can be one.
fn check_day(
    history: &[ContractChange],
    signature: &Signature,
    (today, zone): (Date, &SchoolZone),
) -> Result<(), Refused> {
    if signature.signed_on > today {
        return Err(Refused::SignedInFuture);
    }
    if signature.signed_on < later(today, -MAX_SIGNATURE_YEARS.years()) {
        return Err(Refused::SignedLongAgo);
    }
    // Whatever came after an end, as a request or a form: what was signed before it stays withdrawn.
    let end = history
        .iter()
        .rfind(|change| change.state == Contract::Ended);
    match end.and_then(|end| zone.date(end.created_at)) {
        Some(end) if signature.signed_on < end => Err(Refused::SignedBeforeEnd(end)),
        _ => Ok(()),
    }
}

/// Until when it holds.
fn term(
    signature: &Signature,
    today: Date,
    zone: &SchoolZone,
) -> Result<Option<Timestamp>, Refused> {
    let Some(last) = signature.last_day else {
        return Ok(None);
    };
    if last < signature.signed_on {
        return Err(Refused::EndsBeforeSignature);
    }
    if last < today {
        return Err(Refused::Over);
    }
    if last > later(today, MAX_TERM_YEARS.years()) {
        return Err(Refused::TooLong);
    }
    zone.end_of(last).map(Some).ok_or(Refused::TooLong)
}

fn later(day: Date, by: Span) -> Date {
    day.saturating_add(by)
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;

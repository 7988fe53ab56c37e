//! `kmz-meet contract`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::admin::{Admin, AdminError, TypedSignature};
use crate::contracts::Step;
use crate::language::Language;

/// In which language a paper is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PaperLanguage {
    De,
    En,
}

impl From<PaperLanguage> for Language {
    fn from(language: PaperLanguage) -> Self {
        match language {
            PaperLanguage::De => Self::German,
            PaperLanguage::En => Self::English,
        }
    }
}

#[derive(Subcommand)]
pub(super) enum ContractCommand {
    /// Print how the contract of a school stands, and all its changes
    Show {
        /// Name of the school
        school: String,
    },
    /// Print the form for the head of a school; it has to be checked by somebody who knows the law
    Form {
        /// Name of the school
        school: String,
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        /// Write a PDF into this file instead
        #[arg(long, value_name = "FILE")]
        pdf: Option<PathBuf>,
    },
    /// Note that a school whose contract is over asks for another one
    Request {
        /// Name of the school
        school: String,
    },
    /// Note that the head of the school has the form
    Send {
        /// Name of the school
        school: String,
    },
    /// Note that it is signed, and keep the signed document: from now on the school opens
    Sign {
        /// Name of the school
        school: String,
        /// Who signed for the school
        #[arg(long)]
        signer: String,
        /// The day of the signature, such as 2026-09-01
        #[arg(long, value_name = "DAY")]
        on: Date,
        /// The last day on which it holds; without it, it holds until it is ended
        #[arg(long, value_name = "DAY")]
        until: Option<Date>,
        /// The signed document: PDF, JPEG or PNG
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
    },
    /// End it at once: nothing of the school opens any more, running conferences finish
    End {
        /// Name of the school
        school: String,
        /// Why
        #[arg(long)]
        note: Option<String>,
    },
    /// Print the list of a year for the data-protection officer, as CSV
    List {
        #[arg(long)]
        year: i16,
        #[arg(long, value_enum, default_value = "de")]
        language: PaperLanguage,
        /// Write a PDF into this file instead
        #[arg(long, value_name = "FILE")]
        pdf: Option<PathBuf>,
    },
    /// Print the schools that wait for a contract
    Waiting,
}

/// Gives what is printed.
pub(super) async fn contract(
    admin: &Admin,
    command: ContractCommand,
) -> Result<String, AdminError> {
    match command {
        ContractCommand::Show { school } => admin.show_contract(&school).await,
        ContractCommand::Form {
            school,
            language,
            pdf,
        } => {
            let pdf = pdf.as_deref();
            admin.contract_form(&school, language.into(), pdf).await
        }
        ContractCommand::Request { school } => {
            admin.step_contract(&school, Step::Request, None).await
        }
        ContractCommand::Send { school } => {
            admin.step_contract(&school, Step::SendForm, None).await
        }
        ContractCommand::Sign {
            school,
            signer,
            on,
            until,
            document,
        } => {
            let typed = TypedSignature {
                signer: &signer,
                signed_on: on,
                last_day: until,
                document: &document,
            };
            admin.sign_contract(&school, typed).await
        }
        ContractCommand::End { school, note } => {
            admin.step_contract(&school, Step::End, note).await
        }
        ContractCommand::List {
            year,
            language,
            pdf,
        } => {
            admin
                .yearly_list(year, language.into(), pdf.as_deref())
                .await
        }
        ContractCommand::Waiting => admin.waiting_schools().await,
    }
}

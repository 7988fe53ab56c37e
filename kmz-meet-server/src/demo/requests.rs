//! Teachers of the demo who ask for an account: in the queue of the school, and one whose mail lies unread.

use super::parts::{DemoError, DemoParts};
use crate::audit::Actor;
use crate::contracts::{Block, Content};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::store::{KeptRequest, RecordFilter, School};
use crate::teacher_requests::{self, Mail, NewRequest};

/// How far somebody is.
#[derive(Clone, Copy)]
enum Stage {
    /// The address is proved, and a file proves employment.
    Proved,
    /// The address is proved.
    Waiting,
    /// The school asked something.
    AskedBack,
    /// The mail is to be opened.
    Unconfirmed,
}

const PEOPLE: [(&str, &str, Stage); 4] = [
    (
        "Anna Beispiel",
        "anna.beispiel@demoschule.example",
        Stage::Proved,
    ),
    (
        "Bernd Vorbild",
        "bernd.vorbild@demoschule.example",
        Stage::Waiting,
    ),
    (
        "Carla Exempel",
        "carla.exempel@demoschule.example",
        Stage::AskedBack,
    ),
    (
        "Doris Probe",
        "doris.probe@demoschule.example",
        Stage::Unconfirmed,
    ),
];
const QUESTION: &str = "Welche Fächer unterrichten Sie, und seit wann?";

/// Makes them once; what is decided or deleted later comes again when nothing of it is left.
pub(super) async fn prepare(app: &DemoParts, school: &School) -> Result<(), DemoError> {
    let first = RecordFilter {
        school: Some(&school.id),
        parent: None,
        after: None,
        newest_first: false,
        limit: 1,
    };
    if !app.store.teacher_requests(first, None).await?.is_empty() {
        return Ok(());
    }
    for (name, email, stage) in PEOPLE {
        if let Ok(email) = email.parse() {
            asks(app, school, (name, &email), stage).await?;
        }
    }
    Ok(())
}

async fn asks(
    app: &DemoParts,
    school: &School,
    (name, email): (&str, &EmailAddress),
    stage: Stage,
) -> Result<(), DemoError> {
    let (store, now) = (&app.store, app.clock.now());
    let asked = NewRequest {
        school,
        name,
        email,
        language: Language::German,
    };
    let register = &app.teacher_requests.register;
    let noted = teacher_requests::ask(store, now, register, &asked).await?;
    // Whoever has an account by now asks no more.
    let Some((request, mail @ Mail::ConfirmAddress { .. })) = noted else {
        return Ok(());
    };
    if matches!(stage, Stage::Unconfirmed) {
        return tell(app, &request, mail).await;
    }
    let request = teacher_requests::confirm(store, now, &request).await?;
    match stage {
        Stage::Proved => {
            let proofs = &app.teacher_requests.proofs;
            let proof = proof(name, school).pdf()?;
            teacher_requests::add_proof(store, proofs, &request, proof).await?;
            Ok(())
        }
        Stage::AskedBack => {
            let by = Actor::CommandLine;
            let mail = teacher_requests::ask_back(store, now, &request, QUESTION, &by).await?;
            tell(app, &request, mail).await
        }
        Stage::Waiting | Stage::Unconfirmed => Ok(()),
    }
}

/// Where a demo sends mails for real, nobody is at these addresses.
async fn tell(app: &DemoParts, request: &KeptRequest, mail: Mail) -> Result<(), DemoError> {
    if app.mailer.is_shown() {
        let now = app.clock.now();
        teacher_requests::send(&app.store, &app.mailer, now, request, mail).await?;
    }
    Ok(())
}

fn proof(name: &str, school: &School) -> Content {
    let mut paper = Content::titled("Bescheinigung", Language::German);
    paper.blocks.push(Block::Paragraph(format!(
        "{name} ist Lehrkraft der Schule {}. Diese Bescheinigung gehört zur Demo.",
        school.name
    )));
    paper
}

//! The schools of the demo: one whose contract holds, one that has the form, one whose contract ended.

use super::parts::{DemoError, DemoParts};
use crate::contracts::{
    self, Block, COMMAND_LINE, Content, FormOf, Signature, Step, StepTaken, form, keep_document,
};
use crate::language::Language;
use crate::school_settings::SchoolSettings;
use crate::store::{AddError, School};
use crate::time_zone::SchoolZone;

/// Its contract holds: all else of the demo is here.
pub(super) const OPEN: &str = "Demoschule";
/// It asked for a contract, and its head has the form.
pub(super) const FORM_SENT: &str = "Demoschule am Formular";
/// It had a contract.
pub(super) const ENDED: &str = "Demoschule am Ende";
const SIGNER: &str = "Frau Direktorin Beispiel";

/// What is done to a contract, one after another.
#[derive(Clone, Copy)]
enum Done {
    FormSent,
    Signed,
    Ended,
}

/// Makes the schools, and leads their contracts on as far as nobody else has done something with them. Gives the one whose
/// contract holds, unless somebody ended it.
pub(super) async fn prepare(app: &DemoParts) -> Result<School, DemoError> {
    let open = led(app, OPEN, &[Done::FormSent, Done::Signed]).await?;
    led(app, FORM_SENT, &[Done::FormSent]).await?;
    let all = [Done::FormSent, Done::Signed, Done::Ended];
    led(app, ENDED, &all).await?;
    Ok(open)
}

async fn led(app: &DemoParts, name: &str, steps: &[Done]) -> Result<School, DemoError> {
    let now = app.clock.now();
    let known = app.store.school_by_name(name).await?;
    let id = match known {
        Some(school) => school.id,
        None => {
            let new = (name.to_owned(), Vec::new());
            let added = contracts::add_school(&app.store, now, new, false, COMMAND_LINE).await?;
            match added {
                Ok(school) => school.id,
                Err(AddError::AlreadyExists | AddError::TooMany) => {
                    return Err(DemoError::SchoolTaken);
                }
            }
        }
    };
    loop {
        let read = contracts::read(&app.store, &id).await?;
        let (school, history) = read.ok_or(DemoError::SchoolTaken)?;
        let is_ours = history.iter().all(|one| one.changed_by == COMMAND_LINE);
        // The first change is that it was made. A school of an earlier version has none.
        let next = history
            .len()
            .checked_sub(1)
            .and_then(|done| steps.get(done));
        let Some(next) = next.filter(|_| is_ours) else {
            return Ok(school);
        };
        let zone = SchoolSettings::of(&app.store, &id).await?.time_zone;
        let step = match next {
            Done::FormSent => Step::SendForm,
            Done::Signed => Step::Sign(signature(app, &school, &zone).await?),
            Done::Ended => Step::End,
        };
        let taken = StepTaken {
            step,
            note: None,
            by: COMMAND_LINE,
        };
        contracts::take_step(&app.store, (now, &zone), &school, &history, taken).await?;
    }
}

/// The form of this server, as if it came back signed.
async fn signature(
    app: &DemoParts,
    school: &School,
    zone: &SchoolZone,
) -> Result<Signature, DemoError> {
    let now = app.clock.now();
    let of = FormOf {
        config: &app.config,
        service: app.public_url.as_str(),
        school: &school.name,
        zone,
        attendance_days: SchoolSettings::of(&app.store, &school.id)
            .await?
            .attendance_days,
        now,
    };
    let paper = signed(form(of, Language::German)).pdf()?;
    let place = (school.id.as_str(), COMMAND_LINE);
    let document = keep_document(&app.store, &app.contract_vault, now, place, paper).await?;
    Ok(Signature {
        signer: SIGNER.to_owned(),
        signed_on: zone.date(now).ok_or(DemoError::Clock)?,
        last_day: None,
        document: document.id,
        document_sha256: document.sha256,
    })
}

fn signed(mut paper: Content) -> Content {
    paper.blocks.push(Block::Paragraph(format!(
        "Unterschrieben für die Demo: {SIGNER}"
    )));
    paper
}

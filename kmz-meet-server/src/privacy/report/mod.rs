//! `kmz-meet privacy report`: for each point what holds here, where it is set, and the check that proves it. The checks look at the
//! configuration, the database, the files and, where it runs, the server; a point that does not hold says why.

mod kept;
mod papers;
mod people;
mod points;
mod subject;
mod transport;

use serde_json::{Value, json};
use std::fmt::Write;

use crate::clock::Timestamp;
use crate::language::Language;
use crate::store::StoreError;
use points::{POINTS, Point};
use subject::Seen;
pub use subject::Subject;

/// A line of the report.
#[derive(Clone, Debug)]
pub struct Line {
    pub number: u8,
    pub title: String,
    pub holds: String,
    /// The keys that decide about it.
    pub setting: String,
    /// What was looked at, and the tests of this version.
    pub proof: String,
    /// Why it does not hold; empty: it does.
    pub violations: Vec<String>,
}

/// The report.
#[derive(Clone, Debug)]
pub struct Report {
    pub lines: Vec<Line>,
    language: Language,
    at: Timestamp,
}

impl Report {
    /// Looks at everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(subject: &Subject<'_>) -> Result<Self, StoreError> {
        let mut lines = Vec::new();
        for point in &POINTS {
            let seen = seen(point.number, subject).await?;
            lines.push(line(point, seen, subject.language));
        }
        Ok(Self {
            lines,
            language: subject.language,
            at: subject.now,
        })
    }

    /// Whether every point holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.lines.iter().all(|line| line.violations.is_empty())
    }

    /// For a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let say = |german, english| self.language.say(german, english);
        let mut text = String::new();
        for line in &self.lines {
            let mark = if line.violations.is_empty() {
                say("erfüllt", "holds")
            } else {
                say("NICHT ERFÜLLT", "DOES NOT HOLD")
            };
            let setting = say("Einstellung", "Setting");
            let proof = say("Nachweis", "Proof");
            // Writing into a text cannot fail.
            let _ = write!(
                text,
                "P{} {}: {mark}\n    {}\n    {setting}: {}\n    {proof}: {}\n",
                line.number, line.title, line.holds, line.setting, line.proof
            );
            for violation in &line.violations {
                let _ = writeln!(text, "    ! {violation}");
            }
        }
        let failed = self.lines.iter().filter(|line| !line.violations.is_empty());
        let (all, failed) = (self.lines.len(), failed.count());
        let _ = match (failed, self.language) {
            (0, Language::German) => writeln!(text, "\nAlle {all} Punkte sind erfüllt."),
            (0, Language::English) => writeln!(text, "\nAll {all} points hold."),
            (_, Language::German) => {
                writeln!(text, "\n{failed} von {all} Punkten sind nicht erfüllt.")
            }
            (_, Language::English) => writeln!(text, "\n{failed} of {all} points do not hold."),
        };
        text
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let points = self.lines.iter().map(|line| {
            json!({
                "point": format!("P{}", line.number), "title": line.title, "holds": line.violations.is_empty(),
                "text": line.holds, "setting": line.setting, "proof": line.proof, "violations": line.violations,
            })
        });
        json!({
            "holds": self.holds(), "at": crate::clock::rfc3339(self.at), "language": self.language.tag(),
            "points": points.collect::<Vec<_>>(),
        })
    }
}

fn line(point: &Point, seen: Seen, language: Language) -> Line {
    let say = |(german, english): points::Both| language.say(german, english).to_owned();
    let setting = if point.keys.is_empty() {
        say((
            "keine: Niemand kann es ändern",
            "none: nobody can change it",
        ))
    } else {
        point.keys.join(", ")
    };
    let tests = format!("{} {}", say(("Tests:", "tests:")), point.tests.join(", "));
    let proof = seen.proofs.into_iter().chain([tests]);
    Line {
        number: point.number,
        title: say(point.title),
        holds: say(point.holds),
        setting,
        proof: proof.collect::<Vec<_>>().join("; "),
        violations: seen.violations,
    }
}

async fn seen(number: u8, on: &Subject<'_>) -> Result<Seen, StoreError> {
    let mut seen = Seen::default();
    match number {
        1 => transport::encrypted(on, &mut seen),
        2 => transport::no_false_promise(on, &mut seen),
        3 => transport::no_foreign_hosts(on, &mut seen),
        5 => people::roles(on, &mut seen).await?,
        7 => transport::no_recording(on, &mut seen),
        8 => transport::no_tracking(on, &mut seen),
        9 => kept::content(on, &mut seen).await?,
        10 => kept::logs(on, &mut seen).await?,
        11 => papers::information(on, &mut seen),
        12 => people::erased(on, &mut seen).await?,
        13 => people::contracts(on, &mut seen).await?,
        14 => papers::made(on, &mut seen).await?,
        15 => kept::no_addresses(on, &mut seen).await?,
        16 => transport::cookies(on, &mut seen),
        17 => transport::only_own_pictures(on, &mut seen),
        19 => papers::connections(on, &mut seen).await?,
        20 => kept::audit(on, &mut seen).await?,
        21 => kept::proofs(on, &mut seen).await?,
        22 => people::passwords(on, &mut seen).await?,
        // The program alone decides: its tests prove it.
        _ => {}
    }
    Ok(seen)
}

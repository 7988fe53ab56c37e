//! Attendance: who was in a lesson and for how long. Kept for rooms with a list, until the school's time is over.

use kmz_meet_core::conference::Summary;
use kmz_meet_core::room::clean;
use kmz_meet_core::signal::Role;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::integrations::lti::class_list;
use crate::integrations::lti::class_list::Listed;
use crate::integrations::lti::late_lists;
use crate::language::Language;
use crate::school_settings::SchoolSettings;
use crate::state::App;
use crate::store::{Kind, Origin, Record, Room, StoreError};
use crate::time_zone::SchoolZone;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// One person of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// As the platform knows them, with our prefix; `None` for guests.
    pub user: Option<String>,
    pub name: String,
    pub moderator: bool,
    /// Whether they belong to the course.
    pub listed: bool,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// As measured, reconnects merged, rounded to the nearest minute.
    pub measured_minutes: u32,
    /// As the teacher corrected it.
    pub corrected_minutes: Option<u32>,
}

impl Present {
    /// Whether they came at all; else they are listed because they belong to the class.
    pub fn was_there(&self) -> bool {
        self.measured_minutes > 0 || self.last_at > self.first_at
    }

    /// What counts.
    pub fn minutes(&self) -> u32 {
        self.corrected_minutes.unwrap_or(self.measured_minutes)
    }
}

/// The attendance of one conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    pub conference: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub people: Vec<Present>,
    /// When it was last sent to the gradebook.
    pub graded_at: Option<Timestamp>,
}

impl Kind for Attendance {
    const KIND: &'static str = "attendance";
}

fn time(millis: u64) -> Timestamp {
    Timestamp::try_from(millis).unwrap_or(Timestamp::MAX)
}

/// Keeps the attendance of a conference that is over. The same one again changes nothing.
///
/// # Errors
/// When the store fails.
pub async fn ended(app: &App, room: &Room, summary: &Summary) -> Result<(), StoreError> {
    if room.origin == Origin::Own || summary.attended.is_empty() {
        return Ok(());
    }
    let mut people: Vec<Present> = summary
        .attended
        .iter()
        .map(|one| Present {
            user: one.user.clone(),
            name: one.name.clone(),
            moderator: one.role == Role::Moderator,
            listed: one.listed,
            first_at: time(one.first_at),
            last_at: time(one.last_at),
            measured_minutes: u32::try_from((one.present_ms + MINUTE_MS / 2) / MINUTE_MS)
                .unwrap_or(u32::MAX),
            corrected_minutes: None,
        })
        .collect();
    // Who belongs to the class and was not here is on the list too.
    let members = class_list::of_room(app, &room.id).await?;
    let is_late = members.is_none();
    add_absent(
        &mut people,
        &members.unwrap_or_default(),
        time(summary.started_at),
    );
    let data = Attendance {
        conference: summary.conference.0.clone(),
        started_at: time(summary.started_at),
        ended_at: time(summary.ended_at),
        people,
        graded_at: None,
    };
    let now = app.clock.now();
    let days = SchoolSettings::of(&*app.store, &room.school)
        .await?
        .attendance_days;
    let mut record = Record::new(room.school.clone(), now, data);
    record.parent = Some(room.id.clone());
    record.key = Some(summary.conference.0.clone());
    record.expires_at = Some(now + i64::from(days) * DAY_MS);
    // Before the lesson is there: nobody sees it as complete, and no kill between the two makes it so for good.
    if is_late {
        late_lists::wait(app, &record).await?;
    }
    // Taken: kept before, and the caller asks again after a failure of something else.
    if record.add(&*app.store).await?.is_err() && is_late {
        late_lists::forget(app, &record.id).await?;
    }
    Ok(())
}

/// How a table is written: for whom, and with which clock on the wall.
#[derive(Clone, Debug, Default)]
pub struct TableForm {
    pub zone: SchoolZone,
    pub language: Language,
}

/// Adds those of the class who were not here.
pub fn add_absent(people: &mut Vec<Present>, members: &[Listed], started_at: Timestamp) {
    for absent in members {
        let known = people
            .iter()
            .any(|one| one.user.as_deref() == Some(absent.user.as_str()));
        if !known && absent.member.role == lti_bridge::Role::Participant {
            people.push(Present {
                user: Some(absent.user.clone()),
                name: absent
                    .member
                    .name
                    .as_deref()
                    .and_then(clean)
                    .unwrap_or_else(|| "?".to_owned()),
                moderator: false,
                listed: true,
                first_at: started_at,
                last_at: started_at,
                measured_minutes: 0,
                corrected_minutes: None,
            });
        }
    }
}

/// The same table, of a lesson whose class list is missing.
pub fn incomplete_csv(attendance: &Attendance, form: &TableForm) -> String {
    let said = form.language.say(
        "Noch unvollständig: Die Lernplattform hat noch nicht gesagt, wer fehlt.",
        "Not complete yet: the platform has not said who was absent.",
    );
    csv(attendance, form) + &format!("\"{said}\";;;;;;\r\n")
}

/// A table for spreadsheets. No cell begins with what a spreadsheet would take for a formula.
pub fn csv(attendance: &Attendance, form: &TableForm) -> String {
    let TableForm { zone, language } = form;
    let say = |german, english| language.say(german, english).to_owned();
    let heads = [
        "Name".to_owned(),
        say("Rolle", "Role"),
        say("Im Kurs", "In the course"),
        format!("{} ({zone})", language.say("Von", "From")),
        format!("{} ({zone})", language.say("Bis", "To")),
        say("Minuten", "Minutes"),
        say("Gemessen", "Measured"),
    ];
    let mut text = format!("\u{feff}{}\r\n", heads.join(";"));
    for person in &attendance.people {
        let time = |at| {
            if person.was_there() {
                zone.time(at, *language)
            } else {
                String::new()
            }
        };
        let row = [
            cell(&person.name),
            if person.moderator {
                say("Moderation", "Moderator")
            } else {
                say("Teilnahme", "Participant")
            },
            if person.listed {
                say("ja", "yes")
            } else {
                say("nein", "no")
            },
            time(person.first_at),
            time(person.last_at),
            person.minutes().to_string(),
            person.measured_minutes.to_string(),
        ];
        text.push_str(&row.join(";"));
        text.push_str("\r\n");
    }
    text
}

/// RFC 4180 quoting, and an apostrophe before what could be a formula.
fn cell(text: &str) -> String {
    let risky = text.trim_start().starts_with([
        '=', '+', '-', '@', '\t', '\r', '|', '%', '＝', '＋', '－', '＠',
    ]);
    let safe = if risky {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_formula_or_breaks_the_table() {
        let person = |name: &str| Present {
            user: None,
            name: name.to_owned(),
            moderator: false,
            listed: true,
            first_at: 0,
            last_at: 2_700_000,
            measured_minutes: 45,
            corrected_minutes: Some(40),
        };
        let names = ["=1+1", " +2", "@x", "A;\"B\"", "Anna"];
        let attendance = Attendance {
            conference: "c".into(),
            started_at: 0,
            ended_at: 0,
            people: names.map(person).into(),
            graded_at: None,
        };
        let text = csv(&attendance, &TableForm::default());
        let rows: Vec<&str> = text.trim_end().split("\r\n").collect();
        assert_eq!(rows.len(), 6);
        assert!(rows[1].starts_with("\"'=1+1\";Teilnahme;ja;01.01.1970 01:00:00;"));
        assert!(rows[1].ends_with(";40;45"));
        assert!(rows[2].starts_with("\"' +2\";"));
        assert!(rows[3].starts_with("\"'@x\";"));
        assert!(rows[4].starts_with("\"A;\"\"B\"\"\";"));
        assert!(rows[5].starts_with("\"Anna\";"));
    }

    #[test]
    fn who_was_absent_has_no_times_and_times_say_of_where_they_are() {
        let absent = Present {
            user: Some("lti:p:4".into()),
            name: "Mia".into(),
            moderator: false,
            listed: true,
            first_at: 60_000,
            last_at: 60_000,
            measured_minutes: 0,
            corrected_minutes: None,
        };
        let attendance = Attendance {
            conference: "c".into(),
            started_at: 60_000,
            ended_at: 120_000,
            people: vec![absent],
            graded_at: None,
        };
        let text = csv(&attendance, &TableForm::default());
        assert!(
            text.contains(";Von (Europe/Berlin);Bis (Europe/Berlin);"),
            "{text}"
        );
        assert!(
            text.ends_with("\r\n\"Mia\";Teilnahme;ja;;;0;0\r\n"),
            "{text}"
        );
        let english = TableForm {
            zone: "Europe/Lisbon".parse().unwrap(),
            language: Language::English,
        };
        let text = csv(&attendance, &english);
        assert!(
            text.contains(";From (Europe/Lisbon);To (Europe/Lisbon);Minutes;"),
            "{text}"
        );
        assert!(
            text.ends_with("\"Mia\";Participant;yes;;;0;0\r\n"),
            "{text}"
        );
    }
}

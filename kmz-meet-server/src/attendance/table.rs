//! The attendance of a lesson as a table for spreadsheets.

use crate::csv_cell::cell;
use crate::language::Language;
use crate::store::Attendance;
use crate::time_zone::SchoolZone;

/// How a table is written: for whom, and with which clock on the wall.
#[derive(Clone, Debug, Default)]
pub struct TableForm {
    pub zone: SchoolZone,
    pub language: Language,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Present;

    #[test]
    fn csv_of_names_that_look_like_formulas_is_quoted() {
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
    fn csv_of_an_absent_person_has_no_times_and_heads_name_the_time_zone() {
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

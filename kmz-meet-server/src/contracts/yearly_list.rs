//! The yearly list for the data-protection officer: which school had which contract.

use std::collections::HashMap;

use jiff::civil::Date;

use super::content::{Block, Content, line};
use super::standing::{Standing, last_day};
use crate::clock::Timestamp;
use crate::csv_text::cell;
use crate::language::Language;
use crate::store::{Contract, ContractChange, Database, School, StoreError};
use crate::time_zone::SchoolZone;

/// Since then there are contracts of this kind (Art. 99 GDPR).
const MIN_YEAR: i16 = 2018;

/// A school in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractRow {
    pub school: String,
    /// At the end of the year, or now.
    pub standing: Standing,
    /// As in 2026-09-01.
    pub signed_on: Option<String>,
    pub signer: Option<String>,
    pub last_day: Option<Date>,
    pub document_sha256: Option<String>,
    /// When it was ended.
    pub ended_on: Option<Date>,
    /// Changes in the year.
    pub changes: usize,
}

/// The list of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearlyList {
    pub year: i16,
    /// To this moment the list says how things were.
    pub at: Timestamp,
    pub rows: Vec<ContractRow>,
}

impl YearlyList {
    /// The moment at which a year is over; `None`: there is no such year.
    #[must_use]
    pub fn end_of(year: i16, zone: &SchoolZone) -> Option<Timestamp> {
        zone.end_of(Date::new(year, 12, 31).ok()?)
    }

    /// Reads what was stored, and makes the list of a year. `None`: there is no such year, or it has not begun.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(
        store: &Database,
        year: i16,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let zone = SchoolZone::default();
        let Some(end) = Self::end_of(year, &zone) else {
            return Ok(None);
        };
        let schools = store.schools().await?;
        let changes = store.all_contract_changes(end).await?;
        Ok(Self::of(year, &schools, &changes, (now, &zone)))
    }

    /// Makes the list of what was stored until the end of the year, or until now if that has not come. `changes`: those of all
    /// schools before that moment, the oldest first. `None`: there is no such year, or it has not begun.
    #[must_use]
    pub fn of(
        year: i16,
        schools: &[School],
        changes: &[ContractChange],
        (now, zone): (Timestamp, &SchoolZone),
    ) -> Option<Self> {
        if year < MIN_YEAR {
            return None;
        }
        let begin = Self::end_of(year - 1, zone)?;
        let at = Self::end_of(year, zone)?.min(now);
        if begin > now {
            return None;
        }
        let mut of_school: HashMap<&str, Vec<&ContractChange>> = HashMap::new();
        for change in changes.iter().filter(|change| change.created_at <= at) {
            of_school.entry(&change.school).or_default().push(change);
        }
        let row = |school: &School| {
            let changes = of_school.get(school.id.as_str());
            let changes = changes.map(Vec::as_slice).unwrap_or_default();
            // Schools from before there was a history are as they are; those that came later are in a later list.
            let (state, until) = match changes.last() {
                Some(last) => (last.state, last.valid_until),
                None if at == now => (school.contract, school.valid_until),
                None => return None,
            };
            let last_signed = changes
                .iter()
                .rfind(|change| change.state == Contract::Signed);
            let end = changes.last().filter(|last| last.state == Contract::Ended);
            let until = last_signed.map_or(until, |signed| signed.valid_until);
            Some(ContractRow {
                school: school.name.clone(),
                standing: Standing::of(state, until, at),
                signed_on: last_signed.and_then(|signed| signed.signed_on.clone()),
                signer: last_signed.and_then(|signed| signed.signer.clone()),
                last_day: until.and_then(|until| last_day(until, zone)),
                document_sha256: last_signed.and_then(|signed| signed.document_sha256.clone()),
                ended_on: end.and_then(|end| zone.date(end.created_at)),
                changes: changes
                    .iter()
                    .filter(|change| change.created_at >= begin)
                    .count(),
            })
        };
        let rows = schools.iter().filter_map(row).collect();
        Some(Self { year, at, rows })
    }

    /// As a table for spreadsheets. No cell begins with what a spreadsheet would take for a formula.
    #[must_use]
    pub fn csv(&self, language: Language) -> String {
        let mut text = format!("\u{feff}{}\r\n", heads(language).join(";"));
        for row in &self.rows {
            let cells = row.cells(language).map(|text| cell(&text));
            text.push_str(&cells.join(";"));
            text.push_str("\r\n");
        }
        text
    }

    /// As a paper.
    #[must_use]
    pub fn paper(&self, zone: &SchoolZone, operator: Option<&str>, language: Language) -> Content {
        let year = self.year;
        let title = match language {
            Language::German => format!("Verträge zur Auftragsverarbeitung {year}"),
            Language::English => format!("Data-processing agreements {year}"),
        };
        let mut paper = Content::titled(&title, language);
        let day = zone.day(self.at.saturating_sub(1), language);
        let counted = self.rows.len();
        let holding = self.rows.iter().filter(|row| row.standing.holds()).count();
        paper.blocks.push(Block::Paragraph(match language {
            Language::German => {
                format!("Stand: {day}. Schulen: {counted}, davon mit gültigem Vertrag: {holding}.")
            }
            Language::English => {
                format!("As of {day}. Schools: {counted}, with an agreement that holds: {holding}.")
            }
        }));
        if let Some(operator) = operator {
            let label = language.say("Betreiber", "Operator");
            let facts = vec![(label.to_owned(), line(operator))];
            paper.blocks.push(Block::Facts(facts));
        }
        let rows = self.rows.iter().map(|row| {
            let mut cells = row.cells(language).map(|text| line(&text));
            // The whole hash is in the table for spreadsheets.
            cells[5] = cells[5].chars().take(12).collect();
            Vec::from(cells)
        });
        paper.blocks.push(Block::Table {
            heads: heads(language).map(str::to_owned).into(),
            widths: vec![4.0, 2.0, 2.0, 3.0, 2.0, 2.4, 2.0, 1.4],
            rows: rows.collect(),
        });
        paper
    }
}

impl ContractRow {
    fn cells(&self, language: Language) -> [String; 8] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        [
            self.school.clone(),
            self.standing.words(language).to_owned(),
            text(&self.signed_on),
            text(&self.signer),
            date(self.last_day),
            text(&self.document_sha256),
            date(self.ended_on),
            self.changes.to_string(),
        ]
    }
}

fn heads(language: Language) -> [&'static str; 8] {
    match language {
        Language::German => [
            "Schule",
            "Stand",
            "Unterschrieben am",
            "Unterschrieben von",
            "Letzter Tag",
            "SHA-256 des Dokuments",
            "Beendet am",
            "Änderungen im Jahr",
        ],
        Language::English => [
            "School",
            "State",
            "Signed on",
            "Signed by",
            "Last day",
            "SHA-256 of the document",
            "Ended on",
            "Changes in the year",
        ],
    }
}

impl Standing {
    /// For people.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        let (german, english) = match self {
            Self::Requested => ("angefragt", "requested"),
            Self::FormSent => ("Formular verschickt", "form sent"),
            Self::Signed => ("gültig", "holds"),
            Self::Expiring => ("läuft bald ab", "about to run out"),
            Self::Expired => ("abgelaufen", "run out"),
            Self::Ended => ("beendet", "ended"),
        };
        language.say(german, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Timestamp = 24 * 3_600_000;
    /// 2027-01-15 08:00 UTC.
    const NOW: Timestamp = 1_800_000_000_000;

    fn school(id: &str, name: &str) -> School {
        School {
            id: id.to_owned(),
            name: name.to_owned(),
            contract: Contract::Signed,
            valid_until: None,
            domains: Vec::new(),
        }
    }

    fn change(school: &str, at: Timestamp, state: Contract) -> ContractChange {
        let is_signed = state == Contract::Signed;
        ContractChange {
            id: at.to_string(),
            school: school.to_owned(),
            created_at: at,
            changed_by: "x".to_owned(),
            state,
            signer: is_signed.then(|| "+49 Leitung;\"A\"".to_owned()),
            signed_on: is_signed.then(|| "2026-09-01".to_owned()),
            valid_until: is_signed.then_some(NOW + 10 * DAY),
            document: None,
            document_sha256: is_signed.then(|| "ab".repeat(32)),
            note: None,
        }
    }

    fn list(year: i16) -> Option<YearlyList> {
        let schools = [
            school("a", "=HYPERLINK(\"http://x\")"),
            school("b", "B-Schule"),
            school("c", "Neue Schule"),
            school("d", "Alte Schule ohne Geschichte"),
        ];
        let changes = [
            change("a", NOW - 100 * DAY, Contract::Requested),
            change("a", NOW - 90 * DAY, Contract::Signed),
            change("b", NOW - 60 * DAY, Contract::Signed),
            change("b", NOW - 20 * DAY, Contract::Ended),
            change("c", NOW - DAY, Contract::Requested),
        ];
        YearlyList::of(year, &schools, &changes, (NOW, &SchoolZone::default()))
    }

    #[test]
    fn list_of_a_past_year_says_how_it_was_at_its_end() {
        let list = list(2026).unwrap();
        let names: Vec<&str> = list.rows.iter().map(|row| row.school.as_str()).collect();
        assert_eq!(names, ["=HYPERLINK(\"http://x\")", "B-Schule"]);
        let [a, b] = &list.rows[..] else { panic!() };
        assert_eq!((a.standing, a.changes), (Standing::Expiring, 2));
        assert_eq!(a.last_day.unwrap().to_string(), "2027-01-25");
        assert_eq!((b.standing, b.changes), (Standing::Ended, 2));
        assert_eq!(b.ended_on.unwrap().to_string(), "2026-12-26");
    }

    #[test]
    fn list_of_this_year_is_as_of_now_and_of_a_year_to_come_is_none() {
        let now = list(2027).unwrap();
        assert_eq!((now.at, now.rows.len()), (NOW, 4));
        assert_eq!(now.rows[2].standing, Standing::Requested);
        assert_eq!(now.rows[3].standing, Standing::Signed);
        assert_eq!((now.rows[0].changes, now.rows[2].changes), (0, 1));
        assert_eq!(list(2028), None);
        assert_eq!(list(2017), None);
        assert_eq!(list(i16::MIN), None);
        assert_eq!(list(i16::MAX), None);
    }

    #[test]
    fn csv_of_names_that_look_like_formulas_is_quoted() {
        let text = list(2026).unwrap().csv(Language::German);
        let rows: Vec<&str> = text.trim_end().split("\r\n").collect();
        assert!(rows[0].starts_with("\u{feff}Schule;Stand;"), "{text}");
        let begin = "\"'=HYPERLINK(\"\"http://x\"\")\";\"läuft bald ab\";\"2026-09-01\";\"'+49 Leitung;\"\"A\"\"\";\"2027-01-25\";";
        assert!(rows[1].starts_with(begin), "{}", rows[1]);
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn paper_has_a_row_for_each_school() {
        let paper =
            list(2026)
                .unwrap()
                .paper(&SchoolZone::default(), Some("KMZ"), Language::English);
        let text = paper.plain_text();
        assert!(text.contains("As of 2026-12-31. Schools: 2"), "{text}");
        assert!(text.contains("B-Schule | ended | 2026-09-01"), "{text}");
        assert!(text.contains(&format!("| {} |", &"ab".repeat(6))), "{text}");
    }
}

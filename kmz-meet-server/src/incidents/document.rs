//! The record on paper, for the head of school.

use kmz_meet_core::room::{IncidentKind, IncidentSeat, SeatKind, Sent};

use super::record::IncidentRecord;
use crate::clock::from_conference;
use crate::language::Language;
use crate::pdf::{Paper, PdfError};
use crate::store::Record;
use crate::time_zone::SchoolZone;

/// One record as a file. `school` is the school's name.
///
/// # Errors
/// When the document cannot be made.
pub fn document(
    record: &Record<IncidentRecord>,
    school: &str,
    zone: &SchoolZone,
    language: Language,
) -> Result<Vec<u8>, PdfError> {
    let say = |german: &'static str, english: &'static str| language.say(german, english);
    let incident = &record.data.incident;
    let time = |at| zone.time(at, language);
    let title = say("Protokoll eines Vorfalls", "Record of an incident");
    let mut paper = Paper::new(title, language)?;
    paper.small(school);
    paper.heading(title);
    paper.paragraph(match incident.kind {
        IncidentKind::EmergencyStop => say(
            "Die Moderation hat die Videokonferenz angehalten. Ab diesem Moment wurden Bild und Ton nur noch von der Moderation übertragen, der Chat war gesperrt und die Tür geschlossen.",
            "A moderator stopped the video conference. From this moment on only moderators were seen and heard, the chat was locked and the door closed.",
        ),
        IncidentKind::Report => say(
            "Eine Person in der Videokonferenz hat gemeldet: „Hier stimmt etwas nicht“. Die Moderation wurde sofort verständigt.",
            "A person in the video conference reported: ‘Something is wrong here’. The moderators were told at once.",
        ),
    });
    let by = incident.by.as_ref();
    let by = by.map_or_else(
        || say("ein Programm der Schule", "a program of the school").to_owned(),
        |seat| {
            format!(
                "{}, {}",
                seat_label(seat, language),
                kind(seat.kind, language)
            )
        },
    );
    let who = match incident.kind {
        IncidentKind::EmergencyStop => say("Angehalten von", "Stopped by"),
        IncidentKind::Report => say("Gemeldet von", "Reported by"),
    };
    let at = time(from_conference(incident.at));
    let deleted = record.expires_at.map(|at| zone.day(at, language));
    paper.facts(&[
        (say("Raum", "Room"), &record.data.room_name),
        (say("Zeitpunkt", "Time"), &at),
        (who, &by),
        (say("Nummer", "Number"), &incident.id),
        (
            say("Wird gelöscht am", "Deleted on"),
            deleted.as_deref().unwrap_or_default(),
        ),
    ]);
    paper.subheading(say(
        "Wer zu diesem Zeitpunkt etwas gesendet hat",
        "Who was sending something at that time",
    ));
    if incident.seats.is_empty() {
        paper.paragraph(say("Niemand.", "Nobody."));
    } else {
        let rows = incident.seats.iter().map(|seat| {
            vec![
                seat_label(seat, language),
                kind(seat.kind, language).to_owned(),
                time(from_conference(seat.came_at)),
                sent(seat, language),
                "____________________".to_owned(),
            ]
        });
        paper.table(
            &[
                say("Platz", "Seat"),
                say("Wer", "Who"),
                say("Gekommen", "Came at"),
                say("Gesendet", "Sent"),
                say("Name (von Hand)", "Name (by hand)"),
            ],
            &[1.0, 1.6, 1.8, 2.0, 2.0],
            &rows.collect::<Vec<_>>(),
        );
    }
    paper.small(say(
        "Das Protokoll enthält weder Inhalte noch Namen noch Internetadressen. Der Platz ist die Nummer in der Reihenfolge des Kommens; die Moderation sieht sie in der laufenden Konferenz neben dem Namen. Als Chat zählt, wer in den letzten fünf Minuten davor geschrieben hat.",
        "The record has no contents, no names and no internet addresses. The seat is the number in the order of coming; moderators see it beside the name during the conference. Chat counts where somebody wrote within the last five minutes before.",
    ));
    paper.line_to_fill(say("Was ist geschehen?", "What happened?"));
    paper.line_to_fill(say(
        "Datum, Name und Unterschrift der Lehrkraft",
        "Date, name and signature of the teacher",
    ));
    paper.finish()
}

fn seat_label(seat: &IncidentSeat, language: Language) -> String {
    format!("{} {}", language.say("Platz", "Seat"), seat.number)
}

fn kind(kind: SeatKind, language: Language) -> &'static str {
    let (german, english) = match kind {
        SeatKind::Moderator => ("Moderation", "moderator"),
        SeatKind::Account => ("mit Konto", "with an account"),
        SeatKind::Listed => ("von der Klassenliste", "on the class list"),
        SeatKind::Guest => ("Gast", "guest"),
    };
    match language {
        Language::German => german,
        Language::English => english,
    }
}

fn sent(seat: &IncidentSeat, language: Language) -> String {
    let words = seat.sent.iter().map(|sent| match sent {
        Sent::Microphone => language.say("Mikrofon", "microphone"),
        Sent::Camera => language.say("Kamera", "camera"),
        Sent::Screen => language.say("Bildschirm", "screen"),
        Sent::Chat => "Chat",
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kmz_meet_core::Timestamp;
    use kmz_meet_core::room::Incident;

    use super::*;

    fn record(seats: u64) -> Record<IncidentRecord> {
        let seat = |number| IncidentSeat {
            number,
            kind: SeatKind::Guest,
            came_at: Timestamp::from_millis(1_800_000_000_000),
            sent: BTreeSet::from([Sent::Camera, Sent::Chat]),
        };
        let incident = Incident {
            id: "c-1".to_owned(),
            kind: IncidentKind::EmergencyStop,
            at: Timestamp::from_millis(1_800_000_100_000),
            by: Some(seat(1)),
            seats: (1..=seats).map(seat).collect(),
        };
        let data = IncidentRecord {
            conference: "c".to_owned(),
            room_name: "Mathe 7b".to_owned(),
            incident,
        };
        Record::new("a".to_owned(), 1, data)
    }

    #[test]
    fn document_of_every_language_and_size_is_a_tagged_pdf() {
        for seats in [0, 1, 70] {
            for language in [Language::German, Language::English] {
                let zone = SchoolZone::default();
                let pdf = document(&record(seats), "Beispielschule", &zone, language).unwrap();
                assert!(pdf.starts_with(b"%PDF-1.7"), "{seats} {language:?}");
            }
        }
    }

    #[test]
    fn sent_names_each_source_in_the_language() {
        let record = record(1);
        let seat = &record.data.incident.seats[0];
        assert_eq!(sent(seat, Language::German), "Kamera, Chat");
        assert_eq!(sent(seat, Language::English), "camera, Chat");
    }
}

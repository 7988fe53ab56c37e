//! The form of the contract (Art. 28 GDPR): made of the data of this server, so that what it says of protection is what is set.
//!
//! It is a draft for those who know the law: it says so on its first page.

use super::content::{Block, Content, line};
use super::measures::measures;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::language::Language;
use crate::time_zone::SchoolZone;

/// Of what the form is made.
#[derive(Clone, Copy, Debug)]
pub struct FormOf<'a> {
    /// As it is set for this server.
    pub config: &'a Config,
    /// Where the service is reached.
    pub service: &'a str,
    pub school: &'a str,
    pub zone: &'a SchoolZone,
    /// Attendance is deleted after this many days.
    pub attendance_days: u32,
    pub now: Timestamp,
}

/// The form in a language.
#[must_use]
pub fn form(of: FormOf<'_>, language: Language) -> Content {
    let say = |german, english| language.say(german, english);
    let mut paper = Content::titled(
        say(
            "Vertrag zur Auftragsverarbeitung",
            "Data-processing agreement",
        ),
        language,
    );
    let blocks = &mut paper.blocks;
    blocks.push(Block::Small(
        say(
            "Entwurf nach Art. 28 DSGVO, vom Server aus seinen eigenen Einstellungen erstellt. Er ist keine Rechtsberatung: Eine Datenschutzbeauftragte, ein Datenschutzbeauftragter oder eine Anwältin, ein Anwalt muss ihn prüfen, bevor er unterschrieben wird. Das Schulrecht des Landes kann mehr verlangen.",
            "A draft under Art. 28 GDPR, made by the server from its own settings. It is no legal advice: a data-protection officer or a lawyer must check it before anybody signs. The school law of the state may ask for more.",
        )
        .to_owned(),
    ));
    blocks.push(parties(&of, language));
    for (heading, text) in clauses(&of, language) {
        blocks.push(Block::Subheading(heading.to_owned()));
        blocks.push(Block::Paragraph(text));
    }
    blocks.push(Block::Subheading(
        say(
            "Anlage: Technische und organisatorische Maßnahmen (Art. 32 DSGVO)",
            "Annex: technical and organisational measures (Art. 32 GDPR)",
        )
        .to_owned(),
    ));
    blocks.push(Block::Small(format!(
        "{} {}",
        say(
            "So war dieser Server eingestellt am",
            "This server was set like this on"
        ),
        of.zone.day(of.now, language)
    )));
    let measures = measures((of.config, of.service), language).into_iter();
    blocks.push(Block::Facts(
        measures
            .map(|(name, text)| (name.to_owned(), text))
            .collect(),
    ));
    for label in [
        say(
            "Weitere Maßnahmen des Betreibers (Gebäude, Sicherung, Personal)",
            "Further measures of the operator (building, backups, staff)",
        ),
        say(
            "Weitere Auftragsverarbeiter und Ort der Server",
            "Other processors, and where the servers are",
        ),
    ] {
        blocks.push(Block::LineToFill(label.to_owned()));
    }
    blocks.push(Block::Subheading(
        say("Unterschriften", "Signatures").to_owned(),
    ));
    for label in [
        say(
            "Für die Schule: Ort, Datum",
            "For the school: place and date",
        ),
        say(
            "Für die Schule: Name in Druckschrift und Unterschrift",
            "For the school: name in capitals, and signature",
        ),
        say(
            "Für den Betreiber: Ort, Datum",
            "For the operator: place and date",
        ),
        say(
            "Für den Betreiber: Name in Druckschrift und Unterschrift",
            "For the operator: name in capitals, and signature",
        ),
    ] {
        blocks.push(Block::LineToFill(label.to_owned()));
    }
    paper
}

fn parties(of: &FormOf<'_>, language: Language) -> Block {
    let say = |german, english| language.say(german, english);
    let missing = "______________________________";
    let or_line = |value: &Option<String>| {
        let value = value.as_deref().map(line).unwrap_or_default();
        if value.is_empty() {
            missing.to_owned()
        } else {
            value
        }
    };
    let fact = |name: &str, value: String| (name.to_owned(), value);
    Block::Facts(vec![
        fact(
            say(
                "Schule (Verantwortliche, Art. 4 Nr. 7 DSGVO)",
                "School (controller, Art. 4 No. 7 GDPR)",
            ),
            line(of.school),
        ),
        fact(
            say("Anschrift der Schule", "Address of the school"),
            missing.to_owned(),
        ),
        fact(
            say(
                "Betreiber (Auftragsverarbeiter, Art. 4 Nr. 8 DSGVO)",
                "Operator (processor, Art. 4 No. 8 GDPR)",
            ),
            or_line(&of.config.operator_name),
        ),
        fact(
            say("Anschrift des Betreibers", "Address of the operator"),
            or_line(&of.config.operator_address),
        ),
        fact(
            say("E-Mail des Betreibers", "E-mail of the operator"),
            or_line(&of.config.operator_email),
        ),
        fact(say("Dienst", "Service"), line(of.service)),
    ])
}

/// The clauses: what Art. 28 (3) asks for, each with its heading.
fn clauses(of: &FormOf<'_>, language: Language) -> Vec<(&'static str, String)> {
    let say = |german, english| language.say(german, english);
    let days = of.attendance_days;
    let minutes = of.config.empty_after.as_secs() / 60;
    let mut clauses = vec![(
        say("1. Gegenstand und Zweck", "1. Subject and purpose"),
        say(
            "Der Betreiber stellt der Schule Videokonferenzen für Unterricht, Besprechungen und Elternarbeit bereit. Er verarbeitet personenbezogene Daten nur zu diesem Zweck und nur auf dokumentierte Weisung der Schule, nicht für Werbung, Profile oder das Training von Programmen.",
            "The operator provides the school with video conferences for lessons, meetings and work with parents. The operator processes personal data for this purpose only and on documented instructions of the school, and not for advertising, profiles or the training of programs.",
        )
        .to_owned(),
    )];
    let kinds = match language {
        Language::German => format!(
            "Betroffen sind Lehrkräfte, Schülerinnen und Schüler, Eltern und Gäste. Verarbeitet werden: Ton, Bild und geteilter Bildschirm (nur übertragen, nicht aufgezeichnet); Anzeigename, Chat und Handzeichen (bis zum Ende der Konferenz, spätestens {minutes} Minuten nachdem niemand mehr verbunden ist); Konten der Lehrkräfte (Name, Anmeldename, Passwort als Prüfwert); IP-Adressen (für die Dauer der Verbindung, nicht in Protokollen); Anwesenheit in Räumen, die eine Lernplattform angelegt hat (Name, Zeiten; gelöscht nach {days} Tagen)."
        ),
        Language::English => format!(
            "It concerns teachers, pupils, parents and guests. Processed are: sound, pictures and shared screens (transmitted only, not recorded); display name, chat and raised hands (until the conference ends, at the latest {minutes} minutes after nobody is connected); teachers' accounts (name, user name, hash of the password); IP addresses (as long as the connection, not in logs); attendance in rooms that a learning platform made (name, times; deleted after {days} days)."
        ),
    };
    clauses.push((
        say(
            "2. Betroffene Personen und Arten von Daten",
            "2. People and kinds of data",
        ),
        kinds,
    ));
    let rest = [
        (
            say("3. Dauer", "3. Duration"),
            say(
                "Der Vertrag gilt ab der Unterschrift bis zum unten eingetragenen Tag oder bis er beendet wird. Ohne gültigen Vertrag öffnet der Dienst für die Schule keinen Raum und kein Konto.",
                "The agreement holds from its signature until the day that is entered below, or until it is ended. Without an agreement that holds, the service opens no room and no account for the school.",
            ),
        ),
        (
            say(
                "4. Vertraulichkeit und Weisungen",
                "4. Confidentiality and instructions",
            ),
            say(
                "Wer beim Betreiber Zugang hat, ist zur Vertraulichkeit verpflichtet (Art. 28 Abs. 3 lit. b). Hält der Betreiber eine Weisung für rechtswidrig, sagt er das unverzüglich.",
                "Everybody with access at the operator is bound to confidentiality (Art. 28 (3) (b)). If the operator thinks that an instruction breaks the law, the operator says so without delay.",
            ),
        ),
        (
            say(
                "5. Sicherheit der Verarbeitung",
                "5. Security of processing",
            ),
            say(
                "Der Betreiber trifft die Maßnahmen der Anlage und hält sie auf dem Stand der Technik (Art. 32).",
                "The operator takes the measures of the annex and keeps them at the state of the art (Art. 32).",
            ),
        ),
        (
            say("6. Weitere Auftragsverarbeiter", "6. Other processors"),
            say(
                "Weitere Auftragsverarbeiter setzt der Betreiber nur ein, wenn sie in der Anlage stehen oder die Schule vorher zugestimmt hat (Art. 28 Abs. 2 und 4). Browser und Server wenden sich im Betrieb an keine fremden Dienste, die nicht von der Schule eingebunden wurden.",
                "The operator engages other processors only if they are named in the annex or the school agreed before (Art. 28 (2) and (4)). In operation, browsers and server turn to no foreign services that the school did not connect.",
            ),
        ),
        (
            say(
                "7. Rechte der Betroffenen, Hilfe",
                "7. Rights of people, assistance",
            ),
            say(
                "Der Betreiber hilft der Schule bei Auskunft, Berichtigung und Löschung, bei Meldungen nach Art. 33 und 34 und bei Folgenabschätzungen (Art. 35). Verletzungen des Schutzes meldet er unverzüglich, möglichst binnen 24 Stunden.",
                "The operator helps the school with access, rectification and erasure, with notifications under Art. 33 and 34, and with impact assessments (Art. 35). The operator reports breaches without delay, if possible within 24 hours.",
            ),
        ),
        (
            say("8. Ende und Löschung", "8. End and deletion"),
            say(
                "Endet der Vertrag, löscht der Betreiber nach Wahl der Schule alle personenbezogenen Daten oder gibt sie zurück, soweit kein Gesetz die Speicherung verlangt (Art. 28 Abs. 3 lit. g). Konferenzen, die noch laufen, dürfen zu Ende gehen.",
                "When the agreement ends, the operator deletes all personal data or returns them, as the school chooses, unless a law asks for them to be kept (Art. 28 (3) (g)). Conferences that still run may finish.",
            ),
        ),
        (
            say("9. Nachweis und Kontrolle", "9. Proof and audits"),
            say(
                "Der Betreiber gibt der Schule alles, was sie zum Nachweis braucht, und lässt Prüfungen zu (Art. 28 Abs. 3 lit. h).",
                "The operator gives the school all that it needs as proof, and allows audits (Art. 28 (3) (h)).",
            ),
        ),
    ];
    clauses.extend(rest.map(|(heading, text)| (heading, text.to_owned())));
    clauses
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn text(config: &Config, service: &str, school: &str, language: Language) -> String {
        let of = FormOf {
            config,
            service,
            school,
            zone: &SchoolZone::default(),
            attendance_days: 45,
            now: 1_800_000_000_000,
        };
        form(of, language).plain_text()
    }

    #[test]
    fn form_says_what_is_set_and_that_somebody_must_check_it() {
        let config = Config {
            operator_name: Some("Kreismedienzentrum".to_owned()),
            operator_address: Some("Ringstr. 1, 12345 Stadt".to_owned()),
            operator_email: Some("vertrag@kmz.example".to_owned()),
            capacity: 83,
            empty_after: Duration::from_mins(7),
            ..Config::default()
        };
        let url = "https://meet.kmz.example";
        let german = text(&config, url, "Schiller-Schule", Language::German);
        for part in [
            "Kreismedienzentrum",
            "Ringstr. 1, 12345 Stadt",
            "vertrag@kmz.example",
            "Schiller-Schule",
            url,
            "muss ihn prüfen",
            "Art. 28",
            "45 Tagen",
            "83 Personen",
            "7 Minuten",
            "HTTPS über einen vorgeschalteten Proxy",
            "SQLite",
            "15.01.2027",
            "Ort, Datum",
            "Unterschrift",
        ] {
            assert!(german.contains(part), "{part}: {german}");
        }
        let english = text(&config, url, "Schiller-Schule", Language::English);
        for part in ["must check it", "Art. 28", "45 days", "SQLite"] {
            assert!(english.contains(part), "{part}: {english}");
        }
        assert!(!english.contains("Schule ("), "{english}");
    }

    #[test]
    fn form_of_a_server_without_https_says_that_it_must_not_run_like_this() {
        let german = text(
            &Config::default(),
            "http://localhost:8080",
            "A",
            Language::German,
        );
        assert!(german.contains("NICHT EINGERICHTET"), "{german}");
        // What the operator did not set is filled in by hand.
        assert!(german.contains("Betreibers: ____"), "{german}");
        let postgres = Config {
            database_url: Some("postgres://user:secret@host/db".to_owned()),
            ..Config::default()
        };
        let of_postgres = text(&postgres, "https://x.example", "A", Language::German);
        assert!(of_postgres.contains("PostgreSQL"), "{of_postgres}");
        assert!(!of_postgres.contains("secret"), "{of_postgres}");
    }

    #[test]
    fn form_of_a_name_with_odd_characters_stays_one_line() {
        let name = "Schule\r\n7. Rechte\u{202e}\0 ______";
        let german = text(
            &Config::default(),
            "https://x.example",
            name,
            Language::German,
        );
        assert!(german.contains("Schule 7. Rechte ______"), "{german}");
        assert!(!german.contains(['\u{202e}', '\0', '\r']));
    }
}

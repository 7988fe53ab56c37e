//! The record of processing, the measures, and the list of connections.

use super::connections::{Connections, PortUse, Purpose};
use super::kept::kept;
use super::{Of, or_missing};
use crate::contracts::{self, Block, Content, line};
use crate::language::Language;
use crate::time_zone::SchoolZone;

fn fact(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// Who runs the service, and as of when.
fn head(of: Of<'_>, language: Language) -> Vec<Block> {
    let say = |german, english| language.say(german, english);
    let config = of.config;
    let missing = |value: &Option<String>, key| or_missing(value.as_ref(), language, key);
    vec![
        Block::Small(format!(
            "{} {}. kmz-meet {}.",
            say(
                "Vom Server aus seinen eigenen Einstellungen erstellt am",
                "Made by the server from its own settings on",
            ),
            SchoolZone::default().day(of.now, language),
            env!("CARGO_PKG_VERSION"),
        )),
        Block::Facts(vec![
            fact(
                say("Betreiber (Auftragsverarbeiter)", "Operator (processor)"),
                missing(&config.operator_name, "operator_name"),
            ),
            fact(
                say("Anschrift", "Address"),
                missing(&config.operator_address, "operator_address"),
            ),
            fact(
                say("E-Mail", "E-mail"),
                missing(&config.operator_email, "operator_email"),
            ),
            fact(
                say("Datenschutzbeauftragte Person", "Data-protection officer"),
                missing(
                    &config.privacy.data_protection_officer,
                    "data_protection_officer",
                ),
            ),
            fact(say("Dienst", "Service"), line(of.service)),
        ]),
    ]
}

/// The record of processing activities of the operator (Art. 30 GDPR).
#[must_use]
pub fn record(of: Of<'_>, language: Language) -> Content {
    let say = |german, english| language.say(german, english);
    let privacy = &of.config.privacy;
    let mut paper = Content::titled(
        say(
            "Verzeichnis von Verarbeitungstätigkeiten",
            "Record of processing activities",
        ),
        language,
    );
    paper.blocks.extend(head(of, language));
    let mut text = |heading: &str, text: String| {
        paper.blocks.push(Block::Subheading(heading.to_owned()));
        paper.blocks.push(Block::Paragraph(text));
    };
    text(
        say("Zweck (Art. 30 DSGVO)", "Purpose (Art. 30 GDPR)"),
        say(
            "Videokonferenzen für Unterricht, Besprechungen und Elternarbeit im Auftrag der Schulen. Keine Werbung, keine Profile, keine Aufzeichnung, kein Training von Programmen.",
            "Video conferences for lessons, meetings and work with parents, on behalf of the schools. No advertising, no profiles, no recording, no training of programs.",
        )
        .to_owned(),
    );
    text(
        say("Verantwortliche", "Controllers"),
        say(
            "Die Schulen mit gültigem Vertrag zur Auftragsverarbeitung; die Liste druckt „kmz-meet contract list“.",
            "The schools with a data-processing agreement that holds; `kmz-meet contract list` prints the list.",
        )
        .to_owned(),
    );
    text(
        say("Rechtsgrundlage der Schulen", "Legal basis of the schools"),
        or_missing(privacy.legal_basis.as_ref(), language, "legal_basis"),
    );
    text(
        say("Betroffene Personen", "People concerned"),
        say(
            "Schülerinnen und Schüler, Lehrkräfte, Eltern, Gäste, Verwaltende.",
            "Pupils, teachers, parents, guests, administrators.",
        )
        .to_owned(),
    );
    text(
        say(
            "Empfänger und weitere Auftragsverarbeiter",
            "Recipients and other processors",
        ),
        format!(
            "{} {}",
            say(
                "Die Personen in derselben Konferenz; Plattformen, die eine Schule eingebunden hat (Liste der Verbindungen). Weitere Auftragsverarbeiter:",
                "The people in the same conference; platforms that a school connected (list of connections). Other processors:",
            ),
            or_missing(privacy.processors.as_ref(), language, "processors")
        ),
    );
    text(
        say(
            "Ort der Server, Übermittlung in Drittländer",
            "Where the servers are, transfers to third countries",
        ),
        format!(
            "{} {}",
            or_missing(
                privacy.server_location.as_ref(),
                language,
                "server_location"
            ),
            say(
                "Der Dienst selbst übermittelt nichts an andere Hosts als die der Liste der Verbindungen.",
                "The service itself transmits nothing to hosts other than those of the list of connections.",
            )
        ),
    );
    paper.blocks.push(Block::Subheading(
        say(
            "Arten von Daten und Fristen der Löschung",
            "Kinds of data, and when they are deleted",
        )
        .to_owned(),
    ));
    let rows = kept(of.config, None, language).into_iter();
    paper.blocks.push(Block::Table {
        heads: vec![
            say("Daten", "data").to_owned(),
            say("gelöscht", "deleted").to_owned(),
        ],
        widths: vec![1.0, 1.0],
        rows: rows
            .map(|row| vec![row.what.to_owned(), row.until])
            .collect(),
    });
    paper.blocks.push(Block::Subheading(
        say(
            "Technische und organisatorische Maßnahmen",
            "Technical and organisational measures",
        )
        .to_owned(),
    ));
    paper.blocks.push(facts_of_measures(of, language));
    paper
}

fn facts_of_measures(of: Of<'_>, language: Language) -> Block {
    let measures = contracts::measures((of.config, of.service), language).into_iter();
    Block::Facts(measures.map(|(name, text)| fact(name, text)).collect())
}

/// The technical and organisational measures (Art. 32 GDPR).
#[must_use]
pub fn measures(of: Of<'_>, language: Language) -> Content {
    let say = |german, english| language.say(german, english);
    let mut paper = Content::titled(
        say(
            "Technische und organisatorische Maßnahmen (Art. 32 DSGVO)",
            "Technical and organisational measures (Art. 32 GDPR)",
        ),
        language,
    );
    paper.blocks.extend(head(of, language));
    paper.blocks.push(facts_of_measures(of, language));
    let more = [
        (
            say("Anmeldung der Betreibenden", "Sign-in of operators"),
            if of.config.operators_need_second_factor {
                say("nur mit zweitem Faktor", "with a second factor only")
            } else {
                say(
                    "Passwort; ein zweiter Faktor ist nicht vorgeschrieben",
                    "password; a second factor is not required",
                )
            },
        ),
        (
            say("Löschen", "Deletion"),
            say(
                "Fristen werden zweimal in der Minute durchgesetzt; Gelöschtes wird in der Datei überschrieben (SQLite), und nach der Löschung einer Person bleibt nichts von ihr",
                "periods are enforced twice a minute; what is deleted is overwritten in the file (SQLite), and after the erasure of a person nothing of them stays",
            ),
        ),
        (
            say("Sicherung", "Backups"),
            say(
                "„kmz-meet backup“ schreibt eine in sich stimmige Kopie, auf Wunsch verschlüsselt (age); „kmz-meet restore“ löscht darin, was seit der Sicherung gelöscht wurde. Sicherungen älter als 30 Tage löscht der Betreiber.",
                "`kmz-meet backup` writes a consistent copy, encrypted if wanted (age); `kmz-meet restore` erases in it what was erased since the backup. The operator deletes backups older than 30 days.",
            ),
        ),
        (
            say("Überprüfung", "Review"),
            say(
                "„kmz-meet privacy report“ prüft alle Punkte gegen Konfiguration, Datenbank und Dateien",
                "`kmz-meet privacy report` checks all points against configuration, database and files",
            ),
        ),
    ];
    let more = more.into_iter().map(|(name, text)| fact(name, text));
    paper.blocks.push(Block::Facts(more.collect()));
    for label in [
        say(
            "Zutritt zu Gebäude und Rechnern",
            "Access to building and machines",
        ),
        say(
            "Schulung und Verpflichtung des Personals",
            "Training and commitment of staff",
        ),
        say(
            "Wer Sicherungen prüft, und wie oft",
            "Who checks backups, and how often",
        ),
    ] {
        paper.blocks.push(Block::LineToFill(label.to_owned()));
    }
    paper
}

impl PortUse {
    fn words(self, language: Language) -> &'static str {
        let (german, english) = match self {
            Self::Pages => (
                "Seiten, Schnittstelle, Nachrichten; Ton und Bild, wo nichts anderes durchkommt (TURN)",
                "pages, interface, messages; sound and pictures where nothing else comes through (TURN)",
            ),
            Self::Proxied => (
                "dasselbe von einem Proxy (PROXY-Protokoll)",
                "the same from a proxy (PROXY protocol)",
            ),
            Self::Media => ("Ton und Bild (DTLS-SRTP)", "sound and pictures (DTLS-SRTP)"),
        };
        language.say(german, english)
    }
}

impl Purpose {
    fn words(self, language: Language) -> &'static str {
        let (german, english) = match self {
            Self::Database => ("Datenbank", "database"),
            Self::Mail => ("E-Mail", "mail"),
            Self::Register => ("Verzeichnis der Lehrkräfte", "register of teachers"),
            Self::LearningPlatform => (
                "Lernplattform einer Schule (LTI)",
                "learning platform of a school (LTI)",
            ),
            Self::Webhook => ("Webhook einer Schule", "webhook of a school"),
            Self::SignIn => (
                "Anmeldung über einen Anbieter einer Schule",
                "sign-in by a provider of a school",
            ),
            Self::Permitted => (
                "im eigenen Netz erlaubt, wenn eine Schule ihn einträgt",
                "permitted in the own network, if a school enters it",
            ),
        };
        language.say(german, english)
    }
}

/// All ports and all outgoing connections.
#[must_use]
pub fn connections(of: Of<'_>, connections: &Connections, language: Language) -> Content {
    let say = |german, english| language.say(german, english);
    let mut paper = Content::titled(
        say(
            "Ports und Verbindungen nach außen",
            "Ports and outgoing connections",
        ),
        language,
    );
    paper.blocks.extend(head(of, language));
    let texts = |texts: [&str; 4]| texts.map(str::to_owned).to_vec();
    paper.blocks.push(Block::Subheading(
        say("Offene Ports", "Open ports").to_owned(),
    ));
    let ports = connections.ports.iter().map(|port| {
        texts([
            port.protocol,
            &port.address,
            port.used_for.words(language),
            port.key,
        ])
    });
    paper.blocks.push(Block::Table {
        heads: texts([
            say("Protokoll", "protocol"),
            say("Adresse", "address"),
            say("Zweck", "purpose"),
            say("Einstellung", "setting"),
        ]),
        widths: vec![1.0, 1.6, 3.0, 1.6],
        rows: ports.collect(),
    });
    paper.blocks.push(Block::Subheading(
        say("Verbindungen nach außen", "Outgoing connections").to_owned(),
    ));
    if connections.outgoing.is_empty() {
        paper.blocks.push(Block::Paragraph(
            say(
                "Keine: Dieser Server wendet sich an keinen anderen Host.",
                "None: this server turns to no other host.",
            )
            .to_owned(),
        ));
    } else {
        let rows = connections.outgoing.iter().map(|to| {
            let encrypted = if to.is_encrypted {
                say("ja", "yes")
            } else {
                say("NEIN", "NO")
            };
            texts([
                &line(&to.host),
                to.purpose.words(language),
                encrypted,
                &to.set_by,
            ])
        });
        paper.blocks.push(Block::Table {
            heads: texts([
                say("Host", "host"),
                say("Zweck", "purpose"),
                say("verschlüsselt", "encrypted"),
                say("Einstellung oder Schule", "setting or school"),
            ]),
            widths: vec![2.0, 2.4, 1.0, 2.0],
            rows: rows.collect(),
        });
    }
    paper.blocks.push(Block::Paragraph(
        say(
            "Browser wenden sich nur an diesen Server. Er fragt nach keinen Aktualisierungen, sendet keine Fehlerberichte und lädt nichts nach.",
            "Browsers turn to this server only. It asks for no updates, sends no error reports and loads nothing from elsewhere.",
        )
        .to_owned(),
    ));
    paper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, PrivacyConfig};

    fn texts(config: &Config, language: Language) -> String {
        let of = Of {
            config,
            service: "https://meet.kmz.example",
            now: 1_800_000_000_000,
        };
        let papers = [
            record(of, language),
            measures(of, language),
            connections(of, &Connections::default(), language),
        ];
        papers.map(|paper| paper.plain_text()).join("\n")
    }

    #[test]
    fn papers_say_what_is_set_and_name_what_is_missing() {
        let empty = texts(&Config::default(), Language::German);
        for key in [
            "operator_name",
            "data_protection_officer",
            "legal_basis",
            "server_location",
            "processors",
        ] {
            assert!(
                empty.contains(&format!(
                    "(fehlt: Der Betreiber hat {key} nicht eingetragen)"
                )),
                "{key}"
            );
        }
        let config = Config {
            operator_name: Some("Kreismedienzentrum".to_owned()),
            operator_address: Some("Ringstr. 1, 12345 Stadt".to_owned()),
            operator_email: Some("post@kmz.example".to_owned()),
            privacy: PrivacyConfig {
                data_protection_officer: Some("Frau Beispiel, dsb@kmz.example".to_owned()),
                legal_basis: Some("§ 1 Schulgesetz".to_owned()),
                server_location: Some("Rechenzentrum Stadt".to_owned()),
                processors: Some("keine".to_owned()),
                ..PrivacyConfig::default()
            },
            ..Config::default()
        };
        let filled = texts(&config, Language::German);
        for part in [
            "Kreismedienzentrum",
            "dsb@kmz.example",
            "§ 1 Schulgesetz",
            "Rechenzentrum Stadt",
            "400 Tage",
            "15.01.2027",
        ] {
            assert!(filled.contains(part), "{part}: {filled}");
        }
        assert!(!filled.contains("(fehlt"), "{filled}");
        let english = texts(&config, Language::English);
        assert!(
            english.contains("Record of processing") && !english.contains("Verzeichnis"),
            "{english}"
        );
    }
}

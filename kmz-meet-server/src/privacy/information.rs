//! The information for people (Art. 13 GDPR), of a school or of all: what they read before they join. In German easy language, too.

use super::kept::{About, kept};
use super::{Of, or_missing};
use crate::contracts::{Block, Content, line};
use crate::language::Language;
use crate::time_zone::SchoolZone;

/// In which language the information is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InformationLanguage {
    German,
    English,
    /// German easy language: short sentences, one thought each.
    GermanEasy,
}

impl InformationLanguage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::German, Self::GermanEasy, Self::English];

    /// As in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
            Self::GermanEasy => "de-easy",
        }
    }

    /// As in `lang` of a page (BCP 47; `simple` is a registered variant).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
            Self::GermanEasy => "de-simple",
        }
    }

    /// What it is called in itself.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::German => "Deutsch",
            Self::English => "English",
            Self::GermanEasy => "Leichte Sprache",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl From<Language> for InformationLanguage {
    fn from(language: Language) -> Self {
        match language {
            Language::German => Self::German,
            Language::English => Self::English,
        }
    }
}

/// What a school decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfSchool {
    pub name: String,
    pub attendance_days: u32,
}

/// The information; of no school: what is the same for all.
#[must_use]
pub fn information(
    of: Of<'_>,
    school: Option<&OfSchool>,
    language: InformationLanguage,
) -> Content {
    match language {
        InformationLanguage::GermanEasy => easy(of, school),
        InformationLanguage::German => full(of, school, Language::German),
        InformationLanguage::English => full(of, school, Language::English),
    }
}

fn full(of: Of<'_>, school: Option<&OfSchool>, language: Language) -> Content {
    let say = |german, english| language.say(german, english);
    let config = of.config;
    let missing = |value: &Option<String>, key| or_missing(value.as_ref(), language, key);
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut paper = Content::titled(
        say(
            "Datenschutz in der Videokonferenz",
            "Privacy in the video conference",
        ),
        language,
    );
    let blocks = &mut paper.blocks;
    blocks.push(Block::Paragraph(
        say(
            "Hier steht, welche Daten von dir verarbeitet werden, wenn du an einer Videokonferenz teilnimmst (Art. 13 DSGVO). Das Wichtigste: Es wird nichts aufgezeichnet. Mikrofon und Kamera sind aus, bis du sie einschaltest. Nach der Konferenz wird alles gelöscht.",
            "This page says which of your data are processed when you take part in a video conference (Art. 13 GDPR). The most important things: nothing is recorded. Microphone and camera are off until you turn them on. After the conference everything is deleted.",
        )
        .to_owned(),
    ));
    let controller = match school {
        Some(school) => format!(
            "{}. {}",
            line(&school.name),
            say(
                "Die Anschrift der Schule und ihre datenschutzbeauftragte Person nennt dir das Sekretariat der Schule.",
                "The school's office tells you its address and its data-protection officer.",
            )
        ),
        None => say(
            "Die Schule, die zur Konferenz eingeladen hat. Ihr Sekretariat nennt dir Anschrift und datenschutzbeauftragte Person.",
            "The school that invited you to the conference. Its office tells you its address and data-protection officer.",
        )
        .to_owned(),
    };
    blocks.push(Block::Subheading(
        say("Wer verantwortlich ist", "Who is responsible").to_owned(),
    ));
    blocks.push(Block::Facts(vec![
        fact(say("Verantwortlich", "Controller"), controller),
        fact(
            say(
                "Betreiber des Dienstes im Auftrag der Schule",
                "Operator of the service, on behalf of the school",
            ),
            format!(
                "{}, {}, {}",
                missing(&config.operator_name, "operator_name"),
                missing(&config.operator_address, "operator_address"),
                missing(&config.operator_email, "operator_email"),
            ),
        ),
        fact(
            say(
                "Fragen zum Datenschutz beim Betreiber",
                "Questions about data protection at the operator",
            ),
            missing(
                &config.privacy.data_protection_officer,
                "data_protection_officer",
            ),
        ),
    ]));
    blocks.push(Block::Subheading(
        say("Zweck und Rechtsgrundlage", "Purpose and legal basis").to_owned(),
    ));
    blocks.push(Block::Paragraph(format!(
        "{} {} {}",
        say(
            "Unterricht, Besprechungen und Elternarbeit per Video.",
            "Lessons, meetings and work with parents by video."
        ),
        say("Rechtsgrundlage:", "Legal basis:"),
        missing(&config.privacy.legal_basis, "legal_basis"),
    )));
    let days = school.map(|school| school.attendance_days);
    for (about, heading) in [
        (
            About::Everybody,
            say(
                "Welche Daten, und wie lange",
                "Which data, and for how long",
            ),
        ),
        (
            About::Teachers,
            say(
                "Dazu, wenn du ein Konto hast oder eines möchtest",
                "In addition, if you have or want an account",
            ),
        ),
    ] {
        blocks.push(Block::Subheading(heading.to_owned()));
        let rows = kept(config, days, language)
            .into_iter()
            .filter(|row| row.about == about);
        blocks.push(Block::Table {
            heads: vec![
                say("Daten", "data").to_owned(),
                say("wie lange", "for how long").to_owned(),
            ],
            widths: vec![1.0, 1.0],
            rows: rows
                .map(|row| vec![row.what.to_owned(), row.until])
                .collect(),
        });
    }
    blocks.push(Block::Subheading(
        say("Wer die Daten bekommt", "Who gets the data").to_owned(),
    ));
    blocks.push(Block::Paragraph(format!(
        "{} {} {} {}",
        say(
            "Die Personen in derselben Konferenz sehen und hören, was du zeigst und sagst. Deine IP-Adresse erfahren sie nicht. Dein Browser wendet sich nur an diesen Server; fremde Dienste, Werbung und Statistik gibt es nicht.",
            "The people in the same conference see and hear what you show and say. They do not learn your IP address. Your browser turns to this server only; there are no foreign services, no advertising and no analytics.",
        ),
        say("Weitere Auftragsverarbeiter:", "Other processors:"),
        missing(&config.privacy.processors, "processors") + ".",
        format_args!("{} {}.", say("Ort der Server:", "Where the servers are:"), missing(&config.privacy.server_location, "server_location")),
    )));
    blocks.push(Block::Subheading(
        say("Deine Rechte", "Your rights").to_owned(),
    ));
    blocks.push(Block::Paragraph(format!(
        "{} {}",
        say(
            "Du kannst Auskunft, Berichtigung, Löschung, Einschränkung und die Herausgabe deiner Daten verlangen und der Verarbeitung widersprechen (Art. 15 bis 21 DSGVO). Wende dich dafür an die Schule. Du musst deinen richtigen Namen nicht nennen, es sei denn, die Schule verlangt es. Automatische Entscheidungen gibt es nicht. Beschweren kannst du dich bei der Aufsichtsbehörde:",
            "You can ask for access, rectification, erasure, restriction and a copy of your data, and object to the processing (Art. 15 to 21 GDPR). Turn to the school for it. You need not give your real name, unless the school asks for it. There are no automated decisions. You can lodge a complaint with the supervisory authority:",
        ),
        missing(&config.privacy.supervisory_authority, "supervisory_authority"),
    )));
    blocks.push(Block::Small(as_of(of, language)));
    paper
}

/// From when it is.
pub(super) fn as_of(of: Of<'_>, language: Language) -> String {
    let day = SchoolZone::default().day(of.now, language);
    format!(
        "{} {day}. {}",
        language.say("Stand:", "As of"),
        line(of.service)
    )
}

/// The same in easy language.
fn easy(of: Of<'_>, school: Option<&OfSchool>) -> Content {
    let config = of.config;
    let missing = |value: &Option<String>, key| or_missing(value.as_ref(), Language::German, key);
    let mut paper = Content::titled("Datenschutz in Leichter Sprache", Language::German);
    let mut part = |heading: &str, sentences: &[&str]| {
        paper.blocks.push(Block::Subheading(heading.to_owned()));
        let sentences = sentences.iter().map(|sentence| (*sentence).to_owned());
        paper.blocks.extend(sentences.map(Block::Paragraph));
    };
    part(
        "Das ist wichtig",
        &[
            "Du bist in einer Video-Konferenz.",
            "Niemand nimmt die Konferenz auf.",
            "Dein Mikrofon ist am Anfang aus.",
            "Deine Kamera ist am Anfang aus.",
            "Nur du kannst sie einschalten.",
        ],
    );
    let invited = match school {
        Some(school) => format!("Die Schule heißt: {}.", line(&school.name)),
        None => "Die Schule hat dich eingeladen.".to_owned(),
    };
    part(
        "Wer passt auf deine Daten auf?",
        &[
            "Daten sind zum Beispiel: dein Name und dein Bild.",
            "Deine Schule passt auf die Daten auf.",
            &invited,
            "Die Schule hat einen Helfer für die Technik.",
            &format!(
                "Der Helfer heißt: {}.",
                missing(&config.operator_name, "operator_name")
            ),
        ],
    );
    let attendance = school.map_or_else(
        || "In manchen Räumen steht auf einer Liste: Wer war da?".to_owned(),
        |school| {
            format!(
                "Manche Räume haben eine Liste: Wer war da? Diese Liste bleibt {} Tage.",
                school.attendance_days
            )
        },
    );
    part(
        "Was passiert mit deinen Daten?",
        &[
            "Die anderen in der Konferenz sehen deinen Namen.",
            "Sie sehen dein Bild, wenn deine Kamera an ist.",
            "Sie hören dich, wenn dein Mikrofon an ist.",
            "Sie lesen, was du im Chat schreibst.",
            "Nach der Konferenz löscht der Computer das alles.",
            &attendance,
            "Es gibt keine Werbung.",
        ],
    );
    part(
        "Das darfst du",
        &[
            "Du darfst fragen: Welche Daten habt ihr von mir?",
            "Du darfst sagen: Löscht meine Daten.",
            "Du darfst sagen: Das ist falsch. Bitte ändert es.",
            "Sprich dafür mit deiner Schule.",
            "Bist du nicht zufrieden? Dann kannst du dich beschweren.",
            &format!(
                "Beschweren kannst du dich hier: {}.",
                missing(
                    &config.privacy.supervisory_authority,
                    "supervisory_authority"
                )
            ),
        ],
    );
    paper.blocks.push(Block::Small(as_of(of, Language::German)));
    paper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn of(config: &Config) -> Of<'_> {
        Of {
            config,
            service: "https://meet.kmz.example",
            now: 1_800_000_000_000,
        }
    }

    #[test]
    fn information_of_a_school_has_what_it_decides() {
        let school = OfSchool {
            name: "Schiller-Schule".to_owned(),
            attendance_days: 45,
        };
        let config = Config::default();
        for language in InformationLanguage::ALL {
            let text = information(of(&config), Some(&school), language).plain_text();
            assert!(
                text.contains("Schiller-Schule") && text.contains("45 "),
                "{text}"
            );
            assert!(text.contains("operator_name"), "{text}");
            let general = information(of(&config), None, language).plain_text();
            assert!(!general.contains("Schiller"), "{general}");
        }
    }

    #[test]
    fn easy_language_has_short_sentences_and_no_genitive_chain() {
        let config = Config {
            operator_name: Some("Medienzentrum".to_owned()),
            privacy: crate::config::PrivacyConfig {
                supervisory_authority: Some("Landesbeauftragte".to_owned()),
                ..Default::default()
            },
            ..Config::default()
        };
        let paper = information(of(&config), None, InformationLanguage::GermanEasy);
        for block in &paper.blocks {
            let Block::Paragraph(text) = block else {
                continue;
            };
            for sentence in text.split_inclusive(['.', '?', '!', ':']) {
                let words = sentence.split_whitespace().count();
                assert!(words <= 10, "{words}: {sentence}");
            }
            assert!(!text.contains(" des "), "{text}");
        }
    }
}

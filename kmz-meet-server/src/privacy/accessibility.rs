//! The accessibility statement (BITV 2.0, L-BGG of Baden-Württemberg), with what the model of the EU's decision 2018/1523 wants.

use super::information::as_of;
use super::{Of, or_missing};
use crate::contracts::{Block, Content};
use crate::language::Language;

/// What is known not to be accessible.
const BARRIERS: [(&str, &str); 3] = [
    (
        "Sprache in einer Konferenz wird nicht von selbst zu Text.",
        "Speech in a conference does not become text by itself.",
    ),
    (
        "Was jemand über den geteilten Bildschirm zeigt, ist ein Bild und für Vorleseprogramme nicht lesbar.",
        "What somebody shows by sharing a screen is a picture, which screen readers cannot read.",
    ),
    (
        "PDF-Dokumente, die Schulen hochladen, können Barrieren haben.",
        "PDF documents that schools upload may have barriers.",
    ),
];

/// The statement.
#[must_use]
pub fn accessibility(of: Of<'_>, language: Language) -> Content {
    let say = |german, english| language.say(german, english);
    let (config, privacy) = (of.config, &of.config.privacy);
    let mut paper = Content::titled(
        say("Erklärung zur Barrierefreiheit", "Accessibility statement"),
        language,
    );
    let operator = or_missing(config.operator_name.as_ref(), language, "operator_name");
    paper.blocks.push(Block::Paragraph(match language {
        Language::German => format!(
            "{operator} möchte diesen Dienst barrierefrei machen, wie es das Landes-Behindertengleichstellungsgesetz (L-BGG) und die Barrierefreie-Informationstechnik-Verordnung (BITV 2.0) verlangen. Diese Erklärung gilt für {}.",
            of.service
        ),
        Language::English => format!(
            "{operator} wants this service to be accessible, as the state's equality law for people with disabilities (L-BGG) and the ordinance on accessible information technology (BITV 2.0) ask for. This statement applies to {}.",
            of.service
        ),
    }));
    let mut part = |heading: &str, blocks: Vec<Block>| {
        paper.blocks.push(Block::Subheading(heading.to_owned()));
        paper.blocks.extend(blocks);
    };
    let text = |text: &str| Block::Paragraph(text.to_owned());
    part(
        say(
            "Wie weit der Dienst barrierefrei ist",
            "How far the service is accessible",
        ),
        vec![text(say(
            "Der Dienst ist mit EN 301 549 und WCAG 2.2, Stufe AA, weitgehend vereinbar. Alles lässt sich mit der Tastatur bedienen; Seiten passen ab 320 Pixel Breite.",
            "The service is partially compliant with EN 301 549 and WCAG 2.2, level AA. Everything can be used by keyboard; pages fit from a width of 320 pixels on.",
        ))],
    );
    let barriers = BARRIERS
        .iter()
        .map(|(german, english)| text(say(german, english)));
    part(
        say("Was nicht barrierefrei ist", "What is not accessible"),
        barriers.collect(),
    );
    part(
        say(
            "Wie diese Erklärung entstand",
            "How this statement was prepared",
        ),
        vec![text(say(
            "Sie beruht auf einer Selbstbewertung: Jede Version wird vor ihrer Veröffentlichung selbsttätig in zwei Browsern geprüft (axe, Tastatur, Ansagen, Kontrast, Vergrößerung). Eine Prüfung durch Dritte gab es nicht.",
            "It rests on a self-assessment: each version is tested automatically in two browsers before its release (axe, keyboard, announcements, contrast, zoom). There was no audit by others.",
        ))],
    );
    part(
        say("Barrieren melden", "Report barriers"),
        vec![text(&format!(
            "{} {}",
            say(
                "Ist etwas nicht zugänglich? Bitte melde es, auch wenn du Inhalte in einer anderen Form brauchst:",
                "Is something not accessible? Please report it, also if you need contents in another form:",
            ),
            or_missing(
                privacy.accessibility_contact.as_ref(),
                language,
                "accessibility_contact"
            )
        ))],
    );
    part(
        say(
            "Wenn niemand antwortet (Durchsetzungsverfahren)",
            "If nobody answers (enforcement procedure)",
        ),
        vec![text(&format!(
            "{} {}",
            say(
                "Kommt binnen vier Wochen keine oder keine ausreichende Antwort, hilft diese Stelle, ohne Kosten und ohne Anwältin oder Anwalt:",
                "If there is no sufficient answer within four weeks, this body helps, free of charge and without a lawyer:",
            ),
            or_missing(
                privacy.accessibility_enforcement.as_ref(),
                language,
                "accessibility_enforcement"
            )
        ))],
    );
    paper.blocks.push(Block::Small(as_of(of, language)));
    paper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn statement_has_what_the_model_wants() {
        let config = Config::default();
        let of = Of {
            config: &config,
            service: "https://meet.kmz.example",
            now: 1_800_000_000_000,
        };
        let text = accessibility(of, Language::German).plain_text();
        for part in [
            "BITV 2.0",
            "L-BGG",
            "nicht barrierefrei",
            "Selbstbewertung",
            "accessibility_contact",
            "Durchsetzungsverfahren",
            "accessibility_enforcement",
            "Stand: 15.01.2027",
            "https://meet.kmz.example",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

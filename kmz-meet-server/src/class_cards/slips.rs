//! The cards of a class on paper, to be cut apart.

use super::secret::CardSecrets;
use crate::language::Language;
use crate::pdf::{Paper, PdfError, SLIPS_ON_PAGE, Slip};
use crate::store::ClassPupil;

/// Where a pupil goes with a card.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// What people call the room.
    pub room: &'a str,
    /// The page behind the pictures; what opens is behind its `#`.
    pub page: &'a str,
    /// What pupils type to get to the page with the one field.
    pub server: &'a str,
}

/// A document with the cards of these pupils. Who has none is left out; `None`: nobody has one.
///
/// # Errors
/// When the document cannot be made.
pub fn slips(
    secrets: &CardSecrets,
    pupils: &[ClassPupil],
    way: Way<'_>,
    language: Language,
) -> Result<Option<Vec<u8>>, PdfError> {
    let title = language.say("Karten für die Klasse", "Cards for the class");
    let server = way.server.trim_start_matches("https://");
    let how = match language {
        Language::German => format!(
            "Halte die Kamera auf das Bild. Oder öffne {server} und tippe den Code ein. Diese Karte ist nur für dich."
        ),
        Language::English => format!(
            "Point a camera at the picture. Or open {server} and type the code. This card is only for you."
        ),
    };
    let mut paper = Paper::new(title, language)?;
    let mut place = 0;
    for pupil in pupils {
        let card = pupil.card.as_ref();
        let opens = card.and_then(|card| Some((secrets.link(card)?, secrets.code(card)?)));
        let Some((link, code)) = opens else { continue };
        if place > 0 && place % SLIPS_ON_PAGE == 0 {
            paper.new_page();
        }
        let slip = Slip {
            above: way.room,
            heading: &pupil.name,
            label: language.say("Dein Code", "Your code"),
            code: &code.grouped(),
            picture: &format!("{}#{link}", way.page),
            description: language.say(
                "QR-Code, der in den Raum führt",
                "QR code that leads into the room",
            ),
            foot: &how,
        };
        paper.slip(place % SLIPS_ON_PAGE, &slip)?;
        place += 1;
    }
    if place == 0 {
        return Ok(None);
    }
    paper.finish().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pupil(secrets: &CardSecrets, name: &str, has_card: bool) -> ClassPupil {
        ClassPupil {
            id: name.to_owned(),
            school: "s".to_owned(),
            room: "r".to_owned(),
            name: name.to_owned(),
            card: has_card.then(|| secrets.new_card(1)),
        }
    }

    const WAY: Way<'static> = Way {
        room: "Deutsch 7b",
        page: "https://meet.example.org/card",
        server: "https://meet.example.org/",
    };

    #[test]
    fn slips_of_a_class_are_ten_on_a_page() {
        let secrets = CardSecrets::new(&[7; 32]);
        let class = |count: usize| -> Vec<ClassPupil> {
            let name = |at: usize| format!("Kind mit einem ausgesprochen langen Namen {at}");
            (0..count)
                .map(|at| pupil(&secrets, &name(at), true))
                .collect()
        };
        let made = |count| {
            slips(&secrets, &class(count), WAY, Language::German)
                .unwrap()
                .unwrap()
        };
        let (one, two) = (made(10), made(11));
        assert!(one.starts_with(b"%PDF-1.7"));
        assert!(two.len() > one.len());
    }

    #[test]
    fn slips_leave_out_who_has_no_card_and_those_of_another_key() {
        let secrets = CardSecrets::new(&[7; 32]);
        let withdrawn = [pupil(&secrets, "Lena", false)];
        assert_eq!(
            slips(&secrets, &withdrawn, WAY, Language::English).unwrap(),
            None
        );
        let old = [pupil(&CardSecrets::new(&[8; 32]), "Lena", true)];
        assert_eq!(slips(&secrets, &old, WAY, Language::English).unwrap(), None);
        assert_eq!(slips(&secrets, &[], WAY, Language::English).unwrap(), None);
    }
}

//! Letters for the office's printer: one page for each teacher.

use super::credentials::Credential;
use crate::credentials::one_time_link::lifetime;
use crate::language::Language;
use crate::mail::spoken;
use crate::pdf::{Paper, PdfError};
use crate::store::LinkPurpose;

/// One file of letters. `school` is the school's name, `server` what people type to get here.
///
/// # Errors
/// When the document cannot be made.
pub fn letters(
    school: &str,
    server: &str,
    language: Language,
    credentials: &[Credential],
) -> Result<Vec<u8>, PdfError> {
    let title = language.say(
        "Zugänge zum Videounterricht",
        "Access to the video classroom",
    );
    let mut paper = Paper::new(title, language)?;
    for (index, one) in credentials.iter().enumerate() {
        if index > 0 {
            paper.new_page();
        }
        letter(&mut paper, school, server, language, one)?;
    }
    paper.finish()
}

/// What a letter says of its link.
struct Words {
    heading: &'static str,
    lead: &'static str,
    subheading: &'static str,
    how: String,
}

fn words(purpose: LinkPurpose, language: Language) -> Words {
    let valid = spoken(lifetime(purpose), language);
    let how = match language {
        Language::German => format!(
            "Richten Sie die Kamera Ihres Telefons auf das Bild, oder tippen Sie die Adresse ab. Der Link gilt einmal und {valid} lang."
        ),
        Language::English => format!(
            "Point the camera of your phone at the picture, or type the address. The link works once, for {valid}."
        ),
    };
    if purpose == LinkPurpose::FirstPassword {
        return Words {
            heading: language.say(
                "Ihr Zugang zum Videounterricht",
                "Your access to the video classroom",
            ),
            lead: language.say(
                "Für Sie wurde ein Konto eingerichtet. Damit öffnen Sie Videokonferenzen für Ihren Unterricht. Schülerinnen und Schüler brauchen kein Konto.",
                "An account was made for you. With it you open video conferences for your lessons. Pupils need no account.",
            ),
            subheading: language.say("Wählen Sie jetzt Ihr Passwort", "Choose your password now"),
            how,
        };
    }
    Words {
        heading: language.say(
            "Ein neues Passwort für den Videounterricht",
            "A new password for the video classroom",
        ),
        lead: language.say(
            "Mit diesem Brief wählen Sie ein neues Passwort für Ihr Konto. Sonst ändert sich nichts daran. Wenn Sie nicht darum gebeten haben, fragen Sie in Ihrer Schule nach.",
            "With this letter you choose a new password for your account. Nothing else of it changes. If you did not ask for it, ask at your school.",
        ),
        subheading: language.say(
            "Wählen Sie jetzt ein neues Passwort",
            "Choose a new password now",
        ),
        how,
    }
}

fn letter(
    paper: &mut Paper,
    school: &str,
    server: &str,
    language: Language,
    one: &Credential,
) -> Result<(), PdfError> {
    paper.section();
    paper.small(school);
    paper.space(24.0);
    paper.paragraph(&one.name);
    paper.space(48.0);
    let words = words(one.purpose, language);
    paper.heading(words.heading);
    paper.paragraph(words.lead);
    paper.space(6.0);
    paper.facts(&[
        (language.say("Schule", "School"), school),
        (language.say("Benutzername", "User name"), &one.username),
        (language.say("Anmeldung", "Sign in at"), server),
    ]);
    paper.space(6.0);
    paper.subheading(words.subheading);
    paper.paragraph(&words.how);
    let what = language.say(
        "QR-Code mit dem Link, der unter ihm steht",
        "QR code of the link that is below it",
    );
    paper.qr_code(&one.link, 170.0, what)?;
    paper.link(&one.link);
    paper.space(10.0);
    paper.small(language.say(
        "Geben Sie diesen Brief niemandem: Wer den Link hat, hat Ihr Konto. Wenn der Link nicht mehr gilt, hilft Ihnen das Sekretariat oder die Administration Ihrer Schule.",
        "Give this letter to nobody: whoever has the link has your account. If the link works no more, ask your school's office or its administration.",
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_to_an_account_in_use_speaks_of_no_new_one_and_of_an_hour() {
        let first = words(LinkPurpose::FirstPassword, Language::German);
        assert!(first.lead.contains("Konto eingerichtet"));
        assert!(
            first
                .how
                .ends_with("Der Link gilt einmal und 14 Tage lang.")
        );
        let another = words(LinkPurpose::PasswordReset, Language::German);
        assert!(!another.lead.contains("eingerichtet"));
        assert!(
            another
                .how
                .ends_with("Der Link gilt einmal und eine Stunde lang.")
        );
        let another = words(LinkPurpose::PasswordReset, Language::English);
        assert!(another.how.ends_with("The link works once, for an hour."));
    }
}

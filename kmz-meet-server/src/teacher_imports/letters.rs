//! Letters for the office's printer: one page for each teacher.

use super::credentials::Credential;
use crate::language::Language;
use crate::pdf::{Paper, PdfError};

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
    paper.heading(language.say(
        "Ihr Zugang zum Videounterricht",
        "Your access to the video classroom",
    ));
    paper.paragraph(language.say(
        "Für Sie wurde ein Konto eingerichtet. Damit öffnen Sie Videokonferenzen für Ihren Unterricht. Schülerinnen und Schüler brauchen kein Konto.",
        "An account was made for you. With it you open video conferences for your lessons. Pupils need no account.",
    ));
    paper.space(6.0);
    paper.facts(&[
        (language.say("Schule", "School"), school),
        (language.say("Benutzername", "User name"), &one.username),
        (language.say("Anmeldung", "Sign in at"), server),
    ]);
    paper.space(6.0);
    paper.subheading(language.say("Wählen Sie jetzt Ihr Passwort", "Choose your password now"));
    paper.paragraph(language.say(
        "Richten Sie die Kamera Ihres Telefons auf das Bild, oder tippen Sie die Adresse ab. Der Link gilt einmal und 14 Tage lang.",
        "Point the camera of your phone at the picture, or type the address. The link works once, for 14 days.",
    ));
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

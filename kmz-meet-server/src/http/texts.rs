//! Validates texts and brings them into the form that we store. What is wrong with one is said in a problem document.

use kmz_meet_core::room::password::folded;
use kmz_meet_core::room::text::line;
use kmz_meet_core::signal::MAX_PASSWORD_CHARS;

use super::Problem;

/// The longest title and external name, in characters.
const MAX_TEXT_CHARS: usize = 200;

pub(crate) fn validate_text(what: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    match &text {
        Some(text) if text.trim().is_empty() || text.chars().count() > MAX_TEXT_CHARS => {
            Err(Problem::invalid(format!(
                "{what}: it must have from 1 to {MAX_TEXT_CHARS} characters."
            )))
        }
        Some(text) if text.chars().any(char::is_control) => Err(Problem::invalid(format!(
            "{what}: control characters are not allowed."
        ))),
        _ => Ok(text.map(|text| text.trim().to_owned())),
    }
}

/// A title as we store it: its directional characters do not affect the text around it.
pub(crate) fn validate_title(title: Option<String>) -> Result<Option<String>, Problem> {
    let Some(given) = validate_text("title", title)? else {
        return Ok(None);
    };
    line(&given, MAX_TEXT_CHARS)
        .map(Some)
        .ok_or_else(|| Problem::invalid("title: it must have a character that can be seen."))
}

/// A password as we store it, also in a running conference.
pub(crate) fn validate_password(password: Option<String>) -> Result<Option<String>, Problem> {
    let kept = password.as_deref().and_then(folded);
    let is_long = |text: &String| text.chars().count() > MAX_PASSWORD_CHARS;
    match &password {
        Some(text) if is_long(text) || kept.as_ref().is_some_and(is_long) => Err(Problem::invalid(
            format!("The password is longer than {MAX_PASSWORD_CHARS} characters."),
        )),
        Some(text) if text.contains('\0') => Err(Problem::invalid(
            "The password has a character that cannot be stored.",
        )),
        _ => Ok(kept),
    }
}

/// A name that people can read in a list.
pub(crate) fn validate_name(name: &str) -> Result<&str, Problem> {
    let fits = name.chars().count() <= 200 && !name.chars().any(char::is_control);
    let name = name.trim();
    (fits && !name.is_empty()).then_some(name).ok_or_else(|| {
        Problem::invalid("name: it must have from 1 to 200 characters, and no control characters.")
    })
}

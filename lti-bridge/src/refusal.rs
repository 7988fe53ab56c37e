//! Why a request is refused: a code for administrators, and what the person should do.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::handler::Refused;
use crate::keys::KeyError;
use crate::keyset::KeySetError;
use crate::pages::{Framers, Language, Page};
use crate::random::NoRandomness;
use crate::store::StoreError;

/// A refusal, shown as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// Stable; the guides list them.
    pub(crate) code: &'static str,
    german: String,
    english: String,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    page: &'a Page<'a>,
    text: &'a str,
    code: &'a str,
}

const AGAIN_DE: &str = "Geh zurück in den Kurs und öffne den Link dort noch einmal.";
const AGAIN_EN: &str = "Go back to the course and open the link there again.";
const TELL_DE: &str = "Die Verbindung zwischen der Lernplattform und diesem Dienst stimmt nicht. Bitte gib den Code an deine Administration weiter.";
const TELL_EN: &str = "The connection between the platform and this service is not right. Please pass the code on to your administrator.";

impl Refusal {
    fn new(status: StatusCode, code: &'static str, german: &str, english: &str) -> Self {
        Self {
            status,
            code,
            german: german.to_owned(),
            english: english.to_owned(),
        }
    }

    /// The person can mend it: open the link again.
    pub(crate) fn again(code: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, AGAIN_DE, AGAIN_EN)
    }

    /// Only an administrator can mend it.
    pub(crate) fn tell(code: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, TELL_DE, TELL_EN)
    }

    pub(crate) fn forbidden(code: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, TELL_DE, TELL_EN)
    }

    /// Neither a new try nor waiting can help.
    pub(crate) fn clocks_differ(seconds: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "lti_clocks_differ",
            &format!(
                "Die Uhren der Lernplattform und dieses Dienstes gehen um {seconds} Sekunden auseinander. Bitte gib das an deine Administration weiter."
            ),
            &format!(
                "The clocks of the platform and of this service differ by {seconds} seconds. Please pass this on to your administrator."
            ),
        )
    }

    pub(crate) fn pending() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "lti_platform_pending",
            "Diese Lernplattform ist angemeldet, aber noch nicht freigegeben. Die Administration des Dienstes gibt sie frei.",
            "This platform is registered, but not approved yet. The administrator of the service approves it.",
        )
    }

    pub(crate) fn platform_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "lti_platform_taken",
            "Diese Lernplattform ist hier unter derselben Client ID schon angemeldet, von einer anderen Schule. Entferne das Werkzeug in der Lernplattform und melde es neu an; hilft das nicht, wende dich an die Administration dieses Dienstes.",
            "This platform is registered here with the same client ID already, by another school. Remove the tool in the platform and register it anew; if that does not help, ask the administrator of this service.",
        )
    }

    pub(crate) fn too_many_platforms() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "lti_too_many_platforms",
            "Die Schule hat so viele Lernplattformen angemeldet, wie sie darf. Die Administration dieses Dienstes löscht zuerst eine, die nicht mehr gebraucht wird. Entferne das Werkzeug in der Lernplattform und melde es danach neu an.",
            "The school has registered as many platforms as it may. The administrator of this service first deletes one that is not needed any more. Remove the tool in the platform, and register it anew afterwards.",
        )
    }

    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a launch failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "lti_internal",
            "Beim Dienst ist etwas schiefgegangen. Bitte versuche es in ein paar Minuten noch einmal.",
            "Something went wrong at the service. Please try again in a few minutes.",
        )
    }

    pub(crate) fn page(&self, base: &str, language: Language, framers: Framers) -> Response {
        let title = language.say("Das hat nicht geklappt", "That did not work");
        let page = Page {
            language,
            title,
            data: Vec::new(),
            framers,
            base,
        };
        page.answer(
            self.status,
            &RefusalPage {
                page: &page,
                text: language.say(&self.german, &self.english),
                code: self.code,
            },
        )
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<NoRandomness> for Refusal {
    fn from(error: NoRandomness) -> Self {
        Self::internal(&error)
    }
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        Self::internal(&error)
    }
}

impl From<KeySetError> for Refusal {
    fn from(error: KeySetError) -> Self {
        match error {
            KeySetError::Unknown => Self::tell("lti_key_unknown"),
            KeySetError::Unreachable(error) => {
                tracing::warn!(%error, "the keys of a platform cannot be read");
                Self::tell("lti_keys_unreachable")
            }
            KeySetError::Resting => Self::tell("lti_keys_unreachable"),
            KeySetError::Damaged => Self::tell("lti_keys_damaged"),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: refused.code,
            german: refused.german,
            english: refused.english,
        }
    }
}

//! What teachers who asked are told by mail.

use std::time::Duration;

use crate::accounts::{self, NotInvited};
use crate::clock::Timestamp;
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::mail::{Field, Mailer, Message, Template, spoken};
use crate::store::{Database, KeptRequest, User};

/// The page on which a request is made, and looked at by what is behind the `#`.
pub const REQUEST_PAGE: &str = "request";
/// A request whose address nobody proves is deleted after this time.
pub const UNCONFIRMED: Duration = Duration::from_hours(24);
const SIGN_IN_PAGE: &str = "sign-in";

/// A mail that follows from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mail {
    /// Prove that the address is yours.
    ConfirmAddress {
        token: String,
    },
    /// Somebody asked for an account with your address, and you have one.
    HasAccount,
    /// There is an account now. The mail brings a one-time link for its first password.
    Accepted {
        user: Box<User>,
    },
    /// The school asks something; the link leads to the request.
    AskedBack {
        question: String,
        token: String,
    },
    Refused {
        reason: String,
    },
}

/// Leaves a mail about a request to be sent.
///
/// # Errors
/// Why it was not taken.
pub async fn send(
    store: &Database,
    mailer: &Mailer,
    now: Timestamp,
    request: &KeptRequest,
    mail: Mail,
) -> Result<(), NotInvited> {
    let language = Language::of_tag(&request.language);
    let name = (Field::Name, request.name.clone());
    let school = store.school(&request.school).await?;
    let school = (
        Field::School,
        school.map(|school| school.name).unwrap_or_default(),
    );
    let link = |token: &str| (Field::Link, mailer.link(REQUEST_PAGE, token));
    let (template, fields) = match mail {
        Mail::Accepted { user } => {
            return accounts::invite(store, mailer, now, &user, language).await;
        }
        Mail::ConfirmAddress { token } => {
            let valid = (Field::Valid, spoken(UNCONFIRMED, language));
            let fields = vec![name, school, link(&token), valid];
            (Template::TeacherConfirm, fields)
        }
        Mail::HasAccount => {
            let link = (Field::Link, mailer.page(SIGN_IN_PAGE));
            (Template::TeacherKnown, vec![school, link])
        }
        Mail::AskedBack { question, token } => {
            let fields = vec![name, school, (Field::Note, question), link(&token)];
            (Template::TeacherAsked, fields)
        }
        Mail::Refused { reason } => {
            let fields = vec![name, school, (Field::Note, reason)];
            (Template::TeacherRefused, fields)
        }
    };
    let to: EmailAddress = request.email.parse().map_err(|_| NotInvited::NoAddress)?;
    let message = Message {
        to,
        language,
        template,
        fields,
        school: Some(request.school.clone()),
        user: None,
    };
    Ok(mailer.send(store, now, message).await?)
}

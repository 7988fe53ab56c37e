//! Mails that this server sends. A mail is in the store before anyone tries to send it, sealed, so it outlives a restart and
//! nobody reads it there. It is tried with growing pauses for two days; what became of it is kept without its content.

mod letter;
mod sender;
mod smtp;
mod template;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::clock::{Timestamp, millis};
use crate::config::{Config, MailConfig, PublicUrl};
use crate::email_address::EmailAddress;
use crate::language::Language;
use crate::sealing::{NotOpened, Sealing};
use crate::store::{Database, KeptMail, MailState, StoreError};

pub use letter::html;
pub use sender::{check, run};
pub use smtp::TransportError;
pub use template::{
    Field, Paragraph, Parsed, Template, TemplateError, Written, examine, file_name, load,
    paragraphs, spoken,
};

/// Where links of previews lead.
pub const EXAMPLE_SERVER: &str = "https://meet.school.example";
/// Mails of one kind to one address in a day: whoever makes us write to somebody does not fill their mailbox.
pub const MAX_MAILS_TO_ADDRESS: u64 = 20;
const DAY: Duration = Duration::from_hours(24);
/// How long a mail that is shown is kept.
const SHOWN_KEPT: Duration = Duration::from_hours(7 * 24);

/// A mail that is to be written.
#[derive(Clone, Debug)]
pub struct Message {
    pub to: EmailAddress,
    pub language: Language,
    pub template: Template,
    pub fields: Vec<(Field, String)>,
    pub school: Option<String>,
    /// The id of the account that it is about: it goes with it.
    pub user: Option<String>,
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("no mail server is set; set KMZ_MEET_MAIL_URL and KMZ_MEET_MAIL_FROM")]
    NoMailServer,
    #[error("many mails went to this address today already; try again tomorrow")]
    TooMany,
    #[error("the template {0} cannot be used: {1}")]
    Template(String, TemplateError),
    #[error("the field {0} of a mail is missing, or no link of this server")]
    Field(&'static str),
    #[error(transparent)]
    Sealing(#[from] NotOpened),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is sealed of a mail.
#[derive(Serialize, Deserialize)]
struct Content {
    language: String,
    subject: String,
    text: String,
}

/// A mail as it is shown in a demo.
#[derive(Clone, Debug)]
pub struct ShownMail {
    pub kept: KeptMail,
    pub written: Written,
}

/// Writes mails and leaves them to be sent.
pub struct Mailer {
    route: Option<MailConfig>,
    data_dir: PathBuf,
    public_url: PublicUrl,
    contact: Option<String>,
    sealing: Sealing,
    /// Notified when there is something to send.
    notify: Notify,
}

impl Mailer {
    /// As the operator set it; `key` seals mails that wait.
    ///
    /// # Errors
    /// When the key is none.
    pub fn new(config: &Config, public_url: PublicUrl, key: &[u8; 32]) -> Result<Self, NotOpened> {
        Ok(Self {
            route: config.mail.clone(),
            data_dir: config.data_dir.clone(),
            public_url,
            contact: config.contact.clone(),
            sealing: Sealing::new(key)?,
            notify: Notify::new(),
        })
    }

    /// Whether mails leave this server, or are shown.
    pub fn is_set_up(&self) -> bool {
        self.route.is_some()
    }

    /// Whether mails are shown to everybody instead of being sent.
    pub fn is_shown(&self) -> bool {
        self.route == Some(MailConfig::Show)
    }

    /// There may be something to send.
    pub fn wake(&self) {
        self.notify.notify_one();
    }

    /// Writes a mail and leaves it to be sent.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(
        &self,
        store: &Database,
        now: Timestamp,
        message: Message,
    ) -> Result<(), NotTaken> {
        let mail = self.prepare(store, now, message).await?;
        store.add_mail(&mail).await?;
        self.wake();
        Ok(())
    }

    /// Writes a mail without leaving it: the caller adds it together with something else, and then calls [`Self::wake`].
    ///
    /// # Errors
    /// Why it cannot be written, or that the address got many today.
    pub async fn prepare(
        &self,
        store: &Database,
        now: Timestamp,
        message: Message,
    ) -> Result<KeptMail, NotTaken> {
        if !self.is_set_up() {
            return Err(NotTaken::NoMailServer);
        }
        let recipient = message.to.to_string();
        if message.template.is_limited() {
            // Each kind by itself: what strangers ask for keeps nobody from what their school sends.
            let kind = message.template.name();
            let since = now - millis(DAY);
            if store.mails_to(&recipient, kind, since).await? >= MAX_MAILS_TO_ADDRESS {
                return Err(NotTaken::TooMany);
            }
        }
        let written = self.write(&message)?;
        let id = uuid::Uuid::now_v7().to_string();
        let content = Content {
            language: message.language.tag().to_owned(),
            subject: written.subject,
            text: written.text,
        };
        let json = serde_json::to_vec(&content).map_err(|_| NotOpened)?;
        let content = self.sealing.seal(&about(&id), &json)?;
        let is_shown = self.is_shown();
        Ok(KeptMail {
            content: Some(content),
            id,
            school: message.school,
            user: message.user,
            kind: message.template.name().to_owned(),
            recipient,
            urgency: i64::from(message.template.is_urgent()),
            state: if is_shown {
                MailState::Shown
            } else {
                MailState::Waiting
            },
            attempts: 0,
            last_status: None,
            last_error: None,
            last_at: None,
            due_at: (!is_shown).then_some(now),
            created_at: now,
            expires_at: is_shown.then(|| now + millis(SHOWN_KEPT)),
        })
    }

    fn write(&self, message: &Message) -> Result<Written, NotTaken> {
        let template = message.template;
        for field in template.fields() {
            let given = self.value(message, *field);
            let fits = match field {
                Field::Link => self.is_own_link(&given),
                _ => !given.is_empty(),
            };
            if !fits {
                return Err(NotTaken::Field(field.name()));
            }
        }
        let loaded = load(&self.data_dir, template, message.language)
            .map_err(|error| NotTaken::Template(file_name(template, message.language), error))?;
        Ok(loaded.parsed.write(|field| self.value(message, field)))
    }

    fn value(&self, message: &Message, field: Field) -> String {
        let given = || {
            let given = message.fields.iter().find(|(name, _)| *name == field);
            given.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let one_line = |text: &str| text.chars().filter(|char| !char.is_control()).collect();
        match field {
            Field::Server => self.host().to_owned(),
            Field::Contact => match &self.contact {
                Some(contact) => one_line(contact),
                None => message
                    .language
                    .say(
                        "die Administration deiner Schule",
                        "the administration of your school",
                    )
                    .to_owned(),
            },
            // Chosen by people, perhaps by those who want to tell others something in our name.
            Field::Name | Field::School => template::harmless(given()),
            Field::Note => template::harmless_note(given()),
            Field::Username | Field::Link | Field::Valid | Field::Address | Field::LastDay => {
                one_line(given())
            }
        }
    }

    fn host(&self) -> &str {
        let url = self.public_url.as_str();
        url.split_once("://").map_or(url, |(_, host)| host)
    }

    fn is_own_link(&self, link: &str) -> bool {
        let rest = link.strip_prefix(self.public_url.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The address of a page of this server.
    pub fn page(&self, page: &str) -> String {
        format!("{}/{page}", self.public_url)
    }

    /// The same with a token; what is behind the `#` reaches no server and no log.
    pub fn link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}#{token}", self.public_url)
    }

    /// What a mail says, while it is there.
    ///
    /// # Errors
    /// When it cannot be opened with the key of this server.
    pub fn open(&self, mail: &KeptMail) -> Result<Option<(Language, Written)>, NotOpened> {
        let Some(content) = &mail.content else {
            return Ok(None);
        };
        let json = self.sealing.open(&about(&mail.id), content)?;
        let content: Content = serde_json::from_slice(&json).map_err(|_| NotOpened)?;
        let language = Language::of_tag(&content.language);
        let written = Written {
            subject: content.subject,
            text: content.text,
        };
        Ok(Some((language, written)))
    }

    /// The newest mails that are shown instead of being sent; none where mails are sent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_shown(
        &self,
        store: &Database,
        limit: u64,
    ) -> Result<Vec<ShownMail>, StoreError> {
        if !self.is_shown() {
            return Ok(Vec::new());
        }
        let newest = crate::store::RecordFilter {
            newest_first: true,
            limit,
            ..Default::default()
        };
        let mails = store.mails(newest).await?;
        let shown = mails.into_iter().filter_map(|kept| {
            let (_, written) = self.open(&kept).ok()??;
            Some(ShownMail { kept, written })
        });
        Ok(shown.collect())
    }

    /// How a text of an operator would look, or ours where there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn preview(
        &self,
        template: Template,
        language: Language,
        text: Option<&str>,
    ) -> Result<Written, TemplateError> {
        let parsed = match text {
            Some(text) => Parsed::of(template, text)?,
            None => load(&self.data_dir, template, language)?.parsed,
        };
        Ok(parsed.preview(language))
    }

    /// Where the operator's templates are.
    pub fn data_dir(&self) -> &std::path::Path {
        &self.data_dir
    }
}

/// What a sealed content belongs to.
fn about(id: &str) -> String {
    format!("mail {id}")
}

/// The parts of a sender, shared with the task that runs it.
pub type SharedMailer = Arc<Mailer>;

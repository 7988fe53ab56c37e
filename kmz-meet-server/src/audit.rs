//! What administrators did: one line for each action, by one function. It has no contents, no secrets and no person it was
//! done to; only ids.

use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::store::{AuditEntry, Database, StoreError};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, with the name that they have now.
    Account { id: String, name: String },
    /// A program with a key.
    Key { id: String },
    /// An operator at the server's own command line.
    CommandLine,
}

impl Actor {
    fn parts(&self) -> (&'static str, &str, &str) {
        match self {
            Self::Account { id, name } => ("account", id, name),
            Self::Key { id } => ("key", id, ""),
            Self::CommandLine => ("command_line", "", ""),
        }
    }

    /// As rows of other tables name them.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Account { id, .. } => user_label(id),
            Self::Key { id } => key_label(id),
            Self::CommandLine => "command line".to_owned(),
        }
    }
}

/// An account, as rows of other tables name it.
pub(crate) fn user_label(id: &str) -> String {
    format!("user {id}")
}

/// The same of an API key.
pub(crate) fn key_label(id: &str) -> String {
    format!("key {id}")
}

macro_rules! actions {
    ($($name:ident, $code:tt;)+) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ToSchema)]
        #[schema(as = AuditAction)]
        pub enum Action {
            $(#[serde(rename = $code)] $name),+
        }

        impl Action {
            /// As in the database and in the API.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code),+
                }
            }
        }
    };
}

actions! {
    SchoolChanged, "school.changed";
    KeyMade, "key.made";
    KeyDeleted, "key.deleted";
    WebhookMade, "webhook.made";
    WebhookChanged, "webhook.changed";
    WebhookDeleted, "webhook.deleted";
    BbbSecretMade, "bbb_secret.made";
    BbbSecretDeleted, "bbb_secret.deleted";
    JitsiAppMade, "jitsi_app.made";
    JitsiAppDeleted, "jitsi_app.deleted";
    PlatformInvited, "platform.invited";
    PlatformMade, "platform.made";
    PlatformApproved, "platform.approved";
    PlatformLocked, "platform.locked";
    PlatformChanged, "platform.changed";
    PlatformDeleted, "platform.deleted";
    SubstitutePassMade, "substitute_pass.made";
    SubstitutePassRevoked, "substitute_pass.revoked";
    ClassListChanged, "class_list.changed";
    PupilCardsPrinted, "pupil_cards.printed";
    PupilCardsRenewed, "pupil_cards.renewed";
    PupilCardsWithdrawn, "pupil_cards.withdrawn";
    NoticeMade, "notice.made";
    NoticeChanged, "notice.changed";
    NoticeDeleted, "notice.deleted";
    TeacherExported, "teacher.exported";
    TeacherRemoved, "teacher.removed";
    TeacherMade, "teacher.made";
    TeacherRoleChanged, "teacher.role_changed";
    TeacherLinked, "teacher.linked";
    TeacherLocked, "teacher.locked";
    TeacherUnlocked, "teacher.unlocked";
    PasswordReset, "password.reset";
    SessionsEnded, "sessions.ended";
    SecondFactorRemoved, "second_factor.removed";
    SchoolMade, "school.made";
    ContractRequested, "contract.requested";
    ContractFormSent, "contract.form_sent";
    ContractSigned, "contract.signed";
    ContractEnded, "contract.ended";
    ContractDocumentStored, "contract_document.stored";
    ContractDocumentRead, "contract_document.read";
    ProviderMade, "provider.made";
    ProviderChanged, "provider.changed";
    ProviderDeleted, "provider.deleted";
    ProviderUnlinked, "provider.unlinked";
    ImportMade, "import.made";
    ImportConfirmed, "import.confirmed";
    ImportUndone, "import.undone";
    ImportDeleted, "import.deleted";
    ImportLetters, "import.letters";
    ImportMails, "import.mails";
    RequestProofRead, "request.proof_read";
    RequestAccepted, "request.accepted";
    RequestAskedBack, "request.asked_back";
    RequestRefused, "request.refused";
    DropInvited, "drop.invited";
    DropClosed, "drop.closed";
    OperatorKeyMade, "operator_key.made";
    OperatorKeyChanged, "operator_key.changed";
    OperatorKeyDeleted, "operator_key.deleted";
}

/// Writes a line: `by` did `action` in this school (`None`: in the whole service) to what has the id `target`.
///
/// # Errors
/// When the store fails.
pub async fn note(
    store: &Database,
    now: Timestamp,
    by: &Actor,
    school: Option<&str>,
    what: (Action, &str),
) -> Result<(), StoreError> {
    store.add_audit_entry(&entry(now, by, school, what)).await
}

/// The same line, for whoever writes it together with what was done: both, or none.
#[must_use]
pub fn entry(
    now: Timestamp,
    by: &Actor,
    school: Option<&str>,
    (action, target): (Action, &str),
) -> AuditEntry {
    let (kind, id, name) = by.parts();
    AuditEntry {
        id: Uuid::now_v7().to_string(),
        created_at: now,
        school: school.map(str::to_owned),
        actor_kind: kind.to_owned(),
        actor_id: id.to_owned(),
        actor_name: name.to_owned(),
        action: action.as_str().to_owned(),
        target: target.to_owned(),
    }
}

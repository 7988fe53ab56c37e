//! What making the demo reaches, and why it fails.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use lti_bridge::Bridge;

use crate::accounts::NotInvited;
use crate::clock::Clock;
use crate::config::{Config, PublicUrl};
use crate::contracts::{NotChanged, NotKept, Vault};
use crate::credentials::api_key::KeyNotMade;
use crate::credentials::{ApiTokens, BbbSecrets, Passwords};
use crate::mail::SharedMailer;
use crate::pdf::PdfError;
use crate::state::sub_state;
use crate::store::{SharedStore, StoreError};
use crate::teacher_requests::{Refused, TeacherRequests};

sub_state! {
    /// What making the demo reaches of the server.
    pub struct DemoParts {
        config: Arc<Config>,
        public_url: PublicUrl,
        clock: Arc<dyn Clock>,
        store: SharedStore,
        api_tokens: Arc<ApiTokens>,
        bbb_secrets: Arc<BbbSecrets>,
        lti: Arc<Bridge>,
        passwords: Arc<Passwords>,
        contract_vault: Arc<Vault>,
        teacher_requests: Arc<TeacherRequests>,
        mailer: SharedMailer,
    }
}

/// Why the demo cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("{path} cannot be used: {source}; delete it and a new one is made", path = .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the demo cannot be made: {0}")]
    Store(#[from] StoreError),
    #[error(
        "the demo's school has no contract any more; delete the data directory and a new demo is made"
    )]
    NoContract,
    #[error("the demo's room was made by somebody else meanwhile; start again")]
    RoomTaken,
    #[error("a school of the demo was made by somebody else meanwhile; start again")]
    SchoolTaken,
    #[error("the demo cannot be made: the clock of this machine is far off")]
    Clock,
    #[error("the demo cannot be made: its list of teachers cannot be encrypted")]
    Sealing,
    #[error("the demo cannot be made: {0}")]
    Contract(#[from] NotChanged),
    #[error("the demo cannot be made: {0}")]
    Document(#[from] NotKept),
    #[error("the demo cannot be made: {0}")]
    Paper(#[from] PdfError),
    #[error("the demo cannot be made: {0}")]
    Request(#[from] Refused),
    #[error("the demo cannot be made: {0}")]
    Mail(#[from] NotInvited),
    #[error("the demo cannot be made: {0}")]
    Password(#[from] crate::credentials::HashError),
    #[error(transparent)]
    Key(#[from] KeyNotMade),
}
